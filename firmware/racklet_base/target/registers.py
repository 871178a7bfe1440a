"""What the engine needs to know of the command table, in tables an interrupt can read."""

from array import array

from racklet_wire import tables

from racklet_base.target.mailbox import Mailbox
from racklet_base.target.replies import Replies
from racklet_base.target.status import Status

NO_CODE = 0x100


class Registers:
    """Tables by code, replies, mailbox and status of one target."""

    def __init__(self, address: int) -> None:
        self.address = address
        self.mailbox = Mailbox()
        self.status = Status()
        self.replies = Replies(address)
        self.write_protect = 0
        self._stream = NO_CODE
        # The code of a block that a mover may put into the mailbox as it comes, when its PEC is
        # right and it has its 32 bytes: nothing else about it needs a look just now.
        self.stream = array("H", (NO_CODE,))
        self.kind = bytearray(tables.KIND)  # by row
        self.size = tables.SIZE
        self.access = tables.ACCESS
        self.permit = tables.PERMIT  # the highest WRITE_PROTECT that lets it be written
        self.query = tables.QUERY
        self.guards = {}  # code -> guard; filled before writes are taken, as is the one of all
        self.bounds = None  # numbers, a guards.Bounds
        self.coefficients = {}  # code -> the five bytes of COEFFICIENTS

    # --- in the event loop ----------------------------------------------------------------

    def publish(self, code: int, data: "bytes | bytearray") -> None:
        """Make `data` the reply of a plain read of `code`.

        ValueError when they are not of the size that the table states.
        """
        count, size = len(data), self.size[code]
        counted = self.kind[tables.ROW[code]] == tables.BLOCK
        if count != size and not (counted and count < size):
            raise ValueError(f"0x{code:02X} has {size} bytes, not {count}")
        self.replies.show(code, data, size, counted)

    def withdraw(self, code: int) -> None:
        """There is no value now: a read answers 0xFF and sets BUSY, until the next `publish`."""
        self.replies.hide(code)

    def withhold(self, code: int) -> None:
        """This firmware does not serve the code, as if it were not in the table."""
        self.kind[tables.ROW[code]] = tables.NONE

    def hold_off(self, is_on: bool, is_good: bool) -> None:
        """Until `serve`, nobody does what is written: writes are refused, and BUSY is shown.

        What STATUS_WORD says of the rail meanwhile is given.
        """
        self.mailbox.is_open = False
        self.stream[0] = NO_CODE
        self.status.begin()
        self.status.show({}, not is_on, is_good)

    def serve(self, stream: int = NO_CODE) -> None:
        """From now on writes are taken, if they were not; `stream` is the code of a block of 32
        bytes without guard or echo that is written in long rows."""
        if not self.mailbox.is_open:
            self.mailbox.is_open = True
            self.status.finish()
        self._stream = stream
        self.protect(self.write_protect)

    def protect(self, value: int) -> None:
        """A new WRITE_PROTECT. In the interrupt, too."""
        self.write_protect = value
        self.stream[0] = NO_CODE if value else self._stream

    def finish(self, code: int) -> None:
        """What a taken message of `code` asked for is done, and its register published again."""
        row = tables.ROW[code]
        if self.kind[row] == tables.SEND:
            self.status.finish()
        elif self.replies.echo[row]:
            self.replies.done[row] = self.replies.done[row] + 1 & 0xFF
