# The virtual rack, for people.

.PHONY: demo rack picture
demo: setup ## Play the main job on a virtual rack: a minute, no hardware
	@$(BIN)/racklet demo

rack: setup ## Run a virtual rack until Ctrl-C
	@$(BIN)/racklet rack

picture: setup ## Draw the README's picture anew, from the demo
	@$(BIN)/racklet demo --svg docs/images/demo.svg

.PHONY: gen-asm gen-asm-check
gen-asm: setup ## Write the firmware's ARM code (racklet_base/crypto/*_thumb.py)
	@$(BIN)/python -m racklet_asm

gen-asm-check: setup ## Fail when the ARM code is not what its generator writes
	@$(BIN)/python -m racklet_asm --check

GEN += gen-asm
GEN_CHECK += gen-asm-check

# Debian's i2c-tools and smbus2, unmodified, through `racklet i2c-run`.
HEAVY += i2c-programs
.PHONY: i2c-programs
i2c-programs: setup ## Run i2c-tools and smbus2 on a virtual rack (installs i2c-tools and gcc)
	@PATH="$$PATH:/usr/sbin"; command -v i2cdetect >/dev/null && command -v cc >/dev/null || \
	  { apt-get update -qq && apt-get install -y -qq i2c-tools gcc libc6-dev >/dev/null; }
	@$(BIN)/pytest -q host_tools/heavy/test_i2c_programs.py

HEAVY += wheel-check
.PHONY: wheel-check
wheel-check: setup ## Install the wheel elsewhere and run a rack from it
	@.ci/wheel_check.sh

HEAVY += reproduce
.PHONY: reproduce
reproduce: firmware ## Build a UF2 again from a checkout elsewhere: the same bytes?
	@$(BIN)/python -m racklet_uf2.reproduce pico_breadboard
