"""Base panel: floor of the fan space, carries the fans, its front wall holds up the deck."""

from ..layout import Layout
from ..shapes import Part, Z, box, cut, join, rod
from ._common import across, fan_holes, feet, panel_holes

UP = Z
PRINT = "outer face on the bed"


def make(lay: Layout) -> Part:
    p = lay.p
    x, y = across(lay), (lay.front, lay.rear.lo)
    wall = (lay.base.hi, lay.deck.lo)
    floor = box(x, y, (lay.base.lo, lay.base.hi))
    front = box(x, (lay.front, lay.front + lay.front_wall), (lay.base.lo, lay.deck.lo))
    posts = [box(span, (lay.deck_rear - 3.0, lay.deck_rear), wall) for span in _between_fans(lay)]
    holes = panel_holes(lay, lay.base.lo, Z)
    screw = 3.0 + p.fit.hole
    for fx, fy in lay.fan_centres:
        holes.append(rod((fx, fy, -1), Z, lay.fan["bore"], p.case.panel + 2))
        holes += [rod((*at, -1), Z, screw, p.case.panel + 2) for at in fan_holes(lay, fx, fy)]
    holes += [rod((*at, -1), Z, screw, p.case.panel + 2) for at in feet(lay)]
    return cut(join([floor, front, *posts]), holes)


def _between_fans(lay: Layout) -> list[tuple[float, float]]:
    """Posts under the deck's rear edge, where no fan stands."""
    half, air = lay.fan["size"][0] / 2, 0.6
    edges = [lay.inner.lo + lay.p.case.flange + 1.0]
    for fx, _ in lay.fan_centres:
        edges += [fx - half - air, fx + half + air]
    edges.append(lay.inner.hi - lay.p.case.flange - 1.0)
    return [(lo, hi) for lo, hi in zip(edges[::2], edges[1::2], strict=True) if hi - lo >= 1.6]


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return [(0.0, 0.0, 0.0)]
