"""Curves over time: in the terminal (plotext), and as PNG or SVG (matplotlib, an extra)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Curve:
    """One curve in a panel of its own. `xs` and `ys` have the same length, in `unit` the ys."""

    label: str
    unit: str
    xs: Sequence[float]
    ys: Sequence[float]

    @property
    def title(self) -> str:
        """Label, unit, and the span of the values."""
        return f"{self.label}, {self.unit} ({min(self.ys):.2f} to {max(self.ys):.2f})"

    @property
    def limits(self) -> tuple[float, float]:
        """What an axis should show: from zero, or the neighbourhood of what stays far from it."""
        low, high = min(self.ys), max(self.ys)
        if low > 0.8 * high:
            reach = max(high - low, 0.02 * high)
            return (low + high) / 2 - reach, (low + high) / 2 + reach
        low = min(0.0, low)
        return low, high if high > low else low + 1.0
