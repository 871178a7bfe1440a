"""Front plate of a blade: frames the ports, closes the front, takes the thumb screw."""

from ..boards import fasteners
from ..layout import Layout
from ..shapes import Part, X, Y, box, cut, hexagon, join, rod, teardrop

UP = -Y
PRINT = "rear face on the bed, lugs up"


def make(lay: Layout) -> Part:
    p = lay.p
    y, z = (lay.face.lo, lay.face.hi), (lay.deck.lo + 0.3, lay.top.hi)
    ports = lay.ports_z
    high = lay.compute["ports"][3]
    window = box(
        (lay.pi_top - high - 1.8, lay.pi_top + 1.5),
        (y[0] - 1, y[1] + 1),
        (ports.lo - 1.5, ports.hi + 1.5),
    )
    plate = box((lay.cover.lo, lay.cover.hi), y, z)
    thumb = rod((0, y[0] - 1, lay.thumb_z), Y, 3.0 + p.fit.hole, p.tray.face + 2)
    lugs = [_lug(lay, at) for at in lay.lug_z]
    return join([cut(plate, [window, thumb]), *lugs])


def _lug(lay: Layout, z: float) -> Part:
    """A block beside the tray's plate with the nut of one joining screw."""
    p, nut = lay.p, fasteners()["nut"]
    x = (lay.cover.hi - 8.0, lay.cover.hi)
    block = box(x, (lay.lug_y - 4.2, lay.face.lo + 0.5), (z - 4.2, z + 4.2))
    return cut(
        block,
        [
            teardrop((x[0] - 1, lay.lug_y, z), X, -Y, 3.0 + p.fit.hole, 10.0),
            hexagon((x[0], lay.lug_y, z), X, -Y, nut["across_flats"] + 0.2, nut["height"] + 0.2),
        ],
    )


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return [(slot, 0.0, 0.0) for slot in lay.slot_x]
