"""The target state machine of SMBus and PMBus. Runs in the interrupt; see the package.

Errors follow PMBus Part II, section 10.9: the hardware acknowledges every byte, so they are
reported in STATUS_CML alone. A read without a command (Receive Byte) answers STATUS_BYTE.
"""

from racklet_wire import status as s
from racklet_wire.pec import TABLE

from racklet_base.target import registers as r
from racklet_base.target.mailbox import SIZE as _ROOM

_IDLE, _WRITING, _HELD, _READING = range(4)  # _HELD: a repeated START ended the write

_PAGE, _CLEAR_FAULTS, _WRITE_PROTECT = 0x00, 0x03, 0x10
_QUERY, _SMBALERT_MASK, _COEFFICIENTS = 0x1A, 0x1B, 0x30
_PAGES = b"\x00\xff"  # the one page, and "all pages"
_WRITE_PROTECTS = b"\x00\x20\x40\x80"

_STUCK_MS = 25  # SMBus: a target lets go of the bus when the clock was low for 25 to 35 ms
_TICKS = (1 << 30) - 1  # where time.ticks_ms wraps

_SILENCE = (bytearray(0),)  # the reply to what cannot be answered: 0xFF without end
_FILL = b"\xff"


def absorb(buffer: bytearray, at: int, data: "bytearray | memoryview", n: int, crc: int) -> int:
    """Append data[:n] to `buffer` from `at`, as far as it has room; the PEC carried on.

    A board may hand the engine a faster one.
    """
    for i in range(n):
        byte = data[i]
        if at + i < _ROOM:
            buffer[at + i] = byte
        crc = TABLE[crc ^ byte]
    return crc


class Engine:
    """One target; `registers` has its address, tables and replies.

    `ticks_ms` is time.ticks_ms, or what stands for it.
    """

    def __init__(
        self, registers: "r.Registers", ticks_ms: "callable", absorb: "callable" = absorb
    ) -> None:
        self._ticks_ms = ticks_ms
        self._moved_ms = 0  # when the last event came
        self._registers = registers
        self._status = registers.status
        self._mailbox = registers.mailbox
        self._absorb = absorb
        self._buffer = self._mailbox.buffer()
        self._count = 0  # bytes received
        self._crc = 0  # over all of them and the address; 0 after a right PEC
        self._phase = _IDLE
        self._frame = _SILENCE
        self._piece = 1
        self._beyond = 0
        self._answers = tuple([r.frame(size) for size in range(8)])
        self.reply = _SILENCE[0]

    def plain_replies(self) -> "tuple[list, bytearray, bytearray]":
        """See `Registers.plain_replies`; what the mover finds there goes to `on_plain_read`."""
        return self._registers.plain_replies()

    @property
    def is_open(self) -> bool:
        """Whether a transaction is going on."""
        return self._phase != _IDLE

    # --- events of the bus --------------------------------------------------------------

    def on_write(self) -> None:
        if self._phase == _HELD and self._count:
            self._status.raise_cml(s.CML_OTHER_COMMUNICATION)  # a START in the wrong place
        self._phase = _WRITING
        self._moved_ms = self._ticks_ms()
        self._buffer = self._mailbox.buffer()
        self._count = 0
        self._crc = TABLE[self._registers.address << 1]

    def on_bytes(self, data: "bytearray | memoryview", n: int) -> None:
        if self._phase == _WRITING and n:
            self._moved_ms = self._ticks_ms()
            self._crc = self._absorb(self._buffer, self._count, data, n, self._crc)
            self._count += n

    def on_end_write(self, restarted: bool) -> None:
        if self._phase != _WRITING:
            return
        self._moved_ms = self._ticks_ms()
        if restarted:
            self._phase = _HELD
            return
        self._phase = _IDLE
        if self._count:
            self._write(self._buffer[0])

    def on_read(self) -> None:
        self._moved_ms = self._ticks_ms()
        if self._phase != _HELD:
            self._count = 0
        self._phase = _READING
        self._piece = 1
        self._beyond = 0
        frame = self._read()
        self._frame = frame
        self._registers.held = frame
        self.reply = frame[0]

    def on_plain_read(self, frame: "tuple[bytearray, ...]") -> None:
        """The mover found the reply of a plain read in `plain_replies` and is sending it.

        Stands for on_write, on_bytes, on_end_write and on_read.
        """
        if self._phase == _HELD and self._count:
            self._status.raise_cml(s.CML_OTHER_COMMUNICATION)
        self._moved_ms = self._ticks_ms()
        self._count = 0
        self._phase = _READING
        self._piece = len(frame)
        self._beyond = 0
        self._frame = frame
        self._registers.held = frame
        self.reply = frame[0]

    def take(self) -> "bytes | memoryview":
        self._moved_ms = self._ticks_ms()
        piece = self._piece
        if piece < len(self._frame):
            self._piece = piece + 1
            return self._frame[piece]
        self._beyond += 1
        return _FILL

    def on_end_read(self, beyond: int = -1) -> None:
        """`beyond`: bytes sent past the end of the reply, where the mover knows.

        Otherwise the calls of `take` tell: one past the end is the request that follows the
        controller's last NACK, a second one means that it read on.
        """
        if self._phase != _READING:
            return
        if beyond < 0:
            beyond = self._beyond - 1
        if beyond > 0 and len(self._frame) > 1:
            self._status.raise_cml(s.CML_OTHER_COMMUNICATION)
        self._let_go()

    def abort(self) -> None:
        """The block was reset in the middle of something."""
        if self._phase != _IDLE:
            self._status.raise_cml(s.CML_OTHER_COMMUNICATION)
        self._let_go()

    def is_stuck(self, is_held: bool) -> bool:
        """True when an open transaction has made no progress for too long, while a line of the
        bus `is_held` low. With both lines high nobody waits for us."""
        if self._phase == _IDLE or not is_held:
            return False
        return self._ticks_ms() - self._moved_ms & _TICKS >= _STUCK_MS

    def _let_go(self) -> None:
        self._phase = _IDLE
        self._count = 0
        self._frame = _SILENCE
        self._registers.held = None

    # --- reads ----------------------------------------------------------------------------

    def _read(self) -> "tuple[bytearray, ...]":  # noqa: PLR0911 - a return for each rule
        """The frame that answers what was written before the repeated START."""
        if self._count == 0:
            return self._status_byte()
        registers = self._registers
        code = self._buffer[0]
        kind = registers.kind[code]
        if kind == r.NONE:
            return self._fault(s.CML_INVALID_COMMAND)
        if not registers.access[code] & r.READ:
            return self._fault(s.CML_OTHER_COMMUNICATION)  # a read bit on a write
        if kind >= r.PROCESS:
            return self._process(code)
        if self._count > 1:
            return self._fault(s.CML_OTHER_COMMUNICATION)  # data in the middle of a read
        if code <= _WRITE_PROTECT or 0x78 <= code <= 0x80:
            value = self._live(code)
            if value >= 0:
                return self._number(code, value)
        frame = registers.frame_of(code)
        if frame is None:
            self._status.raise_busy()
            return _SILENCE
        return frame

    def _live(self, code: int) -> int:
        """The value of a register of the engine, -1 when it is not one."""
        if code >= 0x7A:
            return self._status.register(code)
        if code == s.STATUS_WORD:
            return self._status.word()
        if code == s.STATUS_BYTE:
            return self._status.word() & 0xFF
        if code == _PAGE:
            return self._registers.page
        if code == _WRITE_PROTECT:
            return self._registers.write_protect
        return -1

    def _number(self, code: int, value: int) -> "tuple[bytearray, ...]":
        size = self._registers.size[code]
        answer = self._answers[size + 1]
        reply = answer[0]
        crc = TABLE[self._registers.read_crc(code) ^ value & 0xFF]
        reply[0] = value & 0xFF
        if size == 2:
            reply[1] = value >> 8
            crc = TABLE[crc ^ value >> 8]
        reply[size] = crc
        return answer

    def _status_byte(self) -> "tuple[bytearray, ...]":
        """Receive Byte: no command precedes, so the PEC covers one address only."""
        answer = self._answers[2]
        value = self._status.word() & 0xFF
        answer[0][0] = value
        answer[0][1] = TABLE[TABLE[self._registers.address << 1 | 1] ^ value]
        return answer

    def _process(self, code: int) -> "tuple[bytearray, ...]":
        """QUERY, SMBALERT_MASK, COEFFICIENTS: a block of arguments came before."""
        buffer = self._buffer
        arguments = 2 if code == _COEFFICIENTS else 1
        if self._count != arguments + 2 or buffer[1] != arguments:
            return self._fault(s.CML_INVALID_DATA)
        about = buffer[2]
        if code == _COEFFICIENTS:
            coefficients = self._registers.coefficients.get(about)
            if coefficients is None or buffer[3] != 1:
                return self._fault(s.CML_INVALID_DATA)
            return self._block(coefficients, 5)
        if code == _QUERY:
            return self._block(self._registers.query, 1, about)
        if not s.STATUS_VOUT <= about <= s.STATUS_MFR_SPECIFIC:
            return self._fault(s.CML_INVALID_DATA)
        return self._block(self._status.mask, 1, about - s.STATUS_VOUT)

    def _block(
        self, data: "bytes | bytearray", size: int, start: int = 0
    ) -> "tuple[bytearray, ...]":
        """A counted answer, data[start : start + size], after everything received."""
        answer = self._answers[size + 2]
        reply = answer[0]
        reply[0] = size
        crc = TABLE[self._crc ^ (self._registers.address << 1 | 1)]
        crc = TABLE[crc ^ size]
        for i in range(size):
            byte = data[start + i]
            reply[1 + i] = byte
            crc = TABLE[crc ^ byte]
        reply[1 + size] = crc
        return answer

    def _fault(self, bits: int) -> "tuple[bytearray, ...]":
        self._status.raise_cml(bits)
        return _SILENCE

    # --- writes -----------------------------------------------------------------------------

    def _write(self, code: int) -> None:
        """A message that STOP ended: check it, then do it or hand it on."""
        registers = self._registers
        kind = registers.kind[code]
        if kind == r.NONE:
            self._status.raise_cml(s.CML_INVALID_COMMAND)
            return
        fault = self._refusal(code, kind)
        if fault:
            self._status.raise_cml(fault)
            return
        at = 2 if kind == r.BLOCK else 1
        if code == _CLEAR_FAULTS:
            self._status.clear_all()
            self._mailbox.wake()
        elif code == _PAGE:
            registers.page = self._buffer[1]
        elif code == _WRITE_PROTECT:
            registers.write_protect = self._buffer[1]
        elif code == _SMBALERT_MASK:
            self._status.mask[self._buffer[1] - s.STATUS_VOUT] = self._buffer[2]
        elif 0x78 <= code <= 0x80:
            self._status.clear(code, self._buffer[1])
            self._mailbox.wake()
        elif self._mailbox.accept(at, registers.size[code]):
            registers.echo(code, self._buffer, at)
            if kind == r.SEND:
                self._status.begun = self._status.begun + 1 & 0xFF
        else:
            self._status.raise_busy()

    def _refusal(self, code: int, kind: int) -> int:  # noqa: PLR0911 - a return for each rule
        """The bits of STATUS_CML that a write earns, 0 when it may run."""
        registers = self._registers
        buffer = self._buffer
        access = registers.access[code]
        if not access & r.WRITE:
            # The code alone, and then STOP: a read that was broken off.
            return s.CML_OTHER_COMMUNICATION if self._count == 1 else s.CML_INVALID_DATA
        size = 2 if kind == r.MASK else registers.size[code]
        if kind == r.BLOCK:
            size += 1
        data = self._count - 1
        if data < size:
            if kind == r.BLOCK and data:
                return s.CML_INVALID_DATA  # the count disagrees with the bytes
            return s.CML_OTHER_COMMUNICATION
        if data > size + 1:
            return s.CML_INVALID_DATA
        if data > size:
            if self._crc:
                return s.CML_PEC
        elif access & r.NEEDS_PEC:
            return s.CML_PEC
        if kind == r.BLOCK and buffer[1] != size - 1:
            return s.CML_INVALID_DATA
        if registers.write_protect > registers.permit[code]:
            return s.CML_INVALID_DATA
        return 0 if self._is_valid(code, kind) else s.CML_INVALID_DATA

    def _is_valid(self, code: int, kind: int) -> bool:
        """Whether the data are ones that the command knows."""
        buffer = self._buffer
        if code == _PAGE:
            return buffer[1] in _PAGES
        if code == _WRITE_PROTECT:
            return buffer[1] in _WRITE_PROTECTS
        if code == _SMBALERT_MASK:
            return s.STATUS_VOUT <= buffer[1] <= s.STATUS_MFR_SPECIFIC
        guard = self._registers.guards.get(code)
        return guard is None or guard.check(buffer, 2 if kind == r.BLOCK else 1)
