# cython: boundscheck=False, wraparound=False
"""The CPU's loads and stores: flash and RAM by pointer, what is slower through the chip.

The same results and the same cycles as `RP2040.read_uint32` and its siblings, which hand byte
views about and are called through Python's rules of overriding. Little-endian hosts only, as
the chip is.
"""

from rp2040py.native._rp2040 cimport RP2040

cdef enum:
    XIP = 0x10  # the top byte of addresses in the window through the cache
    RAM = 0x20000000
    RAM_SIZE = 264 * 1024
    SIO = 0xD0000000


cdef inline void touch(RP2040 chip, unsigned int addr) noexcept:
    """Count a miss of the flash cache, if it is one."""
    cdef unsigned int line = (addr & 0x00FFFFFF) >> 3
    cdef unsigned int* ways = &chip._xip_tags[2 * (line & 1023)]
    if ways[0] != line + 1 and ways[1] != line + 1:
        chip._xip(addr)


cdef inline unsigned int load32(RP2040 chip, unsigned int addr) except? 0:
    if addr & 3 == 0:
        if addr >> 24 == XIP:
            touch(chip, addr)
            return (<unsigned int*> (chip.flash_bytes + (addr & 0x00FFFFFF)))[0]
        if addr - <unsigned int> RAM < RAM_SIZE:
            return (<unsigned int*> (chip.sram_bytes + (addr - <unsigned int> RAM)))[0]
        if chip.is_quick_sio(addr - <unsigned int> SIO):
            return chip.sio_read(addr - <unsigned int> SIO)
    return chip.read_uint32(addr)


cdef inline unsigned int load16(RP2040 chip, unsigned int addr) except? 0:
    if addr & 1 == 0:
        if addr >> 24 == XIP:
            touch(chip, addr)
            return (<unsigned short*> (chip.flash_bytes + (addr & 0x00FFFFFF)))[0]
        if addr - <unsigned int> RAM < RAM_SIZE:
            return (<unsigned short*> (chip.sram_bytes + (addr - <unsigned int> RAM)))[0]
    return chip.read_uint16(addr)


cdef inline unsigned int load8(RP2040 chip, unsigned int addr) except? 0:
    if addr >> 24 == XIP:
        touch(chip, addr)
        return chip.flash_bytes[addr & 0x00FFFFFF]
    if addr - <unsigned int> RAM < RAM_SIZE:
        return chip.sram_bytes[addr - <unsigned int> RAM]
    return chip.read_uint8(addr)


cdef inline int store32(RP2040 chip, unsigned int addr, unsigned int value) except -1:
    if addr & 3 == 0:
        if addr - <unsigned int> RAM < RAM_SIZE:
            (<unsigned int*> (chip.sram_bytes + (addr - <unsigned int> RAM)))[0] = value
            return 0
        if chip.is_quick_sio(addr - <unsigned int> SIO):
            chip.sio_write(addr - <unsigned int> SIO, value)
            return 0
    chip.write_uint32(addr, value)
    return 0


cdef inline int store16(RP2040 chip, unsigned int addr, unsigned int value) except -1:
    if addr & 1 == 0 and addr - <unsigned int> RAM < RAM_SIZE:
        (<unsigned short*> (chip.sram_bytes + (addr - <unsigned int> RAM)))[0] = value
    else:
        chip.write_uint16(addr, value)
    return 0


cdef inline int store8(RP2040 chip, unsigned int addr, unsigned int value) except -1:
    if addr - <unsigned int> RAM < RAM_SIZE:
        chip.sram_bytes[addr - <unsigned int> RAM] = value
    else:
        chip.write_uint8(addr, value)
    return 0
