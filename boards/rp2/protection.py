"""Two PIO state machines that own LATCH_CLR: a fault clears the latch without the CPU.

Each watches one fault pin and raises the line two cycles after the pin's two-stage
synchroniser. They are set up through registers, since `rp2.StateMachine` ends at a soft reset;
these go on through garbage collection, flash erases, exceptions and a soft reset, and end with
a reset of the chip. RP2040 data sheet, sections 3.4 to 3.7.
"""

from board import PINS
from machine import Pin, mem32
from micropython import const

_PIO1 = const(0x50300000)
_RESETS_CLEAR = const(0x4000F000)  # writes clear bits of RESETS_RESET
_RESETS_DONE = const(0x4000C008)
_RESET_PIO1 = const(1 << 11)
_IO_BANK0 = const(0x40014000)
_FUNCTION_PIO1 = const(7)

_CTRL = const(0x00)
_INSTR_MEM0 = const(0x48)
_SM0 = const(0xC8)
_SM_STRIDE = const(0x18)
_CLKDIV = const(0x00)
_EXECCTRL = const(0x04)
_ADDR = const(0x0C)
_INSTR = const(0x10)
_PINCTRL = const(0x14)

_CLR = PINS["LATCH_CLR"]
_FAULTS = (PINS["EF_FLT_N"], PINS["LOC_ALERT_N"])
_BOTH = const(0b11)  # state machines 0 and 1

# Wrapped round nothing: each part ends in a loop of its own.
_WATCH = const(0)
_TRIPPED = const(3)
_CLEARED = const(4)
_PROGRAM = (
    0xE000,  # 0: set pins, 0
    0x2020,  # 1: wait 0 pin, 0
    0xE001,  # 2: set pins, 1
    0x0003,  # 3: jmp 3
    0x0004,  # 4: jmp 4     the firmware itself cleared the latch
)
_SET_HIGH = const(0xE001)
_SET_OUTPUT = const(0xE081)  # set pindirs, 1
_LIMIT = 1000  # looks at a register that changes within a few cycles


def _register(machine: int, name: int) -> int:
    return _PIO1 + _SM0 + _SM_STRIDE * machine + name


def is_set_up() -> bool:
    """Whether the line belongs to the state machines: since the first arm() after a reset."""
    if mem32[_IO_BANK0 + 8 * _CLR + 4] & 0x1F != _FUNCTION_PIO1:
        return False
    return mem32[_PIO1 + _CTRL] & _BOTH == _BOTH


def _set_up() -> None:
    mem32[_RESETS_CLEAR] = _RESET_PIO1
    for _ in range(_LIMIT):
        if mem32[_RESETS_DONE] & _RESET_PIO1:
            break
    for i, word in enumerate(_PROGRAM):
        mem32[_PIO1 + _INSTR_MEM0 + 4 * i] = word
    for machine, pin in enumerate(_FAULTS):
        Pin(pin, Pin.IN)  # its input must be on: what reads low is a fault
        mem32[_register(machine, _CLKDIV)] = 1 << 16
        mem32[_register(machine, _EXECCTRL)] = 31 << 12  # wrap at the very end
        mem32[_register(machine, _PINCTRL)] = 1 << 26 | pin << 15 | _CLR << 5
        mem32[_register(machine, _INSTR)] = _SET_OUTPUT


def resume() -> None:
    """At the start: watch again after a reset of the chip; what survived a soft one goes on."""
    if not is_set_up():
        arm()


def arm() -> None:
    """Let go of LATCH_CLR and watch EF_FLT_N and LOC_ALERT_N from now on."""
    if not is_set_up():
        _set_up()
    mem32[_PIO1 + _CTRL] = _BOTH << 4  # stop; SM_RESTART ends a wait that is under way
    for machine in range(len(_FAULTS)):
        mem32[_register(machine, _INSTR)] = _WATCH  # jmp
    mem32[_PIO1 + _CTRL] = _BOTH | _BOTH << 8  # together, with their dividers in step
    mem32[_IO_BANK0 + 8 * _CLR + 4] = _FUNCTION_PIO1


def clear() -> None:
    """Raise LATCH_CLR: the rail goes off. It stays high until armed again."""
    if not is_set_up():
        arm()
    mem32[_register(0, _INSTR)] = _SET_HIGH
    for machine in range(len(_FAULTS)):
        mem32[_register(machine, _INSTR)] = _CLEARED  # jmp


def tripped() -> bool:
    """Whether a fault pin, not the firmware, raised LATCH_CLR since the last arm()."""
    if not is_set_up():
        return False
    for machine in range(len(_FAULTS)):
        if mem32[_register(machine, _ADDR)] & 0x1F in (2, _TRIPPED):
            return True
    return False
