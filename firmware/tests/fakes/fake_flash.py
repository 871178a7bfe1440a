"""NOR flash in RAM that keeps the rules and can lose power at any operation.

A program only clears bits, within one page; an erase sets one sector. `Power.cut` says at
which operation the power goes: that one happens in part, and PowerCut is raised, by every
later access as well until the power is back.
"""


class PowerCut(Exception):
    """The power went during a flash operation."""


class Power:
    """The power of all flash of one board: counts operations, and goes when told to."""

    def __init__(self) -> None:
        self.operations = 0
        self.is_on = True
        self._cut_at = 0
        self._torn = 0
        self._seed = 1

    def cut(self, after: int, torn: int) -> None:
        """Go at the operation `after` more complete ones; of that one `torn` of 256 bits
        happen, chosen by chance but the same ones each time."""
        self._cut_at = self.operations + after + 1
        self._torn = torn
        self._seed = self._cut_at

    def restore(self) -> None:
        self._cut_at = 0
        self.is_on = True

    def change(self, data: bytearray, offset: int, wanted) -> None:
        """Make one operation's change, or the part of it that still happens."""
        if not self.is_on:
            raise PowerCut
        self.operations += 1
        if self.operations != self._cut_at:
            data[offset : offset + len(wanted)] = wanted
            return
        self.is_on = False
        for i, byte in enumerate(wanted):
            for bit in range(8):
                if self._chance() < self._torn:
                    mask = 1 << bit
                    data[offset + i] = data[offset + i] & ~mask | byte & mask
        raise PowerCut

    def _chance(self) -> int:
        # A linear congruential generator: MicroPython and CPython must draw alike.
        self._seed = (self._seed * 1103515245 + 12345) & 0x7FFFFFFF
        return self._seed >> 16 & 0xFF


class FakeFlash:
    sector_size = 4096
    page_size = 256

    def __init__(self, size: int, power: "Power | None" = None) -> None:
        self.size = size
        self.data = bytearray(b"\xff" * size)
        self.power = power or Power()

    def read(self, offset: int, buffer) -> None:
        self._check(offset, len(buffer))
        buffer[:] = self.data[offset : offset + len(buffer)]

    def program(self, offset: int, data) -> None:
        self._check(offset, len(data))
        if offset % self.page_size + len(data) > self.page_size:
            raise ValueError("crosses a page")
        cleared = bytes([self.data[offset + i] & byte for i, byte in enumerate(data)])
        self.power.change(self.data, offset, cleared)

    def erase(self, offset: int) -> None:
        self._check(offset, self.sector_size)
        if offset % self.sector_size:
            raise ValueError("not a sector")
        self.power.change(self.data, offset, b"\xff" * self.sector_size)

    def _check(self, offset: int, length: int) -> None:
        if not self.power.is_on:
            raise PowerCut
        if offset < 0 or offset + length > self.size:
            raise ValueError("outside the region")
