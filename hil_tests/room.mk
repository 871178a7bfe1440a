# The emulated RP2040: the built UF2, cycle by cycle, with the plant around it.

RP2040_READY := $(VENV)/.rp2040-ready

$(RP2040_READY): hil_tests/rp2040.txt $(wildcard hil_tests/racklet_bench/rp2040/engine*.py \
                 hil_tests/racklet_bench/rp2040/fast_*) | $(VENV)/.ready
	@# For the fast engine. Who cannot install it has the slow one, which says so.
	@{ command -v cc && test -e "$$($(BIN)/python -c \
	  'import sysconfig; print(sysconfig.get_path("include"))')/Python.h"; } >/dev/null || \
	  [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || \
	  { echo "installing a C compiler and Python's headers for the RP2040 bench"; apt-get update -qq && \
	  apt-get install -y -qq gcc libc6-dev python3-dev >/dev/null || true; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@$(BIN)/python -c 'import racklet_bench.rp2040'
	@touch $@

# The behaviour tests are those of every bench. Left out: what touches no bench and runs in
# `make test`. Of random life a slice; random-life-rp2040 has the five minutes. What is marked
# `long` runs in test-rp2040-all only.
RP2040_TESTS ?= hil_tests --lives 1 --life-s 10 $(addprefix --ignore hil_tests/,plant_tests \
  test_figures.py)

.PHONY: test-rp2040 test-rp2040-all
test-rp2040: image-check $(RP2040_READY) ## The behaviour tests and the chip's own on the emulated RP2040
	@$(BIN)/pytest -q -n auto $(RP2040_TESTS) --bench rp2040

SOAK += test-rp2040-all
test-rp2040-all: image-check $(RP2040_READY) ## test-rp2040 with what takes long there, a minute of each energy profile
	@ENERGY_S=60 $(BIN)/pytest -q -n auto $(RP2040_TESTS) --bench rp2040 --whole

HEAVY += test-rp2040

.PHONY: chip-figures
chip-figures: firmware $(RP2040_READY) ## Print the chip's figures: start, memory, messages, held clock
	@$(BIN)/python -m racklet_bench.rp2040.figures
	@$(BIN)/python -m racklet_bench.rp2040.bus_figures

FIGURES += racklet_bench.rp2040.figures racklet_bench.rp2040.bus_figures
FIGURES_NEED += firmware $(RP2040_READY)

FIGURES += racklet_bench.rp2040.flash_load

FIGURES += racklet_plant.figures

.PHONY: plant-figures
plant-figures: setup ## Print the plant's limits: power path, hold-up, error of the sensors
	@$(BIN)/python -m racklet_plant.figures

SOAK += plant-soak

.PHONY: plant-soak
plant-soak: setup ## Random hands on the plant alone, many lives instead of four
	@PLANT_LIVES=400 $(BIN)/pytest -q -n auto hil_tests/plant_tests/test_random_life.py

FIGURES += racklet_bench.rp2040.crypto_figures

.PHONY: crypto-figures
crypto-figures: firmware $(RP2040_READY) ## Print how long signatures take on the emulated RP2040
	@$(BIN)/python -m racklet_bench.rp2040.crypto_figures

.PHONY: power-figures
power-figures: firmware $(RP2040_READY) ## Print how fast protection and power sequence are on the chip
	@$(BIN)/python -m racklet_bench.rp2040.power_figures

FIGURES += racklet_bench.rp2040.power_figures

SOAK += random-life-rp2040
.PHONY: random-life-rp2040
random-life-rp2040: firmware $(RP2040_READY) ## Five minutes of random life on the emulated RP2040 (LIFE_S seconds)
	@$(BIN)/pytest -q hil_tests/test_random_life.py --bench rp2040 --lives 1 --life-s $(or $(LIFE_S),300)

SOAK += soak-power
.PHONY: soak-power
soak-power: setup ## Every fault, removal and reset at every state and step of the power sequence
	@RACKLET_SOAK=1 $(BIN)/pytest -q -n auto hil_tests/test_power_faults.py

SOAK += soak-power-rp2040
.PHONY: soak-power-rp2040
soak-power-rp2040: firmware $(RP2040_READY) ## soak-power on the emulated RP2040
	@RACKLET_SOAK=1 $(BIN)/pytest -q -n auto hil_tests/test_power_faults.py --bench rp2040 --whole

SOAK += power-cuts

.PHONY: power-cuts
power-cuts: firmware $(RP2040_READY) ## Power cuts at every flash operation of the emulated board
	@RACKLET_SOAK=1 $(BIN)/pytest -q -n auto hil_tests/chip_tests/test_power_cuts.py --bench rp2040

SOAK += random-life

.PHONY: random-life
random-life: setup ## A day of random life on the virtual rack (LIVES times LIFE_S seconds)
	@$(BIN)/pytest -q -n $(or $(JOBS),auto) hil_tests/test_random_life.py \
	  --life-s $(or $(LIFE_S),3600) --lives $(or $(LIVES),24)

FIGURES += racklet_bench.rp2040.waveform_figures

.PHONY: waveform-figures
waveform-figures: firmware $(RP2040_READY) ## Print what the waveform recorder takes from the chip's CPU
	@$(BIN)/python -m racklet_bench.rp2040.waveform_figures

FIGURES += racklet_bench.rp2040.transfer_figures

.PHONY: transfer-figures
transfer-figures: firmware $(RP2040_READY) ## Print how long an update takes on the emulated RP2040
	@$(BIN)/python -m racklet_bench.rp2040.transfer_figures

SOAK += soak-images-chip

.PHONY: soak-images-chip
soak-images-chip: firmware $(RP2040_READY) ## soak-images on the emulated RP2040: every flash operation, torn three ways, and every byte
	@RACKLET_SOAK=1 $(BIN)/pytest -q -rP -n auto --bench rp2040 hil_tests/chip_tests/test_image_cuts.py

FIGURES += racklet_bench.energy_figures

.PHONY: energy-figures
energy-figures: setup ## Print how far energy is off by load: as reported, and of the sensor itself
	@$(BIN)/python -m racklet_bench.energy_figures

FIGURES += racklet_bench.rp2040.energy_figures

.PHONY: sampling-figures
sampling-figures: firmware $(RP2040_READY) ## Print what sampling the sensors takes from the chip's CPU
	@$(BIN)/python -m racklet_bench.rp2040.energy_figures

.PHONY: chip-heap
chip-heap: firmware $(RP2040_READY) ## Print what the heap of the emulated chip holds after its start
	@$(BIN)/python -m racklet_bench.rp2040.heap
