"""Deck: floor under the blades with the lower rails; the fans blow through it."""

from ..layout import Layout
from ..shapes import Part, Z, box, cut, join
from ._common import across, lead_in, panel_holes, rails, vents

UP = Z
PRINT = "flat underside on the bed, rails up"


def make(lay: Layout) -> Part:
    y = (lay.front, lay.deck_rear)
    ribs = (lay.deck.hi, lay.deck.hi + lay.p.case.rail_height)
    plate = box(across(lay), y, (lay.deck.lo, lay.deck.hi))
    openings = [
        box(x, v, (lay.deck.lo - 1, lay.deck.hi + 1))
        for x, v in vents(lay, (lay.front + 9.0, lay.deck_rear - 4.0))
    ]
    openings += panel_holes(lay, lay.deck.hi, -Z)
    body = cut(plate, openings)
    return cut(join([body, *rails(lay, ribs, y)]), lead_in(lay, ribs))


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return [(0.0, 0.0, 0.0)]
