# The firmware room: the wire's reference page, fuzzing, and programs that others wrote.

GEN += protocol-page
GEN_CHECK += protocol-page-check
HEAVY += protocol-page-check
SOAK += fuzz-wire

.PHONY: protocol-page protocol-page-check fuzz-wire
protocol-page: setup ## Write docs/reference/protocol.md from the command table
	@$(BIN)/python docs/generate/protocol_page.py

protocol-page-check: setup ## Fail when docs/reference/protocol.md is stale
	@$(BIN)/python docs/generate/protocol_page.py --check

fuzz-wire: setup ## 1,000,000 malformed transactions (FUZZ_COUNT, FUZZ_SEED)
	@cd firmware && ../$(BIN)/python -m tests.target.fuzz $(or $(FUZZ_COUNT),1000000) $(FUZZ_SEED)

SOAK += soak-images

.PHONY: soak-images
soak-images: setup ## Power cuts at every flash operation of every life of an image, finely torn
	@RACKLET_SOAK=1 $(BIN)/pytest -q firmware/tests/images/test_power_cuts.py
