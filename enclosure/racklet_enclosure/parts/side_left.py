"""Left side panel, between the case and the RMC bay, with a window for the RMC's cables."""

from ..layout import Layout
from ..shapes import Part, X, box, cut, rod
from ._side import panel

UP = X
PRINT = "outer face on the bed, lugs up"


def make(lay: Layout) -> Part:
    p = lay.p
    x0 = lay.outer.lo - 1
    holes = [rod((x0, y, z), X, 3.0 + p.fit.hole, p.case.wall + 2) for y, z in lay.bay_screws]
    window = box((x0, lay.inner.lo + 1), (-17.0, -5.0), (16.0, 29.0))
    return cut(panel(lay, left=True), [*holes, window])


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return [(0.0, 0.0, 0.0)]
