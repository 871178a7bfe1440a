"""Screws, nuts and stand-offs that stand free, as solids: they need room like all else.

Nuts in a pocket and countersunk heads lie within their part and are left out.
"""

from math import sqrt

from .boards import fasteners
from .layout import Layout
from .parts import cable_guide, fan_grille
from .parts._common import fan_holes, feet
from .parts.switch_bracket import THICK as BRACKET
from .shapes import Part, Vector, X, Y, Z, hexagon, join, rod

Point = tuple[float, float, float]


def _screw(seat: Point, into: Vector, name: str) -> list[Part]:
    """A screw whose head stands on `seat` and whose shaft goes `into` the parts."""
    data = fasteners()[name]
    return [
        rod(seat, into, data["d"], data["length"]),
        rod(seat, -into, data["head"], data["head_height"]),
    ]


def _nut(seat: Point, away: Vector, name: str = "nut") -> Part:
    """A nut on a surface, as the circle that it turns in."""
    data = fasteners()[name]
    return rod(seat, away, data["across_flats"] * 2 / sqrt(3), data["height"])


def stack(lay: Layout) -> Part:
    """The stand-offs of a blade in a slot at X = 0 and the screws of both their ends."""
    post, long = fasteners()["standoff"], fasteners()["pi_screw"]["length"]
    bodies: list[Part] = []
    for hole in lay.compute["holes"]:
        x, y, z = lay.on_compute(*hole)
        bodies.append(hexagon((x, y, z), -X, Z, post["across_flats"], post["length"]))
        bodies.append(rod((lay.plate.hi - 0.1, y, z), -X, 2.5, long))
    for hole in lay.bmc["holes"]:
        bodies += _screw(lay.on_bmc(hole["x"], hole["y"]), X, "bmc_screw")
    return join(bodies)


def front(lay: Layout) -> Part:
    """The screws of a blade's front plate, the thumb screw too."""
    bodies: list[Part] = []
    for z in lay.lug_z:
        bodies += _screw((lay.plate.hi, lay.lug_y, z), -X, "face_screw")
    bodies += _screw((0.0, lay.face.lo, lay.thumb_z), Y, "thumb_screw")
    return join(bodies)


def case(lay: Layout) -> Part:
    """Bolts of fans, RMC bay and handle, nuts of feet, guides and backplane."""
    bodies: list[Part] = []
    out = lay.bay.lo - (BRACKET if lay.p.choice.switch != "none" else 0.0)
    for y, z in lay.bay_screws:
        bodies += _screw((out, y, z), X, "bay_screw")
        bodies.append(_nut((lay.inner.lo, y, z), X))
    for centre in lay.fan_centres:
        for x, y in fan_holes(lay, *centre):
            bodies += _screw((x, y, -fan_grille.THICK), Z, "fan_screw")
            bodies.append(_nut((x, y, lay.fans.hi), Z))
    bodies += [_nut((x, y, lay.base.hi), Z) for x, y in feet(lay)]
    bodies += [_nut((x, y, lay.top.lo), -Z) for x, y in cable_guide.screws(lay)]
    long = fasteners()["backplane_screw"]["length"]
    for hole in lay.backplane["holes"]:
        x, _, z = lay.on_backplane(hole["x"], hole["y"])
        bodies.append(rod((x, lay.rear.hi - 0.1, z), -Y, 3.0, long))
        bodies.append(_nut((x, 0.0, z), -Y))
    y, z = lay.pivot
    for x, inwards in ((lay.outer.lo, X), (lay.outer.hi, -X)):
        bodies += _screw((x, y, z), inwards, "pivot_screw")
        inner = x + inwards.X * (lay.p.case.wall + 8.5)
        bodies.append(_nut((inner, y, z), inwards, "lock_nut"))
    return join(bodies)
