// Two sizes cut the flash as FLASH in board.py says: "storage" is everything from the first
// ring to the end of the chip (rp2.Flash()); the ROMFS segment lies right below it.
#define MICROPY_HW_BOARD_NAME                   "Racklet BMC on a Pico"
#define MICROPY_HW_FLASH_STORAGE_BYTES          (896 * 1024)
#define MICROPY_HW_ROMFS_BYTES                  (512 * 1024)

#define MICROPY_HW_USB_MANUFACTURER_STRING      "Racklet"
#define MICROPY_HW_USB_PRODUCT_FS_STRING        "pico_breadboard"

// The waveform recorder's DMA writes into Python's heap (boards/rp2/recorder.py): stop the ADC
// that feeds it, ADC_CS, before a soft reset makes the heap anew.
#define MICROPY_BOARD_START_SOFT_RESET()        (*(volatile uint32_t *)0x4004C000 = 0)

// Each of a hundred modules would keep the name of its file in RAM, which nobody asks for.
#define MICROPY_PY___FILE__                     (0)
