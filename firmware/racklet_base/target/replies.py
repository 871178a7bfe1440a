"""The replies of plain reads, ready to send, in one buffer that an interrupt reads by offset.

A reply is its length, then what goes out: count of a block, data, PEC. The event loop fills the
spot of a code that is not shown and swaps the two in one store. What only the interrupt writes
(status, PAGE) has one spot. A write to a readable register is echoed from a third spot until
the event loop has done it: `asked` counts writes (interrupt), `done` counts what was done (event
loop), and the echo is shown while they differ.
"""

from array import array

from racklet_wire import tables
from racklet_wire.pec import TABLE, crc8
from racklet_wire.status import STATUS_WORD
from racklet_wire.tables import ROW

from racklet_base.compiled import micropython, ptr8, ptr16

LONGEST = 34  # count, 32 bytes, PEC
LIVE = tables.LIVE


def _first(row: int) -> int:
    """Where the first spot of a row is."""
    at = 2 * row
    return tables.FIRST[at] | tables.FIRST[at + 1] << 8


class Replies:
    """`memory[at]` is the length of the reply at `at`, which follows; `at` 0 means that there is
    none. `shown[row]` and `echo[row]` are such places, by the row of the code in the command table;
    where which lies, racklet_wire.tables says. Offset 0 is for answers worked out at the read."""

    def __init__(self, address: int) -> None:
        self.write_crc = TABLE[address << 1]  # the PEC of a write so far
        self._address = address << 1 | 1
        self.shown = array("H", [0] * len(tables.KIND))
        self.asked = bytearray(len(tables.KIND))
        self.done = bytearray(len(tables.KIND))
        self.echo = array("H", tables.ECHO)
        self.memory = bytearray(tables.END)
        for code in LIVE:
            row = ROW[code]
            self.shown[row] = at = _first(row)
            self.memory[at] = 3 if code == STATUS_WORD else 2
            self.show_live(code, 0, self.memory[at] - 1)

    def read_crc(self, code: int) -> int:
        """The PEC of a read so far: address, code, address."""
        return TABLE[TABLE[self.write_crc ^ code] ^ self._address]

    # --- in the interrupt ---------------------------------------------------------------

    def at(self, code: int) -> int:
        """Where the reply of a plain read is; 0 when nothing was published."""
        row = ROW[code]
        if self.asked[row] != self.done[row]:
            return self.echo[row]
        return self.shown[row]

    @micropython.viper
    def show_echo(self, code: int, buffer: ptr8, at: int, size: int):
        """From now on a read of `code` shows these data, until as many are done as were asked."""
        row = ptr8(ROW)[code]
        spot = ptr16(self.echo)[row]
        if spot:
            memory = ptr8(self.memory)
            table = ptr8(TABLE)
            crc = table[table[int(self.write_crc) ^ code] ^ int(self._address)]
            memory[spot] = size + 1
            end = at + size
            while at < end:
                spot += 1
                memory[spot] = buffer[at]
                crc = table[crc ^ buffer[at]]
                at += 1
            memory[spot + 1] = crc
            asked = ptr8(self.asked)
            asked[row] = asked[row] + 1 & 0xFF

    @micropython.viper
    def show_live(self, code: int, value: int, size: int):
        """The value of a register that only the interrupt writes."""
        memory = ptr8(self.memory)
        table = ptr8(TABLE)
        at = ptr16(self.shown)[ptr8(ROW)[code]] + 1
        memory[at] = value & 0xFF
        crc = table[table[int(self.write_crc) ^ code] ^ int(self._address)]
        crc = table[crc ^ value & 0xFF]
        if size == 2:
            at += 1
            memory[at] = value >> 8
            crc = table[crc ^ value >> 8]
        memory[at + 1] = crc

    # --- in the event loop ----------------------------------------------------------------

    def show(self, code: int, data: "bytes | bytearray", room: int, counted: bool) -> None:
        """Make `data` the reply of `code`, whose spots have `room` for data, counted or not."""
        memory = self.memory
        row = ROW[code]
        at = _first(row)
        if self.shown[row] == at:
            at += room + (3 if counted else 2)
        end = at + 1
        crc = self.read_crc(code)
        size = len(data)
        if counted:
            memory[end] = size
            crc = TABLE[crc ^ size]
            end += 1
        memory[end : end + size] = data
        end += size
        memory[end] = crc8(data, crc)
        memory[at] = end - at
        self.shown[row] = at

    def hide(self, code: int) -> None:
        """There is no reply now."""
        self.shown[ROW[code]] = 0
