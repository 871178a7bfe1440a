# What MicroPython's build asks of every board here. The flash chip is 2 MiB with the second
# stage of a W25Q080, as on the Raspberry Pi Pico.
set(PICO_BOARD "pico")
set(PICO_PLATFORM "rp2040")
set(MICROPY_BOARD_LINKER_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/memory.ld)
add_link_options(-L${CMAKE_CURRENT_SOURCE_DIR}) # of MicroPython's own, which that includes

# mpy-tool.py of MicroPython 1.26.1 aligns frozen Thumb code to halfwords. But its compiler counts
# on words: long jumps and literals of 32 bits are `ldr rN, [pc, #0]`, which reads at a word, so
# that in every other build they go astray.
set_source_files_properties(${CMAKE_BINARY_DIR}/frozen_content.c PROPERTIES
  COMPILE_OPTIONS "-Daligned(n)=aligned((n) < 4 ? 4 : (n))")
