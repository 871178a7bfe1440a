"""Which values a write may carry, decided in the interrupt: no allocation, small integers.

`check(buffer, at)` looks at the data bytes from `at`; before them stands the code.
"""

from array import array

try:
    from micropython import const
except ImportError:  # CPython, where a look-up by name costs nothing that matters

    def const(value: int) -> int:
        return value


_BYTE = const(0)
_LINEAR11 = const(1)
_LINEAR16 = const(2)
_KINDS = {"linear11": _LINEAR11, "linear16": _LINEAR16}
_ABOVE = const(0x80)  # in a neighbour's place: it must stay above


class Allowed:
    """One byte out of `values`."""

    def __init__(self, values: bytes) -> None:
        self._values = values

    def check(self, buffer: bytearray, at: int) -> bool:
        return buffer[at] in self._values


class Bounds:
    """Numbers from `low` to `high`, of many codes: one guard for all, as objects take RAM.

    A row is (code, format, low, high, least, most), codes ascending: what a "linear11" or
    "linear16" word says (thousandths, beyond -2^29 .. 2^29; millivolts in the exponent of
    VOUT_MODE, -12) or a byte is must lie from `least` to `most`, and counts as the nearer
    bound when it lies beyond `low` or `high`.

    `pairs` of codes must keep their values in order, the first below the second: `known` is
    what is in force (event loop), and a write on its way counts as if it were.
    """

    def __init__(self, replies: object, rows: list, pairs: "list[tuple[int, int]]") -> None:
        self._replies = replies
        self._codes = codes = bytes([row[0] for row in rows])
        self._first = codes[0]
        self._places = bytearray(codes[-1] - codes[0] + 1)
        self._kinds = bytes([_KINDS.get(row[1], _BYTE) for row in rows])
        self._low = array("i", [row[2] for row in rows])
        self._high = array("i", [row[3] for row in rows])
        self._least = array("i", [row[4] for row in rows])
        self._most = array("i", [row[5] for row in rows])
        self._known = array("i", [0] * len(rows))
        self._asked = array("i", [0] * len(rows))
        self._ends = bytearray(len(rows) + 1)  # where the neighbours of the one before end
        self._neighbours = bytearray(2 * len(pairs))
        for place, code in enumerate(codes):
            self._places[code - self._first] = place
        end = 0
        for place, code in enumerate(codes):
            for lower, upper in pairs:
                if code in (lower, upper):
                    other = upper if code == lower else lower
                    above = _ABOVE if code == lower else 0
                    self._neighbours[end] = self._places[other - self._first] | above
                    end += 1
            self._ends[place + 1] = end

    def know(self, code: int, value: int) -> None:
        """What is in force (event loop)."""
        self._known[self._places[code - self._first]] = value

    def check(self, buffer: bytearray, at: int) -> bool:
        own = self._places[buffer[at - 1] - self._first]
        kind = self._kinds[own]
        value = buffer[at]
        if kind == _LINEAR16:
            value = ((value | buffer[at + 1] << 8) * 1000 + 2048) >> 12
        elif kind == _LINEAR11:
            word = value | buffer[at + 1] << 8
            exponent = (word >> 11 ^ 0x10) - 0x10
            value = (word & 0x7FF ^ 0x400) - 0x400
            if exponent < 0:
                value = (value * 1000 + (1 << -exponent - 1)) >> -exponent
            elif -1 << 19 - exponent <= value <= 1 << 19 - exponent:
                value = (value << exponent) * 1000
            else:
                return False  # beyond half a million units, and 2^29 thousandths
        if not self._least[own] <= value <= self._most[own]:
            return False
        value = max(self._low[own], min(value, self._high[own]))
        for i in range(self._ends[own], self._ends[own + 1]):
            neighbour = self._neighbours[i]
            other = self._in_force(neighbour & ~_ABOVE)
            if value >= other if neighbour & _ABOVE else value <= other:
                return False
        self._asked[own] = value
        return True

    def _in_force(self, place: int) -> int:
        """What the next value is compared with."""
        code, replies = self._codes[place], self._replies
        if replies.asked[code] != replies.done[code]:
            return self._asked[place]
        return self._known[place]
