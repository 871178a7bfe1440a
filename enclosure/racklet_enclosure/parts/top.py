"""Top panel: upper rails, outlets, nuts of the thumb screws, holes of the cable guides."""

from ..boards import fasteners
from ..layout import Layout
from ..shapes import Part, Y, Z, box, cut, join, rod, teardrop
from ._common import across, lead_in, panel_holes, rails, vents
from .cable_guide import screws as guide_screws

UP = -Z
PRINT = "outer face on the bed, rails up"


def make(lay: Layout) -> Part:
    p = lay.p
    ribs = (lay.top.lo - p.case.rail_height, lay.top.lo)
    plate = box(across(lay), (lay.front, lay.rear.lo), (lay.top.lo, lay.top.hi))
    openings = [
        box(x, y, (lay.top.lo - 1, lay.top.hi + 1))
        for x, y in vents(lay, (lay.front + 20.0, lay.rear.lo - 6.0))
    ]
    openings += panel_holes(lay, lay.top.hi, -Z)
    openings += [
        rod((x, y, lay.top.lo - 1), Z, 3.0 + p.fit.hole, p.case.panel + 2)
        for x, y in guide_screws(lay)
    ]
    openings += [dot for n, slot in enumerate(lay.slot_x, 1) for dot in _dots(lay, n, slot)]
    grooves = cut(
        join([cut(plate, openings), *rails(lay, ribs, (lay.front, lay.deck_rear))]),
        lead_in(lay, ribs),
    )
    return join([grooves, *(thumb_nut(lay, slot) for slot in lay.slot_x)])


def _dots(lay: Layout, slot: int, x: float) -> list[Part]:
    """Slot n is marked by n dots in the outer face."""
    return [
        rod((x - 14 + 3.5 * i, lay.front + 6.0, lay.top.hi - 0.6), Z, 2.0, 2.0) for i in range(slot)
    ]


def thumb_nut(lay: Layout, slot: float) -> Part:
    """The block with the nut that a blade's thumb screw finds."""
    nut = fasteners()["nut"]
    z = (lay.top.lo - 8.2, lay.top.lo)
    block = box((slot - 5, slot + 5), (lay.front, lay.front + 8), z)
    hole = teardrop((slot, lay.front - 1, lay.thumb_z), Y, -Z, 3.0 + lay.p.fit.hole, 10)
    half = nut["across_flats"] / 2 + 0.15
    seat = box(
        (slot - half, slot + half),
        (lay.front + 2.4, lay.front + 2.4 + nut["height"] + 0.3),
        (z[0] - 1, lay.thumb_z + nut["across_flats"] / 3**0.5 + 0.1),
    )
    return cut(block, [hole, seat])


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return [(0.0, 0.0, 0.0)]
