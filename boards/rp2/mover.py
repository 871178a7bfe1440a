"""The byte mover of the RP2040: feeds the target engine from the registers of I2C0.

`machine.I2CTarget` brings the interrupts. Of its events little is used, since each costs a call
into Python while the clock is held: what a controller writes stays in the receive FIFO, 16
deep, until a read, a STOP or the FIFO's level asks for it, and other targets' traffic raises
nothing. Register names and bits are those of the RP2040 data sheet, section 4.3.17.

The driver may report a STOP late, twice, or behind the next message, and this handler may run
behind several short messages. So events only say when to look: marks in the FIFO tell where
messages begin, STOP_DET and IC_STATUS whether one has ended, RESTART_DET how a read began.
"""

from time import ticks_diff, ticks_us

import micropython
from board import BUSES, PINS
from machine import I2CTarget, Pin, disable_irq, enable_irq
from micropython import const

# Offsets from I2C0_BASE. Addresses of registers are no small integers: as objects they would
# be allocated, so only viper code handles them.
_CLEAR = const(0x3000)  # the block again: writes clear bits
_INTR_MASK, _RAW_INTR_STAT, _RX_TL = const(0x30), const(0x34), const(0x38)
_STATUS, _TXFLR, _TX_ABRT_SOURCE = const(0x70), const(0x74), const(0x80)
_ACK_GENERAL_CALL = const(0x98)

_TX_ABRT, _RX_DONE = const(1 << 6), const(1 << 7)
_START_DET, _RESTART_DET = const(1 << 10), const(1 << 12)
_DATA = const(1 << 5 | 1 << 2)  # RD_REQ and RX_FULL, which the driver masks until served
_SLV_ACTIVITY = const(1 << 6)  # of IC_STATUS

_LONGEST_US = const(35_000)  # the SMBus timeout: a transaction that takes longer has died
_FIFO = const(16)
# What `_drain` tells beside the bytes: a STOP has been seen, and nobody addresses us.
_FIRSTS, _STOP, _IDLE = const(0xFFFF << 8), const(1 << 24), const(1 << 25)
# RX_FULL from 8 bytes on, which leaves time for 8 more before the clock is held. From then to
# STOP, and after a read, every byte raises it: the driver reports no STOP behind unread bytes
# unless it takes the target for idle.
_RX_LEVEL = const(7)
_DRAINS = const(4)  # of the FIFO in one interrupt

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
def _open(level: int):
    """A read begins: forget what was before it, and let every byte raise RX_FULL from now on."""
    i2c = ptr32(0x40044000)  # noqa: F821
    i2c[0x38 >> 2] = level  # IC_RX_TL
    level = i2c[0x64 >> 2]  # reading clears START_DET,
    level = i2c[0xA8 >> 2]  # RESTART_DET,
    level = i2c[0x54 >> 2]  # and TX_ABRT: until then the FIFO takes nothing


@micropython.viper
def _drain(received: ptr8) -> int:  # noqa: F821
    """Empty the receive FIFO; how many bytes, from bit 8 on which began a message, _STOP, _IDLE."""
    i2c = ptr32(0x40044000)  # noqa: F821
    # First STOP, then whether nobody addresses us, then the bytes: what came in between is seen
    # again at the interrupt of its own STOP.
    ends = (i2c[0x34 >> 2] >> 9 & 1) << 24  # IC_RAW_INTR_STAT.STOP_DET
    ends |= (i2c[0x70 >> 2] >> 6 & 1 ^ 1) << 25  # IC_STATUS.SLV_ACTIVITY
    n = 0
    first = 0
    while i2c[0x70 >> 2] & 8 and n < 16:  # IC_STATUS.RFNE
        word = i2c[0x10 >> 2]
        received[n] = word
        first |= (word >> 11 & 1) << n  # FIRST_DATA_BYTE
        n += 1
    ptr32(0x40046030)[0] = 4  # noqa: F821 - unmask RX_FULL
    return n | first << 8 | ends


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
        self._stopped = False  # a STOP came that may be that of the open message
        self._reply = self._one
        self._size = 0
        self._at = 0  # bytes that went into the FIFO
        self._frames, self._asked, self._done = engine.plain_replies()

    def attach(self) -> None:
        bus = BUSES["smbus"]
        self._writing = self._reading = self._stopped = False
        scl, sda = Pin(PINS[bus["scl"]]), Pin(PINS[bus["sda"]])
        _poke(_ACK_GENERAL_CALL, 0)
        state = disable_irq()  # the block answers before it has a handler
        self._target = target = I2CTarget(bus["id"], self._address, scl=scl, sda=sda)
        self._flags = target.irq(self._on_event, _EVENTS, hard=True).flags
        _poke(_RX_TL, _RX_LEVEL)
        # Other targets' traffic, flushes, and the request after the controller's last NACK.
        _poke(_CLEAR + _INTR_MASK, _START_DET | _TX_ABRT | _RX_DONE)
        enable_irq(state)

    @property
    def is_attached(self) -> bool:
        return self._target is not None

    def detach(self) -> None:
        """Leave the bus between two transactions; one that goes on is waited for, with a limit.

        Between the look and the leaving there is less time than an address takes: a controller
        that begins just then sees NACK.
        """
        begin = ticks_us()
        while True:
            state = disable_irq()
            is_idle = not _peek(_STATUS) & _SLV_ACTIVITY
            if is_idle or ticks_diff(ticks_us(), begin) > _LONGEST_US:
                break
            enable_irq(state)
        self._target.deinit()
        enable_irq(state)
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
        self._target.deinit()
        self._engine.abort()
        self.attach()

    # --- interrupt --------------------------------------------------------------------------

    @micropython.viper
    def _on_event(self, _target: object):
        """Reads come first: answered from here when their reply lies ready."""
        if int(self._flags()) != 4:  # READ_REQ
            self._on_other()
            return
        i2c = ptr32(0x40044000)  # noqa: F821
        raw = i2c[0x34 >> 2]  # IC_RAW_INTR_STAT
        if self._reading:
            if raw & 0x1400:  # START_DET, RESTART_DET: another message has begun
                self._on_new_read()
            else:
                self._at = _fill(self._reply, self._size, self._at)
            return
        if self._writing:
            self._on_new_read()
            return
        got = int(_drain(self._received))
        # One byte that began a message, a command code, and RESTART_DET. In this function viper
        # masked with 0xFF where 0xFFFFFF stood (seen with mpy-cross 1.26.1): keep to 16 bits.
        if got & 0xFFFF == 0x101 and raw & 0x1000:
            code = int(ptr8(self._received)[0])  # noqa: F821
            asked, done = ptr8(self._asked), ptr8(self._done)  # noqa: F821
            frame = self._frames[code]
            if asked[code] == done[code]:  # noqa: SIM102 - viper mixes no objects into `and`
                if frame:  # viper knows no `is not None`
                    _open(0)
                    reply = frame[0]
                    self._at = _fill(reply, len(reply), 0)
                    self._reply = reply
                    self._size = len(reply)
                    self._reading = True
                    self._engine.on_plain_read(frame)
                    return
        self._hand_over(got)
        self._on_new_read()

    def _on_new_read(self) -> None:
        """A read whose reply must be made, or one that came before the last one's end was told."""
        if self._reading:
            self._end_read()
        self._hand_over(_drain(self._received))
        engine = self._engine
        if self._writing:
            self._writing = False
            engine.on_end_write(bool(_peek(_RAW_INTR_STAT) & _RESTART_DET))
        _open(0)
        engine.on_read()
        self._reading = True
        self._reply = reply = engine.reply
        self._size = size = len(reply)
        self._at = _fill(reply, size, 0)

    def _on_other(self) -> None:
        event = self._flags()
        if event == I2CTarget.IRQ_WRITE_REQ:
            _poke(_RX_TL, 0)
            for _ in range(_DRAINS):
                got = _drain(self._received)
                self._look(got)
                if not got & 0xFF:
                    break
            return
        if ~_peek(_INTR_MASK) & _DATA:
            return  # on its way to WRITE_REQ or READ_REQ, the driver ends what was before
        got = _drain(self._received)
        if not (self._reading and got & _FIRSTS == 0x100):
            got |= _STOP  # else it was that of the read, which this write followed
        self._look(got)
        if not (self._reading or self._writing):
            _poke(_RX_TL, _RX_LEVEL)

    def _look(self, got: int) -> None:
        """Hand over what was drained, and end the last message if it has ended."""
        self._hand_over(got)
        if got & _IDLE:
            self._end()
        elif got & _STOP:
            if self._reading and _peek(_RAW_INTR_STAT) & _START_DET:
                self._end_read()
            self._stopped = True

    def _end(self) -> None:
        """STOP, of whatever is open."""
        if self._reading:
            self._end_read()
        elif self._writing:
            self._writing = False
            self._engine.on_end_write(False)

    def _end_read(self) -> None:
        """What is left in the FIFO did not go out, nor what the block threw away at NACK."""
        self._reading = False
        left = _peek(_TXFLR)
        if _peek(_RAW_INTR_STAT) & _TX_ABRT:
            left = _peek(_TX_ABRT_SOURCE) >> 23
        beyond = self._at - left - self._size
        self._engine.on_end_read(beyond if beyond > 0 else 0)

    def _hand_over(self, got: int) -> None:
        """Tell the engine what was drained.

        A message that is open when another begins was ended by a repeated START, in the wrong
        place, where there was one and no STOP has been seen.
        """
        count, first = got & 0xFF, (got & _FIRSTS) >> 8
        if count == 0:
            return
        if got & _STOP:
            self._stopped = True
        if first <= 1:
            if first:
                self._begin_write()
            self._engine.on_bytes(self._received, count)
            return
        for i in range(count):
            if first >> i & 1:
                self._begin_write()
                self._stopped = bool(got & _STOP)
            self._one[0] = self._received[i]
            self._engine.on_bytes(self._one, 1)

    def _begin_write(self) -> None:
        if self._reading:
            self._end_read()
        elif self._writing:
            restarted = not self._stopped and _peek(_RAW_INTR_STAT) & _RESTART_DET
            self._engine.on_end_write(bool(restarted))
        self._writing = True
        self._stopped = False
        self._engine.on_write()
