# The chip's own images: what is flashed, checked and emulated.

UF2 = $(BIN)/python -m racklet_uf2.

.PHONY: firmware image-check flash
firmware: setup ## Build the UF2s into build/firmware/ (MICROPYTHON=checkout: from a clone)
	@$(UF2)build $(BOARD)

image-check: firmware ## Fail when a UF2 holds a test, a fake, or less than the manifest
	@$(UF2)image_check $(BOARD)

flash: setup ## Flash BOARD=... through PORT=/dev/ttyACM0, or a board held in BOOTSEL
	@$(UF2)flash "$(BOARD)" $(PORT)

HEAVY += image-check
