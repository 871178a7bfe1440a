"""The byte mover of the RP2040: feeds the target engine from the registers of I2C0.

`machine.I2CTarget` brings the interrupts. Of its events little is used, since each costs a call
into Python while the clock is held: what a controller writes stays in the receive FIFO, 16
deep, until a read, a STOP or the FIFO's level asks for it, and other targets' traffic raises
nothing. Register names and bits are those of the RP2040 data sheet, section 4.3.17.
"""

import micropython
from board import BUSES, PINS
from machine import I2CTarget, Pin
from micropython import const

# Offsets from I2C0_BASE. Addresses of registers are no small integers: as objects they would
# be allocated, so only viper code handles them.
_SET, _CLEAR = const(0x2000), const(0x3000)  # the block again: writes set or clear bits
_INTR_MASK, _RAW_INTR_STAT, _RX_TL = const(0x30), const(0x34), const(0x38)
_CLR_TX_ABRT, _CLR_STOP_DET, _CLR_RESTART_DET = const(0x54), const(0x60), const(0xA8)
_STATUS, _TXFLR, _TX_ABRT_SOURCE = const(0x70), const(0x74), const(0x80)

_RX_FULL, _TX_ABRT = const(1 << 2), const(1 << 6)
_STOP_DET, _START_DET, _RESTART_DET = const(1 << 9), const(1 << 10), const(1 << 12)
_SLV_ACTIVITY = const(1 << 6)

_FIFO = const(16)
_RX_LEVEL = const(7)  # RX_FULL from 8 bytes on: time for 8 more before the clock is held

_EVENTS = (
    I2CTarget.IRQ_ADDR_MATCH_WRITE
    | I2CTarget.IRQ_READ_REQ
    | I2CTarget.IRQ_WRITE_REQ
    | I2CTarget.IRQ_END_READ
    | I2CTarget.IRQ_END_WRITE
)


@micropython.viper
def _peek(offset: int) -> int:
    return ptr32(0x40044000)[offset >> 2]  # noqa: F821 - viper's own type


@micropython.viper
def _poke(offset: int, value: int):
    ptr32(0x40044000)[offset >> 2] = value  # noqa: F821


@micropython.viper
def _fill(reply: ptr8, size: int, at: int) -> int:  # noqa: F821 - viper's own type
    """Fill the transmit FIFO with reply[at:], then with 0xFF; how far that got."""
    i2c = ptr32(0x40044000)  # noqa: F821
    while i2c[0x70 >> 2] & 2:  # IC_STATUS.TFNF
        i2c[0x10 >> 2] = reply[at] if at < size else 0xFF
        at += 1
    ptr32(0x40046030)[0] = 0x20  # noqa: F821 - unmask RD_REQ, which the driver has masked
    return at


@micropython.viper
def _drain(received: ptr8) -> int:  # noqa: F821
    """Empty the receive FIFO; how many bytes, and from bit 8 on which began a message."""
    i2c = ptr32(0x40044000)  # noqa: F821
    n = 0
    first = 0
    while i2c[0x70 >> 2] & 8 and n < 16:  # IC_STATUS.RFNE
        word = i2c[0x10 >> 2]
        received[n] = word
        first |= (word >> 11 & 1) << n  # FIRST_DATA_BYTE
        n += 1
    ptr32(0x40046030)[0] = 4  # noqa: F821 - unmask RX_FULL
    return n | first << 8


class Mover:
    """The SMBus target block: on the bus after `attach`, NACK before it and after `detach`."""

    def __init__(self, engine: object, address: int) -> None:
        self._engine = engine
        self._address = address
        self._received = bytearray(_FIFO)
        self._one = bytearray(1)
        self._target = None
        # Without a mode, so that the block keeps the pads.
        self._lines = [Pin(PINS[BUSES["smbus"][line]]) for line in ("scl", "sda")]
        self._writing = False  # a message of the controller is open
        self._reading = False  # a reply is on its way
        self._at = 0  # bytes of it that went into the FIFO
        self._seen_stop = False  # the driver will report a STOP that has been dealt with

    def attach(self) -> None:
        bus = BUSES["smbus"]
        self._writing = self._reading = self._seen_stop = False
        self._target = target = I2CTarget(
            bus["id"], self._address, scl=Pin(PINS[bus["scl"]]), sda=Pin(PINS[bus["sda"]])
        )
        self._irq = target.irq(self._on_event, _EVENTS, hard=True)
        _poke(_RX_TL, _RX_LEVEL)
        _poke(_CLEAR + _INTR_MASK, _START_DET | _TX_ABRT)

    @property
    def is_attached(self) -> bool:
        return self._target is not None

    def detach(self) -> None:
        self._target.deinit()
        self._target = None
        self._engine.abort()

    def is_busy(self) -> bool:
        """Whether a transaction addresses us just now."""
        return bool(_peek(_STATUS) & _SLV_ACTIVITY)

    def is_bus_held(self) -> bool:
        """Whether SCL or SDA is low just now."""
        return not all(line.value() for line in self._lines)

    def reset(self) -> None:
        """Let go of a bus on which nothing moves any more."""
        self.detach()
        self.attach()

    # --- interrupt --------------------------------------------------------------------------

    def _on_event(self, _target: object) -> None:
        event = self._irq.flags()
        if event == I2CTarget.IRQ_READ_REQ:
            self._on_read_request()
            return
        self._take()
        if event == I2CTarget.IRQ_WRITE_REQ:
            return
        if self._seen_stop:
            self._seen_stop = event == I2CTarget.IRQ_ADDR_MATCH_WRITE  # an END follows it
            return
        if event == I2CTarget.IRQ_END_READ:
            self._end_read(_peek(_TXFLR))
        else:
            self._end_write(event)

    def _on_read_request(self) -> None:
        """The clock is held until the FIFO has data; or the controller's last NACK came."""
        raw = _peek(_RAW_INTR_STAT)
        if self._reading and not raw & (_RESTART_DET | _STOP_DET):
            if not raw & _TX_ABRT:
                reply = self._engine.reply
                self._at = _fill(reply, len(reply), self._at)
                return
            # That NACK, with bytes left in the FIFO: the block has thrown them away.
            self._end_read(_peek(_TX_ABRT_SOURCE) >> 23)
            self._rearm()
            return
        if self._reading:
            left = _peek(_TX_ABRT_SOURCE) >> 23 if raw & _TX_ABRT else 0
            self._end_read(left or _peek(_TXFLR))
        self._take()
        if self._writing:
            self._writing = False
            self._engine.on_end_write(not raw & _STOP_DET)
        if raw & _STOP_DET:
            _peek(_CLR_STOP_DET)
            self._seen_stop = True
            if not _peek(_STATUS) & _SLV_ACTIVITY:
                self._rearm()
                return
        self._begin_read()

    def _begin_read(self) -> None:
        engine = self._engine
        _peek(_CLR_RESTART_DET)
        _peek(_CLR_TX_ABRT)  # until then the FIFO takes nothing
        engine.on_read()
        self._reading = True
        reply = engine.reply
        self._at = _fill(reply, len(reply), 0)

    def _rearm(self) -> None:
        _peek(_CLR_TX_ABRT)
        _poke(_SET + _INTR_MASK, 0x20)  # RD_REQ

    def _end_read(self, left: int) -> None:
        """`left` bytes of those that went into the FIFO did not go out."""
        if self._reading:
            self._reading = False
            beyond = self._at - left - len(self._engine.reply)
            self._engine.on_end_read(beyond if beyond > 0 else 0)

    def _end_write(self, event: int) -> None:
        if not self._writing:
            return
        # The driver says the same for a repeated START after a long write as for STOP.
        restarted = _peek(_RAW_INTR_STAT) & _RESTART_DET
        if restarted and event == I2CTarget.IRQ_END_WRITE:
            return  # READ_REQ follows and deals with it
        self._writing = False
        self._engine.on_end_write(False)

    def _take(self) -> None:
        """Hand over what the controller wrote."""
        got = _drain(self._received)
        count, first = got & 0xFF, got >> 8
        if count == 0:
            return
        if first & ~1:
            self._take_several(count, first)
            return
        if first:
            self._begin_write()
        self._engine.on_bytes(self._received, count)

    def _take_several(self, count: int, first: int) -> None:
        """More than one message in the FIFO: byte by byte."""
        for i in range(count):
            if first >> i & 1:
                self._begin_write()
            self._one[0] = self._received[i]
            self._engine.on_bytes(self._one, 1)

    def _begin_write(self) -> None:
        if self._writing:  # the message before ended by a repeated START, or STOP was missed
            raw = _peek(_RAW_INTR_STAT)
            self._engine.on_end_write(bool(raw & _RESTART_DET))
            _peek(_CLR_RESTART_DET)
        self._writing = True
        self._engine.on_write()
