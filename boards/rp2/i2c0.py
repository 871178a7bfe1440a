"""What of the block I2C0 machine.I2CTarget leaves to us. RP2040 data sheet, section 4.3.17.

Addresses of registers are no small integers: as objects they would be allocated, so only viper
code handles them.
"""

import micropython
from micropython import const

_INTR_MASK_CLEAR = const(0x3030)  # clears the bits of IC_INTR_MASK that are written
_RX_TL = const(0x38)
_ENABLE = const(0x6C)
_STATUS = const(0x70)
_ACK_GENERAL_CALL = const(0x98)

_UNUSED = const(1 << 6 | 1 << 7 | 1 << 10)  # interrupts: TX_ABRT, RX_DONE, START_DET
_SLV_ACTIVITY = const(1 << 6)  # of IC_STATUS
_OPEN = const(1 << 6 | 1 << 3)  # SLV_ACTIVITY, or RFNE: the receive FIFO is not empty


@micropython.viper
def refuse_general_calls():
    ptr32(0x40044000)[_ACK_GENERAL_CALL >> 2] = 0  # noqa: F821 - viper's own type


@micropython.viper
def narrow(level: int):
    """No interrupts for other targets' traffic, flushes, and the request after the controller's
    last NACK; RX_FULL when more than `level` bytes have come."""
    block = ptr32(0x40044000)  # noqa: F821
    block[_RX_TL >> 2] = level
    block[_INTR_MASK_CLEAR >> 2] = _UNUSED


@micropython.viper
def is_addressed() -> bool:
    return bool(ptr32(0x40044000)[_STATUS >> 2] & _SLV_ACTIVITY)  # noqa: F821


@micropython.viper
def leave(engine_state: object) -> bool:
    """Disable the block unless it is addressed just now; whether it is off.

    A write whose last interrupt is pending has been acknowledged, so it is handed on first.
    Look and act are a few cycles apart: an address that comes to its end between them would be
    acknowledged, and its transaction cut short.
    """
    block = ptr32(0x40044000)  # noqa: F821
    if ptr32(engine_state)[0] == 1 or block[_STATUS >> 2] & _OPEN:  # noqa: F821
        return False
    block[_ENABLE >> 2] = 0
    return True


@micropython.viper
def _word(address: int) -> int:
    return ptr32(address)[0]  # noqa: F821


def flags_of(irq: object, events: int) -> int:
    """Where the driver keeps the events of an interrupt: irq.flags() without the call.

    machine_i2c_target_irq_obj_t: five words of mp_irq_obj_t, flags, trigger (MicroPython 1.26,
    extmod/machine_i2c_target.c). RuntimeError where it is laid out otherwise.
    """
    at = id(irq)
    if _word(at + 24) != events:
        raise RuntimeError("machine.I2CTarget is not laid out as it was in MicroPython 1.26")
    return at + 20
