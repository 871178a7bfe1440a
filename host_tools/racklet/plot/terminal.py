"""Curves as text: panels below each other over one axis, without colour."""

import math
from collections.abc import Sequence

from racklet.plot import Curve

_ROWS = 6  # of a panel's canvas
_MARGIN = 8  # columns left of the axis
_MOST_TICKS = 9
_ASCII = str.maketrans("─│┌┐└┘├┤┬┴┼", "-|++++++--+")
LEAST_WIDTH = 40


def draw(curves: Sequence[Curve], x_label: str, *, width: int, ascii_only: bool = False) -> str:
    """Panels of `width` columns. The line where x is 0 goes through all of them."""
    lines: list[str] = []
    for curve in curves:
        is_last = curve is curves[-1]
        lines.append(curve.title)
        lines += _panel(curve, max(width, LEAST_WIDTH), is_last, ascii_only)
    return "\n".join([*lines, x_label.center(max(width, LEAST_WIDTH)).rstrip()])


def _panel(curve: Curve, width: int, has_ticks: bool, ascii_only: bool) -> list[str]:
    import plotext as plt  # draws on one figure of its own

    plt.clear_figure()
    plt.theme("clear")
    plt.plotsize(width, _ROWS + 2 + has_ticks)
    first, last = curve.xs[0], curve.xs[-1]
    low, high = curve.limits
    plt.xlim(first, last)
    plt.ylim(low, high)
    for xs, ys in curve.pieces:
        plt.plot(xs, ys, marker="*" if ascii_only else "braille")
    if first < 0 < last:
        plt.vline(0)
    ticks = [low, (low + high) / 2, high]
    plt.yticks(ticks, [f"{tick:{_MARGIN - 1}.2f}" for tick in ticks])
    steps = _ticks(first, last) if has_ticks else []
    plt.xticks(steps, [f"{step:g}" for step in steps])
    text = str(plt.uncolorize(plt.build()))
    if ascii_only:
        text = text.translate(_ASCII).encode("ascii", "replace").decode()
    return [line.rstrip() for line in text.rstrip().split("\n")]


def _ticks(first: float, last: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten, few enough to be read."""
    if last <= first:
        return [first]
    least = (last - first) / _MOST_TICKS
    step = 10.0 ** math.floor(math.log10(least))
    step *= next(n for n in (1, 2, 5, 10) if n * step >= least)
    return [k * step for k in range(math.ceil(first / step), math.floor(last / step) + 1)]
