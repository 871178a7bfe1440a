"""Which values a write may carry, decided in the interrupt: no allocation, small integers.

`check(buffer, at)` looks at the data bytes from `at`; before them stands the code.
"""

from array import array

from racklet_wire.tables import ROW

from racklet_base.compiled import const, micropython, ptr8, ptr32

_KINDS = {"linear11": 1, "linear16": 2}  # anything else is a byte, 0
_ABOVE = const(0x80)  # in a neighbour's place: it must stay above

_CODES = const(0x70)  # all numbers that are settings have codes below

# Words of a row
_ROW = const(8)
_KNOWN = const(5)
# Added to all values, so that a word has no sign: a machine of 64 bits would not extend it.
_BIAS = const(1 << 29)


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
        self._asked, self._done = replies.asked, replies.done
        codes = [row[0] for row in rows]
        self._places = bytearray(b"\xff" * _CODES)  # by code; the rest passes
        self._ends = bytearray(len(rows) + 1)  # where the neighbours of the one before end
        self._neighbours = bytearray(2 * len(pairs))
        # Of each code: its kind, least, most, low, high, what is in force and what was asked for,
        # and the row of the command table.
        self._rows = array("i", [0] * (_ROW * len(rows)))
        end = 0
        for place, (code, kind, low, high, least, most) in enumerate(rows):
            self._places[code] = place
            at = _ROW * place
            bounds = [_BIAS + value for value in (least, most, low, high)]
            self._rows[at : at + _ROW] = array(
                "i", [_KINDS.get(kind, 0)] + bounds + [0, 0, ROW[code]]
            )
            for lower, upper in pairs:
                if code in (lower, upper):
                    other = codes.index(upper if code == lower else lower)
                    self._neighbours[end] = other | _ABOVE if code == lower else other
                    end += 1
            self._ends[place + 1] = end

    def know(self, code: int, value: int) -> None:
        """What is in force (event loop)."""
        self._rows[_ROW * self._places[code] + _KNOWN] = _BIAS + value

    @micropython.viper
    def check(self, buffer: ptr8, at: int) -> bool:  # noqa: PLR0911, PLR0912 - calls cost the bus
        rows = ptr32(self._rows)
        if buffer[at - 1] >= 0x70:  # _CODES
            return True
        place = ptr8(self._places)[buffer[at - 1]]
        if place == 0xFF:
            return True
        own = place << 3
        value = buffer[at]
        if rows[own]:
            value |= buffer[at + 1] << 8
        if rows[own] == 2:
            value = (value * 1000 + 2048) >> 12
        elif rows[own] == 1:
            exponent = (value >> 11 ^ 0x10) - 0x10
            value = (value & 0x7FF ^ 0x400) - 0x400
            if exponent < 0:
                value = (value * 1000 + (1 << (0 - exponent - 1))) >> (0 - exponent)
            else:
                most = 1 << 19 - exponent
                if value < 0 - most or value > most:
                    return False  # beyond half a million units, and 2^29 thousandths
                value = (value << exponent) * 1000
        value += 1 << 29  # _BIAS
        if value < rows[own + 1] or value > rows[own + 2]:
            return False
        if value < rows[own + 3]:  # noqa: PLR1730
            value = rows[own + 3]
        if value > rows[own + 4]:  # noqa: PLR1730
            value = rows[own + 4]
        asked = ptr8(self._asked)
        done = ptr8(self._done)
        ends = ptr8(self._ends)
        i = ends[place]
        while i < ends[place + 1]:
            neighbour = ptr8(self._neighbours)[i]
            at_other = (neighbour & 0x7F) << 3
            row = rows[at_other + 7]
            other = rows[at_other + 5]
            if asked[row] != done[row]:
                other = rows[at_other + 6]
            if neighbour & 0x80:
                if value >= other:
                    return False
            elif value <= other:
                return False
            i += 1
        rows[own + 6] = value
        return True
