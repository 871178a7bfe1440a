"""The lowest, highest and mean value of a quantity over windows of time, with their times."""


class Window:
    """`last` is the window that ended most recently, None until then and when it had no value:

    (number of values, lowest, highest, mean, begin, end, time of the lowest, of the highest),
    times in ms of uptime; the order of blocks.PAGES' WINDOW.
    """

    def __init__(self, length_ms: int) -> None:
        self.length_ms = length_ms
        self.last = None
        self._clear(None)

    def add(self, value: "int | None", now: int) -> None:
        """A new value; None only lets time pass."""
        if self._begun_ms is None:
            self._begun_ms = now
        if now - self._begun_ms >= self.length_ms:
            self.last = self.now(now)
            self._clear(now)
        if value is None:
            return
        if not self._count or value < self._low:
            self._low, self._low_ms = value, now
        if not self._count or value > self._high:
            self._high, self._high_ms = value, now
        self._count += 1
        self._sum += value

    def now(self, now: int) -> "tuple | None":
        """The window under way, as `last` has it; None while it holds no value."""
        count = self._count
        if not count:
            return None
        mean = (2 * self._sum + count) // (2 * count)
        times = self._begun_ms, now, self._low_ms, self._high_ms
        return (count, self._low, self._high, mean) + times

    def _clear(self, begun_ms: "int | None") -> None:
        self._begun_ms = begun_ms
        self._count = self._sum = 0
        self._low = self._low_ms = self._high = self._high_ms = 0
