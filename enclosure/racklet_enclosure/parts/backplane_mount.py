"""Rear panel: carries the backplane on pillars and props it behind the sockets."""

from ..boards import fasteners
from ..layout import Layout
from ..shapes import Part, Y, box, countersink, cut, join, rod, windows
from ._common import flange_x

UP = -Y
PRINT = "outer face on the bed, pillars up"


def make(lay: Layout) -> Part:
    p, back = lay.p, lay.backplane
    deep = (lay.rear.lo, lay.rear.hi)
    seat, screw = back["thickness"], fasteners()["panel_screw"]
    body = [box((lay.outer.lo, lay.outer.hi), deep, (0, lay.top.hi))]
    holes = []
    for hole in back["holes"]:
        x, _, z = lay.on_backplane(hole["x"], hole["y"])
        body.append(rod((x, seat, z), Y, hole["keepout_diameter"] + 0.6, lay.rear.lo - seat + 1))
        sunk = countersink((x, lay.rear.hi, z), -Y, screw["head"], 3.0 + p.fit.hole, 20)
        holes.append(sunk)
    body += _props(lay)
    holes += [
        countersink((x, lay.rear.hi, z), -Y, screw["head"], 3.0 + p.fit.hole, p.case.panel + 1)
        for x, left in zip(flange_x(lay), (True, False), strict=True)
        for z in lay.rear_screws_z(left)
    ]
    holes += [box(x, (deep[0] - 1, deep[1] + 1), z) for x, z in _vents(lay)]
    return cut(join(body), holes)


def _props(lay: Layout) -> list[Part]:
    """Ribs midway between the sockets: they take the push of a blade being seated."""
    slots = lay.slot_x
    y_mid = lay.backplane["slots"][0]["y"]
    z = lay.on_backplane(0, y_mid)[2]
    reach = lay.backplane["thickness"] + 0.3
    return [
        box(((a + b) / 2 - 1.5, (a + b) / 2 + 1.5), (reach, lay.rear.lo + 1), (z - 14, z + 14))
        for a, b in zip(slots, slots[1:], strict=False)
    ]


def _vents(lay: Layout) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Outlets behind every socket: the backplane's copper warms the air there."""
    z = lay.on_backplane(0, lay.backplane["slots"][0]["y"])[2]
    return [
        w
        for slot in lay.slot_x
        for w in windows((slot - 13, slot + 13), (z - 12, z + 12), lay.p.case.vent_bar, 4.0)
    ]


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return [(0.0, 0.0, 0.0)]
