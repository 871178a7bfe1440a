"""NOR flash in RAM that keeps the rules and can lose power at any operation.

A program only clears bits, within one page; an erase sets one sector. `cut_after` operations
the power goes: that operation is applied in part (`torn`, a fraction of 256) or not at all,
and PowerCut is raised, by every later access as well until `restore_power`.
"""


class PowerCut(Exception):
    """The power went during a flash operation."""


class FakeFlash:
    sector_size = 4096
    page_size = 256

    def __init__(self, size: int) -> None:
        self.size = size
        self.data = bytearray(b"\xff" * size)
        self.operations = 0
        self.cut_after = None
        self.torn = 0
        self._dead = False

    def restore_power(self) -> None:
        self.cut_after = None
        self._dead = False

    def read(self, offset: int, buffer) -> None:
        self._check(offset, len(buffer))
        buffer[:] = self.data[offset : offset + len(buffer)]

    def program(self, offset: int, data) -> None:
        self._check(offset, len(data))
        if offset % self.page_size + len(data) > self.page_size:
            raise ValueError("crosses a page")
        for i in range(self._done(len(data))):
            self.data[offset + i] &= data[i]
        self._fall()

    def erase(self, offset: int) -> None:
        self._check(offset, self.sector_size)
        if offset % self.sector_size:
            raise ValueError("not a sector")
        done = self._done(self.sector_size)
        self.data[offset : offset + done] = b"\xff" * done
        self._fall()

    def _done(self, whole: int) -> int:
        """How much of this operation of `whole` bytes happens."""
        self.operations += 1
        if self.cut_after is None or self.operations <= self.cut_after:
            return whole
        self._dead = True
        return whole * self.torn // 256

    def _fall(self) -> None:
        if self._dead:
            raise PowerCut

    def _check(self, offset: int, length: int) -> None:
        if self._dead:
            raise PowerCut
        if offset < 0 or offset + length > self.size:
            raise ValueError("outside the region")
