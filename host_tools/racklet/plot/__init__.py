"""Curves over time: in the terminal (plotext), and as PNG or SVG (matplotlib, an extra)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan


@dataclass(frozen=True)
class Curve:
    """One curve in a panel of its own. `xs` and `ys` have the same length, in `unit` the ys.

    A y of NaN is a gap: nothing is drawn there.
    """

    label: str
    unit: str
    xs: Sequence[float]
    ys: Sequence[float]

    @property
    def title(self) -> str:
        """Label, unit, and the span of the values."""
        low, high = self._span
        return f"{self.label}, {self.unit} ({low:.2f} to {high:.2f})"

    @property
    def pieces(self) -> list[tuple[list[float], list[float]]]:
        """Its points between two gaps, as xs and ys."""
        found: list[tuple[list[float], list[float]]] = [([], [])]
        for x, y in zip(self.xs, self.ys, strict=True):
            if isnan(y):
                found.append(([], []))
            else:
                found[-1][0].append(x)
                found[-1][1].append(y)
        return [piece for piece in found if piece[0]]

    @property
    def _span(self) -> tuple[float, float]:
        known = [y for y in self.ys if not isnan(y)]
        return min(known), max(known)

    @property
    def limits(self) -> tuple[float, float]:
        """What an axis should show: from zero, or the neighbourhood of what stays far from it."""
        low, high = self._span
        if low > 0.8 * high:
            reach = max(high - low, 0.02 * high)
            return (low + high) / 2 - reach, (low + high) / 2 + reach
        low = min(0.0, low)
        return low, high if high > low else low + 1.0
