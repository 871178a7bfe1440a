"""Fan grille: keeps fingers out of a fan (openings under 12.5 mm, IEC 60529 IP2X)."""

from build123d import Circle, Rectangle, RectangleRounded, Rot, extrude

from ..layout import Layout
from ..shapes import Part, Plane, Pos, Z, cut, rod
from ._common import fan_holes

UP = Z
PRINT = "either face on the bed"
THICK, BAR, STEP = 2.4, 2.0, 9.0


def make(lay: Layout) -> Part:
    fx, fy = lay.fan_centres[0]
    size, bore = lay.fan["size"][0], lay.fan["bore"] / 2 - 1.0
    guard = RectangleRounded(size, size, 4.0) - Circle(bore)
    radius = STEP / 2
    while radius + BAR < bore:
        guard += Circle(radius + BAR) - Circle(radius)
        radius += STEP
    for turn in (0, 60, 120):
        guard += Rot(0, 0, turn + 15) * Rectangle(2 * bore + 2, BAR)
    guard += Circle(STEP / 2 + 0.5)
    flat = extrude(Plane.XY.offset(-THICK) * (Pos(fx, fy) * guard), THICK)
    return cut(
        flat,
        [
            rod((*at, -THICK - 1), Z, 3.0 + lay.p.fit.hole, THICK + 2)
            for at in fan_holes(lay, fx, fy)
        ],
    )


def places(lay: Layout) -> list[tuple[float, float, float]]:
    first = lay.fan_centres[0][0]
    return [(x - first, 0.0, 0.0) for x, _ in lay.fan_centres]
