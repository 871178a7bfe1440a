"""The compute unit's serial console, kept in a ring whose bytes are numbered from the start.

What was read once can be read again by its number as long as it is in the ring, so a reader
that lost an answer loses no text.
"""


class Console:
    """`first` to `end` are the numbers of the bytes kept; `lost` counts those overwritten
    before `end`; `input_end` counts what was typed, `input_room` what may be typed now.

    `uart` has any(), readinto(buffer) and write(data).
    """

    limit_ms = 5_000

    def __init__(self, uart: object, size: int = 3072, input_size: int = 256) -> None:
        self._uart = uart
        self._ring = bytearray(size)
        self._waiting = bytearray()
        self._input_size = input_size
        self.end = 0
        self.input_end = 0

    @property
    def first(self) -> int:
        return max(0, self.end - len(self._ring))

    @property
    def lost(self) -> int:
        return self.first

    @property
    def input_room(self) -> int:
        return self._input_size - len(self._waiting)

    def read(self, offset: int, most: int) -> bytes:
        """At most `most` bytes from number `offset` on; empty outside of what is kept."""
        if not self.first <= offset < self.end:
            return b""
        size = len(self._ring)
        count = min(most, self.end - offset)
        at = offset % size
        data = self._ring[at : at + count]
        return bytes(data + self._ring[: count - len(data)])

    def write(self, data: bytes) -> None:
        """Type. ValueError, and nothing is typed, when there is no room."""
        if len(data) > self.input_room:
            raise ValueError("no room")
        self._waiting.extend(data)
        self.input_end += len(data)
        self.step()

    def period_ms(self) -> int:
        return 50  # 576 bytes at 115,200 baud: half of the receive buffer that the UART needs

    def step(self) -> None:
        """Move bytes both ways, as far as they go without waiting."""
        ring = memoryview(self._ring)
        while self._uart.any():
            count = self._uart.readinto(ring[self.end % len(ring) :]) or 0
            if not count:
                break
            self.end += count
        if self._waiting:
            sent = self._uart.write(self._waiting) or 0
            self._waiting = self._waiting[sent:]
