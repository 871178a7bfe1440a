"""Carrying handle: a bail between the ears of the side panels, drawn folded to the rear."""

from ..layout import Layout
from ..shapes import Part, X, Z, box, cut, join, sheet, teardrop

UP = Z
PRINT = "flat on the bed"
PLAY = 0.5  # between arm and ear


def make(lay: Layout) -> Part:
    h = lay.p.handle
    y, z = lay.pivot
    half = h.bar / 2
    x0, x1 = lay.inner.lo + PLAY, lay.inner.hi - PLAY
    bar_y = (y + h.arm - h.bar_width / 2, y + h.arm + h.bar_width / 2)
    arm, c = 8.0, 3.0
    side = [
        (y - half, z - half + c),
        (y - half + c, z - half),
        (bar_y[1] - 1, z - half),
        (bar_y[1] - 1, z + half),
        (y - half + c, z + half),
        (y - half, z + half - c),
    ]
    body = [
        sheet(side, (x0, x0 + arm)),
        sheet(side, (x1 - arm, x1)),
        box((x0, x1), bar_y, (z - half, z + half)),
    ]
    hole = teardrop((x0 - 1, y, z), X, Z, 4.0 + lay.p.fit.hole, x1 - x0 + 2)
    return cut(join(body), [hole])


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return [(0.0, 0.0, 0.0)]
