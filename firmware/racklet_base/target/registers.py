"""What the engine needs to know of the command table, in tables an interrupt can read.

Replies of plain reads are kept ready to send, data and PEC. The event loop prepares the next
one beside the one that is shown and swaps them in one store. A write to a readable register is
echoed by a third buffer until the event loop has done it: `_asked` counts writes (interrupt),
`_done` counts what was done (event loop), and the echo is shown while they differ.
"""

from racklet_wire.commands import COMMANDS, PROTECTION, query_info
from racklet_wire.pec import TABLE, crc8

from racklet_base.target.mailbox import Mailbox
from racklet_base.target.status import Status

# Transactions, as numbers
NONE, SEND, BYTE, WORD, BLOCK, PROCESS, MASK = range(7)
_KINDS = ("", "send byte", "byte", "word", "block", "process call", "mask")

# Bits of `access`
READ, WRITE, NEEDS_PEC = 1, 2, 4

_PIECE = 16  # what a FIFO holds


def frame(size: int) -> "tuple[bytearray, ...]":
    """A reply buffer, followed by views of its pieces, each of at most 16 bytes."""
    whole = bytearray(size)
    view = memoryview(whole)
    if size <= _PIECE:
        return whole, view
    return (whole,) + tuple([view[i : i + _PIECE] for i in range(0, size, _PIECE)])


class Registers:
    """Tables by code, replies, mailbox and status of one target."""

    def __init__(self, address: int) -> None:
        self.address = address
        self.mailbox = Mailbox()
        self.status = Status()
        self.page = 0
        self.write_protect = 0
        self.kind = bytearray(256)
        self.size = bytearray(256)
        self.access = bytearray(256)
        self.permit = bytearray(256)  # the highest WRITE_PROTECT that lets it be written
        self.query = bytearray(256)
        self.guards = {}  # code -> guard; filled before the target is attached
        self.coefficients = {}  # code -> the five bytes of COEFFICIENTS
        self.held = None  # the frame being sent
        self._frames = [None] * 256
        self._spares = [None] * 256
        self._echoes = {}
        self._asked = bytearray(256)
        self._done = bytearray(256)
        for code, _, transaction, access, _, size, protection in COMMANDS:
            permit, needs_pec = PROTECTION[protection]
            self.kind[code] = _KINDS.index(transaction)
            self.size[code] = size
            self.permit[code] = permit
            self.query[code] = query_info(code)
            self.access[code] = (
                ("r" in access) * READ | ("w" in access) * WRITE | needs_pec * NEEDS_PEC
            )
            if access == "rw" and transaction in ("byte", "word"):
                self._echoes[code] = frame(size + 1)

    # --- in the interrupt ---------------------------------------------------------------

    def frame_of(self, code: int) -> "tuple[bytearray, ...] | None":
        """The reply of a plain read, None when nothing was published."""
        if self._asked[code] != self._done[code]:
            return self._echoes[code]
        return self._frames[code]

    def plain_replies(self) -> "tuple[list, bytearray, bytearray]":
        """For a mover that answers plain reads by itself: frames by code, and two counters.

        frames[code][0] is the whole reply where that is not None; it must not be used while
        the counters of that code differ, since a write is on its way.
        """
        return self._frames, self._asked, self._done

    def echo(self, code: int, buffer: bytearray, at: int) -> None:
        """From now on a read of `code` shows these data, until `finish`."""
        echo = self._echoes.get(code)
        if echo is None:
            return
        reply = echo[0]
        crc = self.read_crc(code)
        for i in range(self.size[code]):
            byte = buffer[at + i]
            reply[i] = byte
            crc = TABLE[crc ^ byte]
        reply[self.size[code]] = crc
        self._asked[code] = self._asked[code] + 1 & 0xFF

    def read_crc(self, code: int) -> int:
        """The PEC of a read so far: address, code, address."""
        crc = TABLE[TABLE[self.address << 1] ^ code]
        return TABLE[crc ^ (self.address << 1 | 1)]

    # --- in the event loop ----------------------------------------------------------------

    def publish(self, code: int, data: "bytes | bytearray") -> None:
        """Make `data` the reply of a plain read of `code`.

        ValueError when they are not of the size that the table states.
        """
        count = len(data)
        head = 1 if self.kind[code] == BLOCK else 0  # the count byte
        if count != self.size[code] and not (head and count < self.size[code]):
            raise ValueError(f"0x{code:02X} has {self.size[code]} bytes, not {count}")
        end = head + count
        spare = self._spares[code]
        if spare is None or spare is self.held or len(spare[0]) != end + 1:
            spare = frame(end + 1)
        reply = spare[0]
        crc = self.read_crc(code)
        if head:
            reply[0] = count
            crc = TABLE[crc ^ count]
        reply[head:end] = data
        reply[end] = crc8(data, crc)
        self._spares[code] = self._frames[code]
        self._frames[code] = spare

    def withdraw(self, code: int) -> None:
        """There is no value now: a read answers 0xFF and sets BUSY, until the next `publish`."""
        self._frames[code] = None

    def withhold(self, code: int) -> None:
        """This firmware does not serve the code, as if it were not in the table."""
        self.kind[code] = NONE
        self.access[code] = 0
        self.query[code] = 0

    def hold_off(self, is_on: bool, is_good: bool) -> None:
        """Until `serve`, nobody does what is written: writes are refused, and BUSY is shown.

        What STATUS_WORD says of the rail meanwhile is given.
        """
        self.mailbox.is_open = False
        self.status.begun = self.status.begun + 1 & 0xFF
        self.status.show({}, not is_on, is_good)

    def serve(self) -> None:
        """From now on writes are taken, if they were not."""
        if not self.mailbox.is_open:
            self.mailbox.is_open = True
            self.status.done = self.status.done + 1 & 0xFF

    def finish(self, code: int) -> None:
        """What a taken message of `code` asked for is done, and its register published again."""
        if self.kind[code] == SEND:
            self.status.done = self.status.done + 1 & 0xFF
        elif code in self._echoes:
            self._done[code] = self._done[code] + 1 & 0xFF
