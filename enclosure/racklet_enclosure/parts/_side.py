"""The side panels: nut lugs for all other panels, front lip, ear of the handle."""

from ..boards import fasteners
from ..layout import Layout
from ..shapes import Part, Vector, X, Y, box, cut, hexagon, join, rod, sheet, teardrop
from ._common import nut_lug


def panel(lay: Layout, left: bool) -> Part:
    """One side panel with its lugs, in rack coordinates."""
    p = lay.p
    inward = X if left else -X
    x = (lay.outer.lo, lay.inner.lo) if left else (lay.inner.hi, lay.outer.hi)
    pivot_y, pivot_z = lay.pivot
    ear, high = 11.0, lay.ear_top
    outline = [
        (lay.front, 0),
        (lay.rear.lo, 0),
        (lay.rear.lo, lay.top.hi),
        (pivot_y + ear + p.case.ear, lay.top.hi),
        (pivot_y + ear - 3, high),
        (pivot_y - ear + 3, high),
        (pivot_y - ear - p.case.ear, lay.top.hi),
        (lay.front, lay.top.hi),
    ]
    body = [sheet(outline, x), _lip(lay, left)]
    rail = p.case.rail_height
    for y in lay.screw_y:
        body.append(nut_lug(lay, inward, (lay.base.hi, lay.base.hi + rail), y, True))
        body.append(nut_lug(lay, inward, (lay.deck.lo - rail, lay.deck.lo), y, False))
        body.append(nut_lug(lay, inward, (lay.top.lo - rail, lay.top.lo), y, False))
    body += [_rear_lug(lay, left, inward, z) for z in lay.rear_screws_z(left)]
    hole = rod((x[0] - 1, pivot_y, pivot_z), X, 4.0 + p.fit.hole, p.case.wall + 2)
    return cut(join(body), [hole])


def _lip(lay: Layout, left: bool) -> Part:
    """Closes the front beside the outermost blade and stiffens the panel's front edge."""
    if left:
        x = (lay.inner.lo - 0.5, lay.slot_x[0] + lay.cover.lo - 0.4)
    else:
        rail = lay.plate.hi + lay.p.fit.slide + lay.p.case.rail_wall + lay.p.fit.join
        x = (lay.slot_x[-1] + max(lay.blade_hi + 0.4, rail), lay.inner.hi + 0.5)
    join_gap = lay.p.fit.join
    return box(x, (lay.front, lay.front + 3.0), (lay.deck.hi + join_gap, lay.top.lo - join_gap))


def _rear_lug(lay: Layout, left: bool, inward: Vector, z: float) -> Part:
    p, nut = lay.p, fasteners()["nut"]
    wall = lay.inner.lo if left else lay.inner.hi
    x = (wall, wall + p.case.flange) if left else (wall - p.case.flange, wall)
    y = (lay.rear.lo - 4.0, lay.rear.lo)
    centre = sum(x) / 2
    return cut(
        box(x, y, (z - 6, z + 6)),
        [
            teardrop((centre, y[0] - 1, z), Y, inward, 3.0 + p.fit.hole, 6.0),
            hexagon((centre, y[0], z), Y, inward, nut["across_flats"] + 0.2, nut["height"] + 0.1),
        ],
    )
