# The firmware room: the wire's reference page, fuzzing, and programs that others wrote.

GEN += command-tables protocol-page power-page settings-bounds
GEN_CHECK += command-tables-check protocol-page-check power-page-check settings-bounds-check
SOAK += fuzz-wire

.PHONY: command-tables command-tables-check
command-tables: setup ## Write firmware/racklet_wire/tables.py from the command table
	@$(BIN)/python docs/generate/command_tables.py

command-tables-check: setup ## Fail when firmware/racklet_wire/tables.py is stale
	@$(BIN)/python docs/generate/command_tables.py --check

.PHONY: settings-bounds settings-bounds-check
settings-bounds: setup ## Write services/settings_bounds.py from the table of settings
	@$(BIN)/python docs/generate/settings_bounds.py

settings-bounds-check: setup ## Fail when services/settings_bounds.py is stale
	@$(BIN)/python docs/generate/settings_bounds.py --check

.PHONY: protocol-page protocol-page-check fuzz-wire
protocol-page: setup ## Write docs/reference/protocol.md from the command table
	@$(BIN)/python docs/generate/protocol_page.py

protocol-page-check: setup ## Fail when docs/reference/protocol.md is stale
	@$(BIN)/python docs/generate/protocol_page.py --check

.PHONY: power-page power-page-check
power-page: setup ## Write docs/reference/power.md from the sequencer's table and the settings
	@$(BIN)/python docs/generate/power_page.py

power-page-check: setup ## Fail when docs/reference/power.md is stale
	@$(BIN)/python docs/generate/power_page.py --check

fuzz-wire: setup ## 1,000,000 malformed transactions (FUZZ_COUNT, FUZZ_SEED)
	@cd firmware && ../$(BIN)/python -m tests.target.fuzz $(or $(FUZZ_COUNT),1000000) $(FUZZ_SEED)

SOAK += soak-images

.PHONY: soak-images
soak-images: setup ## Power cuts at every flash operation of every life of an image, and at every byte
	@RACKLET_SOAK=1 $(BIN)/pytest -q -rP -n auto firmware/tests/images/test_power_cuts.py \
	  hil_tests/test_image_cuts.py

HEAVY += image-cuts

.PHONY: image-cuts
image-cuts: setup ## A slice of soak-images: power cuts in the lives of images, with a fixed seed
	@RACKLET_CUT_STRIDE=4 $(BIN)/pytest -q -n auto firmware/tests/images/test_power_cuts.py \
	  hil_tests/test_image_cuts.py

HEAVY += suit-check
SUIT_TESTS := firmware/tests/images
SUIT_ENV := $(call env_of,suit-check,$(SUIT_TESTS)/cwt.txt)
SUIT_KEY = d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a

$(SUIT_ENV)/.ready:
	@rm -rf $(SUIT_ENV)
	@$(PYTHON) -m venv $(SUIT_ENV)
	@$(SUIT_ENV)/bin/pip install --quiet --disable-pip-version-check --no-deps -r $(SUIT_TESTS)/cwt.txt
	@touch $@

.PHONY: suit-check
suit-check: setup $(SUIT_ENV)/.ready ## Check signed envelopes with libraries of others (cwt, cbor2)
	@for vector in $(SUIT_TESTS)/vectors/*.suit; do \
	  $(SUIT_ENV)/bin/python $(SUIT_TESTS)/check_with_cwt.py $$vector $(SUIT_KEY) || exit 1; done
	@mkdir -p build && key=$$($(BIN)/python $(SUIT_TESTS)/sign_fresh.py build/fresh.suit) && \
	  $(SUIT_ENV)/bin/python $(SUIT_TESTS)/check_with_cwt.py build/fresh.suit $$key

SOAK += fuzz-rack
.PHONY: fuzz-rack
fuzz-rack: setup ## Malformed transactions against the firmware on the virtual rack
	@RACKLET_FUZZ=$(or $(FUZZ_COUNT),200000) $(BIN)/pytest -q hil_tests/test_hostile_bus.py

SOAK += energy-life
.PHONY: energy-life
energy-life: setup ## A month of energy totals over the plant, with everything that can happen
	@ENERGY_DAYS=$(or $(ENERGY_DAYS),30) ENERGY_LIVES=2 \
	  $(BIN)/pytest -q -n 2 firmware/tests/metering -k long_life
