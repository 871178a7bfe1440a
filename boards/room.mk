# The chip's own images: what is flashed, checked and emulated.

export KEY PASSPHRASE_FILE SEQUENCE FACTORY

UF2 = $(BIN)/python -m racklet_uf2.

.PHONY: firmware image-check flash
firmware: setup ## Build UF2s into build/firmware/ (KEY, PASSPHRASE_FILE, SEQUENCE; MICROPYTHON=checkout)
	@$(UF2)build $(BOARD)
	@$(UF2)factory $(BOARD)

image-check: firmware ## Fail when a UF2 holds a test, a fake, or less than the manifest
	@$(UF2)image_check $(BOARD)

flash: setup ## Flash BOARD=... through PORT=/dev/ttyACM0, or in BOOTSEL; FACTORY=1: a new board; FILES=1: into RAM only
	@$(UF2)flash "$(BOARD)" $(PORT)

HEAVY += image-check
