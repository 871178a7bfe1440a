"""Cable guide: a hook on the front edge of the top; cables run over the blades, not before them."""

from ..layout import Layout
from ..shapes import Part, X, Z, cut, sheet, teardrop

UP = X
PRINT = "profile on the bed"
WIDE, THICK, FLOOR, HIGH = 12.0, 2.0, 2.4, 12.0
FROM_FRONT, DEPTH = 1.0, 20.0


def screws(lay: Layout) -> list[tuple[float, float]]:
    """Centres (X, Y) of the guides' screws in the top panel: over the odd slots."""
    return [(slot + 9.0, lay.front + FROM_FRONT + DEPTH / 2) for slot in lay.slot_x[::2]]


def make(lay: Layout) -> Part:
    x, y = screws(lay)[0]
    y0, y1, z = lay.front + FROM_FRONT, lay.front + FROM_FRONT + DEPTH, lay.top.hi
    outline = [
        (y0, z),
        (y1, z),
        (y1, z + HIGH - 3),
        (y1 - THICK, z + HIGH - 3),
        (y1 - THICK, z + FLOOR),
        (y0 + THICK, z + FLOOR),
        (y0 + THICK, z + HIGH - THICK),
        (y0 + 8, z + HIGH - THICK),
        (y0 + 8, z + HIGH),
        (y0, z + HIGH),
    ]
    body = sheet(outline, (x - WIDE / 2, x + WIDE / 2))
    return cut(body, [teardrop((x, y, z - 1), Z, X, 3.0 + lay.p.fit.hole, FLOOR + 2)])


def places(lay: Layout) -> list[tuple[float, float, float]]:
    first = screws(lay)[0][0]
    return [(x - first, 0.0, 0.0) for x, _ in screws(lay)]
