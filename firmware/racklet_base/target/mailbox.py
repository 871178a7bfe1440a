"""From the interrupt to the event loop: accepted writes, in order.

A ring of slots in one buffer. The engine receives into the next free one, so that accepting a
message is one store; one side writes `ends[0]`, the other `ends[1]`, and neither waits.
"""

from array import array

ROOM = 38  # a block write: code, count, 32 bytes, PEC, and room to see that there are too many
_START, _SIZE = 38, 39  # where a slot keeps the place and number of its data
SLOT = 40


def _nothing() -> None:
    pass


class Mailbox:
    """`memory[ends[0]:]` is where the engine receives; the oldest one not taken is at `ends[1]`."""

    def __init__(self, depth: int = 16) -> None:
        self.memory = bytearray((depth + 1) * SLOT)
        self.ends = array("H", (0, 0))
        self.is_open = True  # else nothing is accepted: nobody would do it
        self.wake = _nothing  # called from the interrupt after a message was accepted

    def accept(self, start: int, size: int) -> bool:
        """Keep what was received, data at `start`; False when the ring is full, or closed."""
        head = self.ends[0]
        after = head + SLOT
        if after == len(self.memory):
            after = 0
        if after == self.ends[1] or not self.is_open:
            return False
        self.memory[head + _START] = start
        self.memory[head + _SIZE] = size
        self.ends[0] = after
        self.wake()
        return True

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
