"""The byte mover of the RP2040: moves bytes between the registers of I2C0 and the target engine.

`machine.I2CTarget` brings the interrupts. Each costs a call into Python while the clock is held,
and each call or look-up by name in there 10 to 100 us of misses in the flash cache, so the two
functions that serve the bus are viper, know the engine's tables by address, and keep the
engine's state up by themselves: a plain read is answered without another call. What a
controller writes stays in the receive FIFO, 16 deep, until a read, a STOP or the FIFO's level
asks for it, and other targets' traffic raises nothing. Register names and bits are those of the
RP2040 data sheet, section 4.3.17.

The driver may report a STOP late, twice, or behind the next message, and this handler may run
behind several short messages. So events only say when to look: marks in the FIFO tell where
messages begin, STOP_DET and IC_STATUS whether one has ended, RESTART_DET how a read began.
A STOP cannot have ended more bytes than had come by then. Where it may have ended two messages,
it has: of an acknowledged write none is lost, but a START inside one may be taken for its STOP.

A register's address is beyond 30 bits, so in viper it is an object, converted at each use for 4
to 10 us of misses: the handlers take that of the block from the engine's state.
"""

from time import ticks_diff, ticks_us

import micropython
from board import BUSES, PINS
from machine import I2CTarget, Pin, disable_irq, enable_irq, mem32
from micropython import const
from racklet_base.target.engine import OWN
from racklet_wire.pec import TABLE
from racklet_wire.tables import ROW
from uctypes import addressof

_INTR_MASK = const(0x40044030)
_INTR_MASK_CLEAR = const(0x40047030)  # clears the bits of IC_INTR_MASK that are written
_RX_TL = const(0x40044038)
_STATUS = const(0x40044070)
_ACK_GENERAL_CALL = const(0x40044098)

# START_DET of other targets' traffic too, TX_ABRT of flushes, RX_DONE: requests after the last NACK
_UNUSED = const(1 << 10 | 1 << 6 | 1 << 7)
_SLV_ACTIVITY = const(1 << 6)  # of IC_STATUS
_LONGEST_US = const(35_000)  # the SMBus timeout: a transaction that takes longer has died
# RX_FULL from 8 bytes on, which leaves time for 8 more before the clock is held. From then to
# STOP, and after a read, every byte raises it: the driver reports no STOP behind unread bytes
# unless it takes the target for idle. Of a stream, whose length is known, it is every eighth and
# the last: an interrupt for each would leave the event loop a tenth of its time. One that is cut
# short is then found to have ended at the next message to us.
_RX_LEVEL = const(7)

_EVENTS = (
    I2CTarget.IRQ_ADDR_MATCH_WRITE
    | I2CTarget.IRQ_READ_REQ
    | I2CTarget.IRQ_WRITE_REQ
    | I2CTarget.IRQ_END_READ
    | I2CTarget.IRQ_END_WRITE
)


@micropython.viper
def _leave(engine_state: object) -> bool:
    """Disable the block unless it is addressed just now; whether it is off. A write whose last
    interrupt is pending has been acknowledged, so it is handed on first. Look and act are a few
    cycles apart: a transaction whose address came to its end between them would be cut short."""
    s = ptr32(engine_state)  # noqa: F821 - viper's own type
    i2c = ptr32(s[23])  # noqa: F821
    if s[0] == 1 or i2c[0x70 >> 2] & 0x48:  # SLV_ACTIVITY, or RFNE: the FIFO is not empty
        return False
    i2c[0x6C >> 2] = 0
    return True


class Mover:
    """The SMBus target block: on the bus after `attach`, NACK before it and after `detach`.

    Words of the engine's state, as the handlers index them: 0 phase (0 idle, 1 writing, 2 held
    by a repeated START, 3 reading), 1 bytes received, 2 their PEC, 3 time of the last event,
    4 place of the reply; then, by `_own`, addresses of its tables and what is known of the
    transaction.
    """

    on_bus = None  # the one that is attached, for who erases flash without the base

    def __init__(self, engine: object, registers: object) -> None:
        self._engine = engine
        self._address = registers.address
        self._target = None
        self._sending = bytearray(48)  # the reply as it was when it was asked for
        # Without a mode, so that the block keeps the pads.
        self._lines = [Pin(PINS[BUSES["smbus"][line]]) for line in ("scl", "sda")]
        self._mailbox = mailbox = registers.mailbox
        replies = registers.replies
        own = (
            addressof(replies.memory),  # 5
            addressof(replies.shown),  # 6
            addressof(replies.echo),  # 7
            addressof(replies.asked),  # 8
            addressof(replies.done),  # 9
            addressof(registers.status.stale),  # 10
            addressof(mailbox.memory),  # 11
            addressof(mailbox.ends),  # 12
            addressof(TABLE),  # 13
            replies.write_crc,  # 14
            addressof(self._sending),  # 15
            0,  # 16: size of the reply
            0,  # 17: bytes of it, and beyond, that went into the FIFO
            0,  # 18: a STOP was seen that ended the open message if that has no more bytes
            0,  # 19: address of the driver's flags, which say what an interrupt is about
            addressof(registers.stream),  # 20
            len(mailbox.memory),  # 21
            addressof(ROW),  # 22
            0x40044000,  # 23: I2C0_BASE
            0,  # 24: a STOP was told as ADDR_MATCH_WRITE, and will be as END_WRITE
        )
        for i, word in enumerate(own):
            engine.state[OWN + i] = word
        # As a small integer: to find a buffer costs viper 10 us of misses.
        self._at = addressof(engine.state)

    def attach(self) -> None:
        bus = BUSES["smbus"]
        scl, sda = Pin(PINS[bus["scl"]]), Pin(PINS[bus["sda"]])
        mem32[_ACK_GENERAL_CALL] = 0
        state = disable_irq()  # the block answers before it has a handler
        try:
            self._target = target = I2CTarget(bus["id"], self._address, scl=scl, sda=sda)
            Mover.on_bus = self
            irq = target.irq(self._on_event, _EVENTS, hard=True)
            self._engine.state[OWN + 14] = _flags_of(irq)
            mem32[_RX_TL] = _RX_LEVEL
            mem32[_INTR_MASK_CLEAR] = _UNUSED
        finally:
            enable_irq(state)

    @property
    def is_attached(self) -> bool:
        return self._target is not None

    def detach(self) -> None:
        """Leave the bus between two transactions; one that goes on is waited for, with a limit."""
        begin = ticks_us()
        while True:
            state = disable_irq()
            try:  # the scheduler runs here, too, and may bring a person's Ctrl-C
                if _leave(self._engine.state) or ticks_diff(ticks_us(), begin) > _LONGEST_US:
                    self._target.deinit()
                    break
            finally:
                enable_irq(state)
        self._target = Mover.on_bus = None
        self._engine.abort()

    def is_busy(self) -> bool:
        """Whether a transaction addresses us just now."""
        return bool(mem32[_STATUS] & _SLV_ACTIVITY)

    def is_deaf(self) -> bool:
        """Whether the handler is gone: MicroPython takes it away after an exception in it."""
        return self._target is not None and not mem32[_INTR_MASK]

    def is_bus_held(self) -> bool:
        """Whether SCL or SDA is low just now."""
        return not all(line.value() for line in self._lines)

    def reset(self) -> None:
        """Let go of a bus on which nothing moves any more, or come back to it."""
        if self._target is not None:
            self._target.deinit()
        self._engine.abort()
        self.attach()

    # --- interrupt --------------------------------------------------------------------------

    @micropython.viper
    def _on_event(self, _target: object):  # noqa: PLR0912
        """Reads come first: answered from here when their reply lies ready."""
        s = ptr32(int(self._at))  # noqa: F821 - viper's own type
        i2c = ptr32(s[23])  # noqa: F821
        s[3] = ptr32(s[23] + 0x8000)[0x8028 >> 2]  # noqa: F821 - TIMERAWL, as ticks_us reads it
        raw = i2c[0x34 >> 2]  # IC_RAW_INTR_STAT
        if ptr32(s[19])[0] == 4:  # noqa: F821 - READ_REQ
            if s[0] == 3 and not raw & 0x1400:  # no START_DET, RESTART_DET: it goes on
                sending = ptr8(s[15])  # noqa: F821
                size = s[16]
                sent = s[17]
                while i2c[0x70 >> 2] & 2:  # IC_STATUS.TFNF
                    i2c[0x10 >> 2] = sending[sent] if sent < size else 0xFF
                    sent += 1
                s[17] = sent
                i2c[0x2030 >> 2] = 0x20  # unmask RD_REQ, as the driver would
                return
            # One byte, and then a repeated START.
            if s[0] == 0 and raw & 0x1000 and i2c[0x78 >> 2] == 1:
                code = i2c[0x10 >> 2] & 0xFF
                row = ptr8(s[22])[code]  # noqa: F821
                at = ptr16(s[6])[row]  # noqa: F821
                if ptr8(s[8])[row] != ptr8(s[9])[row]:  # noqa: F821
                    at = ptr16(s[7])[row]  # noqa: F821
                if code >= 0x78 and code <= 0x80 and ptr8(s[10])[0]:  # noqa: F821
                    at = 0
                if at:
                    i2c[0x38 >> 2] = 0  # IC_RX_TL
                    raw = i2c[0x64 >> 2]  # reading clears START_DET,
                    raw = i2c[0xA8 >> 2]  # RESTART_DET,
                    raw = i2c[0x54 >> 2]  # and TX_ABRT: until then the FIFO takes nothing
                    reply = ptr8(s[5] + at)  # noqa: F821
                    size = reply[0]
                    sent = 0
                    while i2c[0x70 >> 2] & 2:
                        sent += 1
                        i2c[0x10 >> 2] = reply[sent] if sent <= size else 0xFF
                    i2c[0x2030 >> 2] = 0x20
                    s[16] = size
                    s[17] = sent
                    s[1] = 0
                    s[0] = 3
                    sending = ptr8(s[15])  # noqa: F821
                    while sent < size:
                        sending[sent] = reply[sent + 1]
                        sent += 1
                    return
                # As if it had been drained below.
                ptr8(s[11] + ptr16(s[12])[0])[0] = code  # noqa: F821
                s[2] = ptr8(s[13])[s[14] ^ code]  # noqa: F821
                s[1] = 1
                s[0] = 1
                s[18] = 0
        self._look()

    @micropython.viper
    def _end_write(self):
        """A STOP ended the message. That of a stream is accepted here, as long as its form is
        right: the engine would take a third of a millisecond, and the next one comes in 0.8."""
        s = ptr32(int(self._at))  # noqa: F821
        ends = ptr16(s[12])  # noqa: F821
        head = ends[0]
        message = ptr8(s[11] + head)  # noqa: F821
        # Code, count, 32 bytes and a right PEC.
        if s[1] == 35 and s[2] == 0 and message[1] == 32:
            after = head + 40
            if after == s[21]:
                after = 0
            if message[0] == ptr16(s[20])[0] and after != ends[1]:  # noqa: F821
                message[38] = 2
                message[39] = 32
                s[0] = 0
                ends[0] = after
                if head == ends[1]:
                    self._mailbox.wake()
                return
        self._engine.on_end_write(False)

    @micropython.viper
    def _look(self):  # noqa: PLR0912, PLR0915 - each call of another function costs the bus
        """Everything else: take what was received, end what has ended, answer what is asked."""
        s = ptr32(int(self._at))  # noqa: F821
        i2c = ptr32(s[23])  # noqa: F821
        event = ptr32(s[19])[0]  # noqa: F821
        raw = i2c[0x34 >> 2]
        stop = raw & 0x200  # STOP_DET
        about_stop = 0
        told = 0  # of the bytes that follow, so many had come at the STOP that is told,
        over = 0  # and so many of the message that is open
        if event != 4 and event != 8:  # noqa: PLR1714 - neither READ_REQ nor WRITE_REQ
            if i2c[0x30 >> 2] & 0x24 != 0x24:
                return  # on its way to one of them, the driver ends what was before
            about_stop = 1
            told = i2c[0x78 >> 2]  # IC_RXFLR
            if s[0] == 1 and (event == 2 or s[24] == 0):
                over = s[1] + told
            s[24] = event & 2
        else:
            s[24] = 0
        if s[0] == 3:
            if i2c[0x70 >> 2] & 0x40 and raw & 0x1400 == 0:
                return  # still on its way, and the STOP was an earlier one
            # What is left in the FIFO did not go out, nor what the block threw away at NACK.
            beyond = s[17] - s[16]
            if raw & 0x40:  # TX_ABRT
                beyond -= i2c[0x80 >> 2] >> 23
            else:
                beyond -= i2c[0x74 >> 2]  # IC_TXFLR
            if beyond < 0 or s[16] == 0:
                beyond = 0
            if beyond or ptr8(s[10])[0]:  # noqa: F821
                self._engine.on_end_read(beyond)
            s[0] = 0
            s[1] = 0
            about_stop = 0  # that of the read; what follows has not ended by it
            told = 0
        restart = 0
        again = 1
        idle = 0
        while again:
            again = 0
            # First whether nobody addresses us, then the bytes: what comes in between is seen
            # again at the interrupt of its own STOP.
            idle = i2c[0x70 >> 2] & 0x40 ^ 0x40  # not IC_STATUS.SLV_ACTIVITY
            restart |= i2c[0x34 >> 2] & 0x1000
            stop |= i2c[0x34 >> 2] & 0x200
            if idle:
                raw = i2c[0x64 >> 2]  # START_DET
                raw = i2c[0xA8 >> 2]  # RESTART_DET
            while again == 0 and i2c[0x70 >> 2] & 8:  # IC_STATUS.RFNE
                word = i2c[0x10 >> 2]
                if word & 0x800:  # FIRST_DATA_BYTE
                    if s[0] == 1:
                        n = s[1]
                        message = ptr8(s[11] + ptr16(s[12])[0])  # noqa: F821
                        # One of a stream that was cut short: nobody told of its STOP.
                        cut = 0
                        if n >= 8 and n < 35 and message[0] == ptr16(s[20])[0]:  # noqa: F821, PLR1716
                            cut = 1
                        # Ended by the STOP that was seen, unless that was the last message's.
                        if not idle and (stop or n <= over):
                            cut = 1
                        if restart and n > s[18] and cut == 0:
                            self._engine.on_end_write(True)
                        else:
                            if stop:
                                raw = i2c[0x60 >> 2]  # STOP_DET: from now on it is another's
                                told = i2c[0x78 >> 2] + 1
                                stop = 0
                            self._end_write()
                        again = 1  # that took its time
                        over = 0
                    if s[0] == 2:
                        self._engine.on_write()  # a START in the wrong place
                    s[0] = 1
                    s[1] = 0
                    s[2] = s[14]
                    s[18] = told
                    if stop:
                        s[18] = 0xFFFF
                    raw = i2c[0x64 >> 2]  # START_DET: from now on it is another message's
                if s[0] == 1:
                    n = s[1]
                    if n < 38:
                        ptr8(s[11] + ptr16(s[12])[0])[n] = word  # noqa: F821
                    s[1] = n + 1
                    s[2] = ptr8(s[13])[s[2] ^ word & 0xFF]  # noqa: F821
                if told:
                    told -= 1
            if idle and again == 0 and s[0] == 1:
                if event != 8:  # else the driver, which takes it for open, is to hear of it
                    raw = i2c[0x60 >> 2]  # STOP_DET
                    stop = 0
                self._end_write()
                again = 1
        if event == 4:
            at = 0
            if s[0] == 1:
                if restart:
                    s[0] = 2
                    if s[1] == 1:
                        code = ptr8(s[11] + ptr16(s[12])[0])[0]  # noqa: F821
                        row = ptr8(s[22])[code]  # noqa: F821
                        at = ptr16(s[6])[row]  # noqa: F821
                        if ptr8(s[8])[row] != ptr8(s[9])[row]:  # noqa: F821
                            at = ptr16(s[7])[row]  # noqa: F821
                        if code >= 0x78 and code <= 0x80 and ptr8(s[10])[0]:  # noqa: F821
                            at = 0
                else:
                    self._engine.on_end_write(False)
            i2c[0x38 >> 2] = 0
            raw = i2c[0x64 >> 2]
            raw = i2c[0xA8 >> 2]
            raw = i2c[0x54 >> 2]
            if at == 0:
                self._engine.on_read()
                at = s[4]
            s[0] = 3
            reply = ptr8(s[5] + at)  # noqa: F821
            size = reply[0]
            sent = 0
            while i2c[0x70 >> 2] & 2:
                sent += 1
                i2c[0x10 >> 2] = reply[sent] if sent <= size else 0xFF
            i2c[0x2030 >> 2] = 0x24  # unmask RD_REQ and RX_FULL
            s[16] = size
            s[17] = sent
            sending = ptr8(s[15])  # noqa: F821
            while sent < size:
                sending[sent] = reply[sent + 1]
                sent += 1
            return
        if s[0] == 1 and (stop or about_stop) and i2c[0x34 >> 2] & 0x1400 == 0x400:
            s[18] = 0xFFFF  # without START_DET alone, the STOP was an earlier message's
        i2c[0x2030 >> 2] = 4  # unmask RX_FULL
        if event == 8:
            level = 0
            n = s[1]
            message = ptr8(s[11] + ptr16(s[12])[0])  # noqa: F821
            if s[0] == 1 and n < 34 and message[0] == ptr16(s[20])[0] and message[1] == 32:  # noqa: F821
                level = 34 - n  # at 35 bytes it is whole
                if level > 7:  # noqa: PLR1730 - viper knows no min
                    level = 7
            i2c[0x38 >> 2] = level
        elif s[0] == 0:
            i2c[0x38 >> 2] = 7


def _flags_of(irq: object) -> int:
    """Where the driver keeps the events of an interrupt: irq.flags() without the call.

    machine_i2c_target_irq_obj_t: five words of mp_irq_obj_t, flags, trigger (MicroPython 1.26,
    extmod/machine_i2c_target.c). RuntimeError where it is laid out otherwise.
    """
    at = id(irq)
    if mem32[at + 24] != _EVENTS:
        raise RuntimeError("machine.I2CTarget is not laid out as it was in MicroPython 1.26")
    return at + 20
