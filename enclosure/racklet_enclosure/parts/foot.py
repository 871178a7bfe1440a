"""Foot: lifts the base, so that the fans draw air; a rubber dot may be glued below."""

from ..boards import fasteners
from ..layout import Layout
from ..shapes import Part, Z, cut, rod
from ._common import feet

UP = -Z
PRINT = "upper face on the bed"
LEFT = 2.4  # material under the screw head
FOOT = 12.6  # diameter, beside the fan grilles


def make(lay: Layout) -> Part:
    x, y = feet(lay)[0]
    high = lay.p.case.foot
    screw = fasteners()["panel_screw"]
    body = rod((x, y, -high), Z, FOOT, high)
    return cut(
        body,
        [
            rod((x, y, -high - 1), Z, screw["head"] + 1.0, high - LEFT + 1),
            rod((x, y, -high), Z, 3.0 + lay.p.fit.hole, high + 1),
        ],
    )


def places(lay: Layout) -> list[tuple[float, float, float]]:
    x0, y0 = feet(lay)[0]
    return [(x - x0, y - y0, 0.0) for x, y in feet(lay)]
