"""Switch bracket: a cradle on the RMC bay; the switch stands in it, held by two straps."""

from ..layout import Layout
from ..shapes import Part, X, box, cut, join, rod

UP = -X
PRINT = "flat back on the bed, shelf up"
THICK, STRAP = 3.0, (4.0, 24.0)


def make(lay: Layout) -> Part:
    p = lay.p
    deep, wide = lay.vendor["switch8"]["size"][2], lay.vendor["switch8"]["size"][1]
    x = (lay.bay.lo - THICK, lay.bay.lo)
    ys = sorted({y for y, _ in lay.bay_screws})
    zs = sorted({z for _, z in lay.bay_screws})
    y, low = (ys[0] - 6.0, ys[1] + 6.0), shelf_z(lay) - THICK
    plate = box(x, y, (low, zs[1] + 6.0))
    middle = (y[0] + y[1]) / 2
    shelf = box(
        (x[0] - deep - 1.0, x[1]), (middle - wide / 2, middle + wide / 2), (low, low + THICK)
    )
    holes = [rod((x[0] - 1, *at), X, 3.0 + p.fit.hole, THICK + 2) for at in lay.bay_screws]
    rows = (zs[0] + 24.0, zs[1] - 24.0)
    lights = [
        box((x[0] - 1, x[1] + 1), (y[0] + 24, y[1] - 24), span)
        for span in ((zs[0] + 4, rows[0] - 9), (rows[0] + 9, rows[1] - 9), (rows[1] + 9, zs[1] - 4))
    ]
    straps = [
        box((x[0] - 1, x[1] + 1), (a, a + STRAP[0]), (z - STRAP[1] / 2, z + STRAP[1] / 2))
        for z in rows
        for a in (y[0] + 5, y[1] - 5 - STRAP[0])
    ]
    return cut(join([plate, shelf]), [*holes, *lights, *straps])


def shelf_z(lay: Layout) -> float:
    """Height of the switch's lower edge: just over the table."""
    return -lay.p.case.foot + THICK + 0.5


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return [(0.0, 0.0, 0.0)] if lay.p.choice.switch != "none" else []
