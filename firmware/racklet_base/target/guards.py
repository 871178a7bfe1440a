"""Which values a write may carry, decided in the interrupt: no allocation, small integers.

`check(buffer, at)` looks at the data bytes from `at`.
"""


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
        return self._low <= milli <= self._high


class Linear16:
    """A LINEAR16 word from `low` to `high` millivolts, in the exponent of VOUT_MODE (-12)."""

    def __init__(self, low: int, high: int) -> None:
        self._low = low
        self._high = high

    def check(self, buffer: bytearray, at: int) -> bool:
        mv = ((buffer[at] | buffer[at + 1] << 8) * 1000 + 2048) >> 12
        return self._low <= mv <= self._high
