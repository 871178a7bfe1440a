"""From the interrupt to the event loop: accepted writes, in order.

A ring of buffers. The engine receives into the next free one, so that accepting a message is
one increment; one side writes `_head`, the other `_tail`, and neither waits.
"""

SIZE = 40  # a block write: code, count, 32 bytes, PEC, and room to see that there are too many


def _nothing() -> None:
    pass


class Mailbox:
    def __init__(self, depth: int = 16) -> None:
        self._slots = [bytearray(SIZE) for _ in range(depth + 1)]
        self._sizes = bytearray(depth + 1)
        self._starts = bytearray(depth + 1)
        self._head = 0  # the slot being received into
        self._tail = 0  # the oldest one not taken
        self.is_open = True  # else nothing is accepted: nobody would do it
        self.wake = _nothing  # called from the interrupt after a message was accepted

    def buffer(self) -> bytearray:
        """Where the engine receives."""
        return self._slots[self._head]

    def accept(self, start: int, size: int) -> bool:
        """Keep what was received, data at `start`; False when the ring is full, or closed."""
        head = self._head
        after = head + 1
        if after == len(self._slots):
            after = 0
        if after == self._tail or not self.is_open:
            return False
        self._starts[head] = start
        self._sizes[head] = size
        self._head = after
        self.wake()
        return True

    def take(self) -> "tuple[int, bytes] | None":
        """The oldest accepted (code, data), None when there is none. Event loop only."""
        tail = self._tail
        if tail == self._head:
            return None
        slot = self._slots[tail]
        start = self._starts[tail]
        message = slot[0], bytes(slot[start : start + self._sizes[tail]])
        self._tail = tail + 1 if tail + 1 < len(self._slots) else 0
        return message
