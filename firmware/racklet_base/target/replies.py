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

LONGEST = 34  # count, 32 bytes, PEC
LIVE = tables.LIVE


class Replies:
    """`memory[at]` is the length of the reply at `at`, which follows; `at` 0 means that there is
    none. `shown[code]` and `echo[code]` are such places; where which lies, racklet_wire.tables
    says. Offset 0 is for answers worked out at the read."""

    def __init__(self, address: int) -> None:
        self.write_crc = TABLE[address << 1]  # the PEC of a write so far
        self._address = address << 1 | 1
        self.shown = array("H", [0] * 256)
        self.asked = bytearray(256)
        self.done = bytearray(256)
        self._first = array("H", tables.FIRST)
        self.echo = array("H", tables.ECHO)
        self.memory = bytearray(tables.END)
        for code in LIVE:
            self.show_live(code, 0, 2 if code == STATUS_WORD else 1)

    def read_crc(self, code: int) -> int:
        """The PEC of a read so far: address, code, address."""
        return TABLE[TABLE[self.write_crc ^ code] ^ self._address]

    # --- in the interrupt ---------------------------------------------------------------

    def at(self, code: int) -> int:
        """Where the reply of a plain read is; 0 when nothing was published."""
        if self.asked[code] != self.done[code]:
            return self.echo[code]
        return self.shown[code]

    def show_echo(self, code: int, buffer: bytearray, at: int, size: int) -> None:
        """From now on a read of `code` shows these data, until as many are done as were asked."""
        spot = self.echo[code]
        if spot:
            memory = self.memory
            crc = self.read_crc(code)
            memory[spot] = size + 1
            for i in range(size):
                byte = buffer[at + i]
                spot += 1
                memory[spot] = byte
                crc = TABLE[crc ^ byte]
            memory[spot + 1] = crc
            self.asked[code] = self.asked[code] + 1 & 0xFF

    def show_live(self, code: int, value: int, size: int) -> None:
        """The value of a register that only the interrupt writes."""
        memory = self.memory
        at = self._first[code]
        low = value & 0xFF
        memory[at] = size + 1
        memory[at + 1] = low
        crc = TABLE[TABLE[TABLE[self.write_crc ^ code] ^ self._address] ^ low]
        if size == 2:
            memory[at + 2] = value >> 8
            crc = TABLE[crc ^ value >> 8]
        memory[at + 1 + size] = crc
        self.shown[code] = at

    # --- in the event loop ----------------------------------------------------------------

    def show(self, code: int, data: "bytes | bytearray", room: int, counted: bool) -> None:
        """Make `data` the reply of `code`, whose spots have `room` for data, counted or not."""
        memory = self.memory
        at = self._first[code]
        if self.shown[code] == at:
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
        self.shown[code] = at

    def hide(self, code: int) -> None:
        """There is no reply now."""
        self.shown[code] = 0
