"""Right side panel, with the openings of the backplane's power inputs."""

from collections.abc import Iterator

from ..layout import Layout
from ..shapes import Part, X, box, cut
from ._side import panel

UP = -X
PRINT = "outer face on the bed, lugs up"


def make(lay: Layout) -> Part:
    return cut(panel(lay, left=False), openings(lay))


def openings(lay: Layout) -> Iterator[Part]:
    """One opening for every backplane connector that faces the right side."""
    for y, z in lay.power_openings:
        yield box((lay.inner.hi - 1, lay.outer.hi + 1), (y.lo, y.hi), (z.lo, z.hi))


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return [(0.0, 0.0, 0.0)]
