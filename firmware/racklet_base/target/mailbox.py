"""From the interrupt to the event loop: accepted writes, in order.

A ring of slots in one buffer. The engine receives into the next free one, so that accepting a
message is one store; one side writes `ends[0]`, the other `ends[1]`, and neither waits.
"""

from array import array

from racklet_base.compiled import const, micropython, ptr8, ptr16

ROOM = 38  # a block write: code, count, 32 bytes, PEC, and room to see that there are too many
_START = const(38)  # where a slot keeps the place of its data,
_SIZE = const(39)  # and their number
SLOT = const(40)


def _nothing() -> None:
    pass


class Mailbox:
    """`memory[ends[0]:]` is where the engine receives; the oldest one not taken is at `ends[1]`."""

    def __init__(self, depth: int = 48) -> None:
        self.memory = bytearray((depth + 1) * SLOT)
        self.ends = array("H", (0, 0))
        self.is_open = True  # else nothing is accepted: nobody would do it
        self.wake = _nothing  # called from the interrupt after a message was accepted

    @property
    def is_empty(self) -> bool:
        return self.ends[0] == self.ends[1]

    def accept(self, start: int, size: int) -> bool:
        """Keep what was received, data at `start`; False when the ring is full, or closed."""
        memory, ends = self.memory, self.ends
        head = ends[0]
        after = head + SLOT
        if after == len(memory):
            after = 0
        if after == ends[1] or not self.is_open:
            return False
        memory[head + _START] = start
        memory[head + _SIZE] = size
        ends[0] = after
        self.wake()
        return True

    @micropython.viper
    def take_row(self, code: int, number: int, buffer: ptr8, at: int, room: int) -> int:
        """Take the oldest messages as long as they are of `code`, in a row by the 16-bit number
        that comes first, and whole: what follows the number goes into `buffer` from `at` on,
        at most `room` bytes. Returns where it ends. Event loop only.

        A message takes 25 us on an RP2040; in bytecode it took 125.
        """
        memory, ends = ptr8(self.memory), ptr16(self.ends)
        size = int(len(self.memory))
        tail, limit = int(ends[1]), at + room
        while tail != int(ends[0]) and memory[tail] == code:
            start = tail + memory[tail + _START]
            end = at + memory[tail + _SIZE] - 2
            if end > limit or memory[start] | memory[start + 1] << 8 != number & 0xFFFF:
                break
            start += 2
            while at < end:
                buffer[at] = memory[start]
                start += 1
                at += 1
            number += 1
            tail += SLOT
            if tail == size:
                tail = 0
            ends[1] = tail
        return at

    def take(self) -> "tuple[int, bytes] | None":
        """The oldest accepted (code, data), None when there is none. Event loop only."""
        tail = self.ends[1]
        if tail == self.ends[0]:
            return None
        memory = self.memory
        start = tail + memory[tail + _START]
        message = memory[tail], bytes(memory[start : start + memory[tail + _SIZE]])
        after = tail + SLOT
        self.ends[1] = after if after < len(memory) else 0
        return message
