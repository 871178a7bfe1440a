"""Which values a write may carry, decided in the interrupt: no allocation, small integers.

`check(buffer, at)` looks at the data bytes from `at`. A numeric guard leaves what it has decoded
in `value`.
"""

from array import array


class Allowed:
    """One byte out of `values`."""

    def __init__(self, values: bytes) -> None:
        self._values = values

    def check(self, buffer: bytearray, at: int) -> bool:
        return buffer[at] in self._values


class Linear11:
    """A LINEAR11 word from `low` to `high` thousandths, both beyond -2^29 .. 2^29."""

    def __init__(self, low: int, high: int) -> None:
        self._low = low
        self._high = high
        self.value = 0

    def check(self, buffer: bytearray, at: int) -> bool:
        word = buffer[at] | buffer[at + 1] << 8
        exponent = (word >> 11 ^ 0x10) - 0x10
        milli = (word & 0x7FF ^ 0x400) - 0x400
        if exponent < 0:
            milli = (milli * 1000 + (1 << -exponent - 1)) >> -exponent
        elif -1 << 19 - exponent <= milli <= 1 << 19 - exponent:
            milli = (milli << exponent) * 1000
        else:
            return False  # beyond half a million units, and 2^29 thousandths
        self.value = milli
        return self._low <= milli <= self._high


class Linear16:
    """A LINEAR16 word from `low` to `high` millivolts, in the exponent of VOUT_MODE (-12)."""

    def __init__(self, low: int, high: int) -> None:
        self._low = low
        self._high = high
        self.value = 0

    def check(self, buffer: bytearray, at: int) -> bool:
        mv = ((buffer[at] | buffer[at + 1] << 8) * 1000 + 2048) >> 12
        self.value = mv
        return self._low <= mv <= self._high


class Order:
    """Values that must stay in order. `known[i]` is what is in force (event loop); a register
    whose write is on its way, of code `codes[i]`, counts with the value `asked[i]`.
    """

    def __init__(self, replies: object, codes: bytes) -> None:
        self._replies = replies
        self.codes = codes
        self.known = array("i", [0] * len(codes))
        self.asked = array("i", [0] * len(codes))

    def value(self, i: int) -> int:
        """What the next value is compared with."""
        code, replies = self.codes[i], self._replies
        if replies.asked[code] != replies.done[code]:
            return self.asked[i]
        return self.known[i]


class Ordered:
    """What `guard` lets through, above the values `below` and below those `above`, which are
    places in `order`, as is `own`. A value beyond `bounds` counts as the nearer bound.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - a row of a table
        self,
        guard: object,
        bounds: "tuple[int, int]",
        order: Order,
        own: int,
        below: bytes,
        above: bytes,
    ) -> None:
        self._guard = guard
        self._low, self._high = bounds
        self._order = order
        self._own = own
        self._below = below
        self._above = above

    def check(self, buffer: bytearray, at: int) -> bool:
        guard, order = self._guard, self._order
        if not guard.check(buffer, at):
            return False
        value = max(self._low, min(guard.value, self._high))
        for i in self._below:
            if value <= order.value(i):
                return False
        for i in self._above:
            if value >= order.value(i):
                return False
        order.asked[self._own] = value
        return True
