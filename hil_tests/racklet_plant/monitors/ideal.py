"""What an ideal reader of an INA228 would total: every count of its register, once, and no more.

The measure for firmware that reads the register now and then. It shares nothing with that: it
looks just before anything clears the register, never through the bus, so that nothing is missed
or wraps, and takes the LSB from the chip's own registers, in exact arithmetic. It counts as of
the first RSTACC after a reset: until then nobody has said what the counts mean.
"""

from fractions import Fraction
from typing import Protocol

_CURRENT_LSB = Fraction(1, 13_107_200_000)  # A per count of SHUNT_CAL and ohm (8.1.2)
_ENERGY_LSB = 16 * Fraction(32, 10)  # J per A (8.1.2)


class Counter(Protocol):
    """The part of an INA228 that the reader looks at."""

    shunt_uohm: int

    @property
    def counts(self) -> int:
        """ENERGY as it would be without an end to its bits."""

    @property
    def calibration(self) -> Fraction:
        """SHUNT_CAL, in the large range."""


class IdealReader:
    """`total_uj` since the start of the world."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._total = Fraction(0)
        self._mark: int | None = None  # counts up to here are in the total; None: not counting

    @property
    def total_uj(self) -> Fraction:
        return self._total + self._pending()

    def cleared(self, counts: int | None) -> None:
        """The register is about to hold `counts`; None: the chip loses its settings too."""
        self._total += self._pending()
        self._mark = counts

    def _pending(self) -> Fraction:
        if self._mark is None:
            return Fraction(0)
        ohm = Fraction(self._counter.shunt_uohm, 1_000_000)
        lsb = _ENERGY_LSB * _CURRENT_LSB * self._counter.calibration / ohm
        return (self._counter.counts - self._mark) * lsb * 1_000_000
