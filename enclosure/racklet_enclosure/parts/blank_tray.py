"""Blank tray: closes an empty slot, so that the air goes through the others."""

from ..layout import Layout
from ..shapes import Part, Y, box, cut, join, rod

UP = Y
PRINT = "front face on the bed, tongues up"
TONGUE = 14.0  # depth and height of the two tongues that sit in the rails


def make(lay: Layout) -> Part:
    p = lay.p
    face = box(
        (lay.cover.lo, lay.cover.lo + lay.pitch - 2 * p.fit.plug),
        (lay.face.lo, lay.face.hi),
        (lay.deck.lo + 0.3, lay.top.hi),
    )
    x, y = (lay.plate.lo, lay.plate.hi), (lay.face.hi - 1, lay.front + TONGUE)
    low = box(x, y, (lay.plate_z.lo, lay.plate_z.lo + TONGUE))
    high = box(x, y, (lay.plate_z.hi - TONGUE, lay.plate_z.hi))
    thumb = rod((0, lay.face.lo - 1, lay.thumb_z), Y, 3.0 + p.fit.hole, p.tray.face + 2)
    return cut(join([face, low, high]), [thumb])


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return []  # a full rack has none; the checks seat it in every slot
