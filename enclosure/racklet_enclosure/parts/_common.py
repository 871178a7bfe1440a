"""What several parts share, so that holes of mating parts have one home."""

from build123d import Plane, Polygon, extrude

from ..boards import fasteners
from ..layout import Layout
from ..shapes import Part, Vector, Z, box, countersink, cut, hexagon, teardrop, windows


def across(lay: Layout) -> tuple[float, float]:
    """Width of a panel between the side panels."""
    return (lay.inner.lo + lay.p.fit.join, lay.inner.hi - lay.p.fit.join)


def flange_x(lay: Layout) -> tuple[float, float]:
    """X of the panel screws over the flanges of the left and right side panel."""
    half = lay.p.case.flange / 2
    return (lay.inner.lo + half, lay.inner.hi - half)


def panel_holes(lay: Layout, z: float, into: Vector) -> list[Part]:
    """Countersunk holes of a horizontal panel, seen from its outer surface at height `z`."""
    screw = fasteners()["panel_screw"]
    return [
        countersink((x, y, z), into, screw["head"], 3.0 + lay.p.fit.hole, lay.p.case.panel + 1)
        for x in flange_x(lay)
        for y in lay.screw_y
    ]


def nut_lug(lay: Layout, inward: Vector, z: tuple[float, float], y: float, open_up: bool) -> Part:
    """A block on a side panel with the nut of one panel screw; the pocket opens up or down."""
    p, nut = lay.p, fasteners()["nut"]
    left = inward.X > 0
    wall = lay.inner.lo if left else lay.inner.hi
    x = (wall, wall + p.case.flange) if left else (wall - p.case.flange, wall)
    centre = sum(x) / 2
    block = box(x, (y - 6, y + 6), z)
    hole = teardrop((centre, y, z[0] - 1), Z, inward, 3.0 + p.fit.hole, z[1] - z[0] + 2)
    depth = nut["height"] + 0.1
    start, way = ((centre, y, z[1]), -Z) if open_up else ((centre, y, z[0]), Z)
    return cut(block, [hole, hexagon(start, way, inward, nut["across_flats"] + 0.2, depth)])


def fan_holes(lay: Layout, fx: float, fy: float) -> list[tuple[float, float]]:
    """The four screw holes of a fan centred at (fx, fy)."""
    half = lay.fan["hole_pitch"] / 2
    return [(fx + sx * half, fy + sy * half) for sx in (-1, 1) for sy in (-1, 1)]


def feet(lay: Layout) -> list[tuple[float, float]]:
    """Centres of the four feet under the base, beside the fans."""
    return [
        (x, y) for x in (lay.inner.lo + 3.9, lay.inner.hi - 3.9) for y in (lay.front + 6.2, -8.0)
    ]


def rails(lay: Layout, z: tuple[float, float], y: tuple[float, float]) -> list[Part]:
    """Both ribs of every groove; the groove flares at the front to lead a tray in."""
    p = lay.p
    lo, hi = lay.plate.lo - p.fit.slide, lay.plate.hi + p.fit.slide
    ribs = []
    for slot in lay.slot_x:
        ribs.append(box((slot + lo - p.case.rail_wall, slot + lo), y, z))
        ribs.append(box((slot + hi, slot + hi + p.case.rail_wall), y, z))
    return ribs


def lead_in(lay: Layout, z: tuple[float, float]) -> list[Part]:
    """Wedges to cut from the front ends of the rails of every slot."""
    p, depth, flare = lay.p, 6.0, lay.p.case.rail_wall - lay.p.printer.min_wall
    wedges = []
    for slot in lay.slot_x:
        lo = slot + lay.plate.lo - p.fit.slide
        hi = slot + lay.plate.hi + p.fit.slide
        y0, y1 = lay.front - 1, lay.front + depth
        outline = (
            (lo - flare, y0),
            (hi + flare, y0),
            (hi + flare, lay.front),
            (hi, y1),
            (lo, y1),
            (lo - flare, lay.front),
        )
        flat = Polygon(*outline, align=None)
        wedges.append(extrude(Plane.XY.offset(z[0]) * flat, z[1] - z[0]))
    return wedges


def vents(
    lay: Layout, y: tuple[float, float]
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Openings (x, y) of a horizontal panel over every slot, between the rails."""
    p = lay.p
    edge = p.fit.slide + p.case.rail_wall + 0.8
    openings = []
    for slot in lay.slot_x:
        lo = max(slot + lay.plate.hi + edge - lay.pitch, lay.inner.lo + p.case.flange + 1.5)
        hi = slot + lay.plate.lo - edge
        openings += windows((lo, hi), y, p.case.vent_bar, p.case.vent)
    return openings
