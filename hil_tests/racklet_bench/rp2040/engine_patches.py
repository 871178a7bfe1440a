"""What is changed in rp2040py's Cython sources before they are compiled again.

Without effect on results: conditions of branches in C instead of Python, loads and stores by
pointer (`fast_bus.pxd`), the divider and the spin locks in C. New: misses of the XIP cache, the
cycles of exception entry and return, and the CPU standing still while the flash is busy.
"""

from typing import NamedTuple

# Exception entry and return with zero-wait memory: Cortex-M0+ TRM r0p1, section 3.3 and the
# number 15 that Arm publishes as its interrupt latency.
_ENTRY_CYCLES = 15
_RETURN_CYCLES = 12

_CORE = "native/_cortex_m0_core.pyx"
_CHIP = "native/_rp2040.pyx"


class Patch(NamedTuple):
    """Replace `old` by `new` where it stands, which must be `times` (0: at least once)."""

    file: str
    old: str
    new: str
    times: int = 1


_CONDITIONS = Patch(
    _CORE,
    "    return core.check_condition(cond)\n",
    """    cdef bint result
    cdef unsigned int base = cond >> 1
    if base == 0:
        result = core.z
    elif base == 1:
        result = core.c
    elif base == 2:
        result = core.n
    elif base == 3:
        result = core.v
    elif base == 4:
        result = core.c and not core.z
    elif base == 5:
        result = core.n == core.v
    elif base == 6:
        result = core.n == core.v and not core.z
    else:
        return True
    return result ^ (cond & 1)
""",
)

_CYCLES = (
    Patch(
        _CORE,
        "        self.cycles += delta_cycles\n        return delta_cycles\n",
        """        delta_cycles += self.rp2040.extra
        self.rp2040.extra = 0
        self.cycles += delta_cycles
        return delta_cycles
""",
    ),
    Patch(
        _CORE,
        "        # ExceptionTaken:\n",
        f"        self.rp2040.extra += {_ENTRY_CYCLES}\n",
    ),
    Patch(
        _CORE,
        "        # PopStack:\n",
        f"        self.rp2040.extra += {_RETURN_CYCLES}\n",
    ),
)

_CALLS = (
    Patch(
        _CORE, "        self.bl_taken = lambda core, blx: None\n", "        self.bl_taken = None\n"
    ),
    Patch(_CORE, "    core.bl_taken(core, False)\n", ""),
    Patch(_CORE, "    core.bl_taken(core, True)\n", ""),
    Patch("native/_cortex_m0_core.pxd", "unsigned int[:] registers", "unsigned int[::1] registers"),
    Patch(
        _CORE,
        "from rp2040py.native._bit cimport s32, u32\n",
        "from rp2040py.native._bit cimport s32, u32\n"
        "from rp2040py.native._fast_bus cimport load8, load16, load32, store8, store16, store32\n",
    ),
    *(
        Patch(_CORE, f"{owner}.rp2040.{verb}(", f"{quick}({owner}.rp2040, ", 0)
        for owner, verb, quick in (
            ("core", "read_uint8", "load8"),
            ("core", "read_uint16", "load16"),
            ("core", "read_uint32", "load32"),
            ("core", "write_uint8", "store8"),
            ("core", "write_uint16", "store16"),
            ("core", "write_uint32", "store32"),
            ("self", "read_uint16", "load16"),
            ("self", "read_uint32", "load32"),
            ("self", "write_uint32", "store32"),
        )
    ),
)

_FIELDS = Patch(
    "native/_rp2040.pxd",
    "    cdef dict __dict__\n",
    """    cdef dict __dict__
    cdef unsigned char* flash_bytes
    cdef unsigned char* sram_bytes
    cdef unsigned int _dividend, _divisor, _quotient, _remainder, _divider_csr, _spin_locks
    cdef bint is_quick_sio(self, unsigned int offset) noexcept
    cdef unsigned int sio_read(self, unsigned int offset) noexcept
    cdef void sio_write(self, unsigned int offset, unsigned int value) noexcept
    cdef public int extra            # cycles to add to the instruction under way
    cdef public long long stall      # cycles in which the CPU stands still, alarms and PIO do not
    cdef public int xip_miss         # cycles a miss of the XIP cache costs; 0 = no cache model
    cdef public long long xip_misses
    cdef unsigned int[2048] _xip_tags  # 2 ways of 1,024 lines of 8 bytes (data sheet 2.6.3)
    cdef unsigned char[1024] _xip_next
    cdef void _xip(self, unsigned int address) noexcept
    cpdef xip_flush(self)
""",
)

_BUFFERS = Patch(
    _CHIP,
    "        self.core = CortexM0Core(self)\n",
    """        self.flash_bytes = &self._flash[0]
        self.sram_bytes = &self._sram[0]
        self._divisor = 1
        self.core = CortexM0Core(self)
""",
)

_CACHE = (
    Patch(
        _CHIP,
        "    cpdef unsigned int read_uint32(self, long long address) except? 0:\n",
        """    cdef void _xip(self, unsigned int address) noexcept:
        cdef unsigned int line = (address & 0x00FFFFFF) >> 3
        cdef unsigned int index = line & 1023
        cdef unsigned int tag = line + 1
        if self.xip_miss == 0:
            return
        if self._xip_tags[2 * index] == tag or self._xip_tags[2 * index + 1] == tag:
            return
        self.xip_misses += 1
        self.extra += self.xip_miss
        if not address & 0x03000000:  # the other windows do not allocate
            self._xip_tags[2 * index + self._xip_next[index]] = tag
            self._xip_next[index] ^= 1

    cpdef xip_flush(self):
        cdef int i
        for i in range(2048):
            self._xip_tags[i] = 0

    cpdef unsigned int read_uint32(self, long long address) except? 0:
""",
    ),
    Patch(
        _CHIP,
        "            offset = addr & 0x00FFFFFF\n            return read_uint32_le",
        "            offset = addr & 0x00FFFFFF\n            self._xip(addr)\n"
        "            return read_uint32_le",
    ),
    Patch(
        _CHIP,
        "            offset = addr - FLASH_START\n            return read_uint16_le",
        "            offset = addr - FLASH_START\n            self._xip(addr)\n"
        "            return read_uint16_le",
    ),
    Patch(
        _CHIP,
        "            return self._flash[addr - FLASH_START]\n",
        "            self._xip(addr)\n            return self._flash[addr - FLASH_START]\n",
    ),
)

# RP2040 data sheet, sections 2.3.1.3 and 2.3.1.5.
_SIO = (
    Patch(
        _CHIP,
        "    def find_peripheral(self, address):\n",
        """    cdef bint is_quick_sio(self, unsigned int offset) noexcept:
        return (
            0x60 <= offset <= 0x78 or 0x100 <= offset <= 0x17C or offset == 0x5C or offset == 0
        )

    cdef unsigned int sio_read(self, unsigned int offset) noexcept:
        cdef unsigned int bit
        if offset == 0x60 or offset == 0x68:
            return self._dividend
        if offset == 0x64 or offset == 0x6C:
            return self._divisor
        if offset == 0x70:
            self._divider_csr &= 1  # no longer dirty
            return self._quotient
        if offset == 0x74:
            return self._remainder
        if offset == 0x78:
            return self._divider_csr
        if offset == 0:
            return 0  # CPUID: core 0
        if offset == 0x5C:
            return self._spin_locks
        bit = 1U << ((offset - 0x100) >> 2)
        if self._spin_locks & bit:
            return 0
        self._spin_locks |= bit
        return bit

    cdef void sio_write(self, unsigned int offset, unsigned int value) noexcept:
        if offset >= 0x100:
            self._spin_locks &= ~(1U << ((offset - 0x100) >> 2))
            return
        if offset == 0x60 or offset == 0x68:
            self._dividend = value
        elif offset == 0x64 or offset == 0x6C:
            self._divisor = value
        elif offset == 0x70:
            self._quotient = value
        elif offset == 0x74:
            self._remainder = value
        else:
            return
        self._divider_csr = 3
        if offset > 0x6C:
            return
        if self._divisor == 0:
            self._remainder = self._dividend
            self._quotient = 1 if offset >= 0x68 and <int> self._dividend < 0 else 0xFFFFFFFFU
        elif offset < 0x68:
            self._quotient = self._dividend // self._divisor
            self._remainder = self._dividend % self._divisor
        else:  # in 64 bits, since -2**31 / -1 does not fit
            self._quotient = <unsigned int> (
                <long long> <int> self._dividend // <long long> <int> self._divisor
            )
            self._remainder = <unsigned int> (
                <long long> <int> self._dividend % <long long> <int> self._divisor
            )

    def find_peripheral(self, address):
""",
    ),
    Patch(
        _CHIP,
        "            # int(): SIO's DIV_QUOTIENT can be a fractional JS number",
        "            if self.is_quick_sio(addr - SIO_START):\n"
        "                return self.sio_read(addr - SIO_START)\n"
        "            # int(): SIO's DIV_QUOTIENT can be a fractional JS number",
    ),
    Patch(
        _CHIP,
        "            self.sio.write_uint32(addr - SIO_START, value)\n",
        "            if self.is_quick_sio(addr - SIO_START):\n"
        "                self.sio_write(addr - SIO_START, val)\n"
        "            else:\n"
        "                self.sio.write_uint32(addr - SIO_START, value)\n",
    ),
    Patch(
        _CHIP,
        "            self.sio.reset()\n",
        "            self.sio.reset()\n            self._spin_locks = 0\n",
    ),
)

# A state machine in `jmp` to itself, without delay or side-set, is due again when somebody writes
# to the block (`pio.PioRegisters`): it took ten times as long as the CPU.
PARKED = 1 << 61
_PARKING = Patch(
    "native/_pio.pyx",
    "                machine.step()\n        self.recompute_due()\n",
    f"""                machine.step()
                if <unsigned int> self.instructions[machine.pc] == machine.pc:
                    machine.next_due_fp = {PARKED}
        self.recompute_due()
""",
)

PATCHES = (_CONDITIONS, *_CYCLES, *_CALLS, _FIELDS, _BUFFERS, *_CACHE, *_SIO, _PARKING)
