# What MicroPython's build asks of a board. The flash chip is 2 MiB with the second stage of
# a W25Q080, as on the Raspberry Pi Pico.
set(PICO_BOARD "pico")
set(PICO_PLATFORM "rp2040")
