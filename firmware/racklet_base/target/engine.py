"""The target state machine of SMBus and PMBus. Runs in the interrupt; see the package.

Errors follow PMBus Part II, section 10.9: the hardware acknowledges every byte, so they are
reported in STATUS_CML alone. A read without a command (Receive Byte) answers STATUS_BYTE.
"""

from array import array

from racklet_wire import status as s
from racklet_wire.pec import TABLE
from racklet_wire.tables import ROW

from racklet_base.compiled import const
from racklet_base.target.mailbox import ROOM as _ROOM

# What a mover may keep up by itself, in `Engine.state`: the phase of the transaction, bytes
# received, their PEC (with the address; 0 after a right one), ticks_us of the last event, and
# the place of the reply in `Replies.memory`. From OWN on the words are the mover's.
_PHASE = const(0)
_COUNT = const(1)
_CRC = const(2)
_MOVED = const(3)
_REPLY = const(4)
OWN = 5
_WORDS = 25
_IDLE = const(0)
_WRITING = const(1)
_HELD = const(2)  # a repeated START ended the write
_READING = const(3)

# Transactions, as numbers
_NONE = const(0)
_SEND = const(1)
_BYTE = const(2)
_WORD = const(3)
_BLOCK = const(4)
_PROCESS = const(5)
_MASK = const(6)
# Bits of `Registers.access`
_READ = const(1)
_WRITE = const(2)
_NEEDS_PEC = const(4)

_PAGE = const(0x00)
_CLEAR_FAULTS = const(0x03)
_WRITE_PROTECT = const(0x10)
_QUERY = const(0x1A)
_SMBALERT_MASK = const(0x1B)
_COEFFICIENTS = const(0x30)
_STATUS_BYTE = const(0x78)
_STATUS_VOUT = const(0x7A)
_STATUS_MFR_SPECIFIC = const(0x80)
_PAGES = b"\x00\xff"  # the one page, and "all pages"
_WRITE_PROTECTS = b"\x00\x20\x40\x80"

_STUCK_US = 25_000  # SMBus: a target lets go of the bus when the clock was low for 25 to 35 ms
_TICKS = (1 << 30) - 1  # where time.ticks_us wraps

_PIECE = 16  # what a FIFO holds
_SILENCE = 0  # where the reply to what cannot be answered is: nothing, and then 0xFF


class Engine:
    """One target; `registers` (a `Registers`) has its address, tables and replies.

    `ticks_us` is time.ticks_us, or what stands for it.
    """

    def __init__(self, registers: object, ticks_us: "callable") -> None:
        self._ticks_us = ticks_us
        self._registers = registers
        self._status = registers.status
        self._mailbox = registers.mailbox
        self._replies = registers.replies
        self.state = array("I", [0] * _WORDS)
        self._sending = bytearray(48)  # the reply as it was when it was asked for
        self._size = 0
        self._sent = 0

    @property
    def is_open(self) -> bool:
        """Whether a transaction is going on."""
        return self.state[_PHASE] != _IDLE

    # --- events of the bus --------------------------------------------------------------

    def on_write(self) -> None:
        state = self.state
        if state[_PHASE] == _HELD and state[_COUNT]:
            self._status.raise_cml(s.CML_OTHER_COMMUNICATION)  # a START in the wrong place
        state[_PHASE] = _WRITING
        state[_COUNT] = 0
        state[_CRC] = self._replies.write_crc
        state[_MOVED] = self._ticks_us()

    def on_bytes(self, data: "bytes | bytearray | memoryview", n: int) -> None:
        state = self.state
        if state[_PHASE] != _WRITING or not n:
            return
        state[_MOVED] = self._ticks_us()
        memory, at = self._mailbox.memory, self._mailbox.ends[0]
        count, crc = state[_COUNT], state[_CRC]
        for i in range(n):
            byte = data[i]
            if count < _ROOM:
                memory[at + count] = byte
            count += 1
            crc = TABLE[crc ^ byte]
        state[_COUNT] = count
        state[_CRC] = crc

    def on_end_write(self, restarted: bool) -> None:
        state = self.state
        if state[_PHASE] != _WRITING:
            return
        if restarted:
            state[_PHASE] = _HELD
            return
        state[_PHASE] = _IDLE
        if state[_COUNT]:
            fault = self._write(state[_COUNT] - 1)
            if fault:
                self._status.raise_cml(fault)
        if self._status.stale[0]:
            self._status.settle(self._replies)

    def on_read(self) -> None:
        state = self.state
        state[_MOVED] = self._ticks_us()
        if state[_PHASE] != _HELD:
            state[_COUNT] = 0
        state[_PHASE] = _READING
        if self._status.stale[0]:
            self._status.settle(self._replies)
        state[_REPLY] = self._read(state[_COUNT])
        self._sent = -1

    def take(self, buffer: bytearray) -> int:
        """Put what to send next into `buffer`, of 16 bytes; how many."""
        self.state[_MOVED] = self._ticks_us()
        sending = self._sending
        if self._sent < 0:
            memory, at = self._replies.memory, self.state[_REPLY]
            self._size = memory[at]
            self._sent = 0
            for i in range(self._size):
                sending[i] = memory[at + 1 + i]
        n = self._size - self._sent
        if self.state[_PHASE] != _READING or n <= 0:
            self._sent += 1
            buffer[0] = 0xFF
            return 1
        n = min(n, _PIECE)
        for i in range(n):
            buffer[i] = sending[self._sent + i]
        self._sent += n
        return n

    def on_end_read(self, beyond: int = -1) -> None:
        """`beyond`: bytes sent past the end of the reply, where the mover knows.

        Otherwise the calls of `take` tell: one past the end is the request that follows the
        controller's last NACK, a second one means that it read on.
        """
        if self.state[_PHASE] != _READING:
            return
        if beyond < 0 and self._size:
            beyond = self._sent - self._size - 1
        if beyond > 0:
            self._status.raise_cml(s.CML_OTHER_COMMUNICATION)
        self._let_go()

    def abort(self) -> None:
        """The block was reset in the middle of something."""
        if self.state[_PHASE] != _IDLE:
            self._status.raise_cml(s.CML_OTHER_COMMUNICATION)
        self._let_go()

    def is_stuck(self, is_held: bool) -> bool:
        """True when an open transaction has made no progress for too long, while a line of the
        bus `is_held` low. With both lines high nobody waits for us."""
        if self.state[_PHASE] == _IDLE or not is_held:
            return False
        return self._ticks_us() - self.state[_MOVED] & _TICKS >= _STUCK_US

    def _let_go(self) -> None:
        state = self.state
        state[_PHASE] = _IDLE
        state[_COUNT] = 0
        self._size = self._sent = 0
        if self._status.stale[0]:
            self._status.settle(self._replies)

    # --- reads ----------------------------------------------------------------------------

    def _read(self, count: int) -> int:  # noqa: PLR0911 - a return for each rule
        """Where the reply is to what was written before the repeated START."""
        replies = self._replies
        if not count:  # Receive Byte: no command precedes, so the PEC covers one address only
            value = replies.memory[replies.shown[ROW[_STATUS_BYTE]] + 1]
            crc = TABLE[TABLE[self._registers.address << 1 | 1] ^ value]
            return self._answer(value, crc)
        registers = self._registers
        mailbox = self._mailbox
        code = mailbox.memory[mailbox.ends[0]]
        kind = registers.kind[ROW[code]]
        if kind == _NONE:
            return self._fault(s.CML_INVALID_COMMAND)
        if not registers.access[code] & _READ:
            return self._fault(s.CML_OTHER_COMMUNICATION)  # a read bit on a write
        if kind >= _PROCESS:
            return self._process(code, count)
        if count > 1:
            return self._fault(s.CML_OTHER_COMMUNICATION)  # data in the middle of a read
        at = replies.at(code)
        if not at:
            self._status.raise_busy()
            return self._nothing()
        return at

    def _process(self, code: int, count: int) -> int:
        """QUERY, SMBALERT_MASK, COEFFICIENTS: a block of arguments came before."""
        registers = self._registers
        memory, at = self._mailbox.memory, self._mailbox.ends[0]
        arguments = 2 if code == _COEFFICIENTS else 1
        if count != arguments + 2 or memory[at + 1] != arguments:
            return self._fault(s.CML_INVALID_DATA)
        about = memory[at + 2]
        crc = TABLE[self.state[_CRC] ^ (registers.address << 1 | 1)]
        if code == _COEFFICIENTS:
            coefficients = registers.coefficients.get(about)
            if coefficients is None or memory[at + 3] != 1:
                return self._fault(s.CML_INVALID_DATA)
            return self._block(coefficients, crc)
        if code == _QUERY:
            value = registers.query[about] if registers.kind[ROW[about]] else 0
        elif _STATUS_VOUT <= about <= _STATUS_MFR_SPECIFIC:
            value = self._status.mask[about - _STATUS_VOUT]
        else:
            return self._fault(s.CML_INVALID_DATA)
        reply = self._replies.memory
        reply[0] = 3
        reply[1] = 1
        reply[2] = value
        reply[3] = TABLE[TABLE[crc ^ 1] ^ value]
        return 0

    def _answer(self, value: int, crc: int) -> int:
        """One byte and its PEC."""
        reply = self._replies.memory
        reply[0] = 2
        reply[1] = value
        reply[2] = crc
        return 0

    def _block(self, data: "bytes | bytearray", crc: int) -> int:
        """A counted answer."""
        reply = self._replies.memory
        size = len(data)
        reply[0] = size + 2
        reply[1] = size
        crc = TABLE[crc ^ size]
        for i in range(size):
            byte = data[i]
            reply[2 + i] = byte
            crc = TABLE[crc ^ byte]
        reply[2 + size] = crc
        return 0

    def _nothing(self) -> int:
        self._replies.memory[_SILENCE] = 0
        return _SILENCE

    def _fault(self, bits: int) -> int:
        self._status.raise_cml(bits)
        return self._nothing()

    # --- writes -----------------------------------------------------------------------------

    def _write(self, data: int) -> int:
        """A message that STOP ended, of `data` bytes behind its code: check it, then do it or
        hand it on. The bits of STATUS_CML that it earns."""
        registers = self._registers
        mailbox = self._mailbox
        memory, at = mailbox.memory, mailbox.ends[0]
        code = memory[at]
        kind = registers.kind[ROW[code]]
        if kind == _NONE:
            return s.CML_INVALID_COMMAND
        fault = self._refusal(code, kind, data)
        if fault:
            return fault
        start = 2 if kind == _BLOCK else 1
        at += start
        if code <= _WRITE_PROTECT or kind == _MASK or _STATUS_BYTE <= code <= _STATUS_MFR_SPECIFIC:
            live = self._live(code, memory[at])
            if live >= 0:
                return live
        guard = registers.guards.get(code)
        if guard is None and _BYTE <= kind <= _WORD:
            guard = registers.bounds
        if guard is not None and not guard.check(memory, at):
            return s.CML_INVALID_DATA
        if not mailbox.accept(start, registers.size[code]):
            self._status.raise_busy()
        elif kind == _SEND:
            self._status.begin()
        else:
            self._replies.show_echo(code, memory, at, registers.size[code])
        return 0

    def _refusal(self, code: int, kind: int, data: int) -> int:  # noqa: PLR0911 - one a rule
        """What is wrong with the form of a write, 0 when it may run."""
        registers = self._registers
        access = registers.access[code]
        if not access & _WRITE:
            # The code alone, and then STOP: a read that was broken off.
            return s.CML_INVALID_DATA if data else s.CML_OTHER_COMMUNICATION
        size = registers.size[code]
        if kind >= _BLOCK:
            size += 1  # the count; SMBALERT_MASK has two bytes and answers one
        if data < size:
            if kind == _BLOCK and data:
                return s.CML_INVALID_DATA  # the count disagrees with the bytes
            return s.CML_OTHER_COMMUNICATION
        if data > size + 1:
            return s.CML_INVALID_DATA
        if data > size:
            if self.state[_CRC]:
                return s.CML_PEC
        elif access & _NEEDS_PEC:
            return s.CML_PEC
        if kind == _BLOCK and self._mailbox.memory[self._mailbox.ends[0] + 1] != size - 1:
            return s.CML_INVALID_DATA
        if registers.write_protect > registers.permit[code]:
            return s.CML_INVALID_DATA
        return 0

    def _live(self, code: int, value: int) -> int:
        """A write to what the engine keeps itself: STATUS_CML bits, or -1 when it is not that."""
        status, registers = self._status, self._registers
        if code == _CLEAR_FAULTS:
            status.clear_all()
            self._mailbox.wake()
        elif code >= _STATUS_BYTE:
            status.clear(code, value)
            self._mailbox.wake()
        elif code == _PAGE:
            if value not in _PAGES:
                return s.CML_INVALID_DATA
            self._replies.show_live(code, value, 1)
        elif code == _WRITE_PROTECT:
            if value not in _WRITE_PROTECTS:
                return s.CML_INVALID_DATA
            registers.protect(value)
            self._replies.show_live(code, value, 1)
        elif code == _SMBALERT_MASK:
            if not _STATUS_VOUT <= value <= _STATUS_MFR_SPECIFIC:
                return s.CML_INVALID_DATA
            memory, at = self._mailbox.memory, self._mailbox.ends[0]
            status.mask[value - _STATUS_VOUT] = memory[at + 2]
        else:
            return -1
        return 0
