"""Right side panel, with the openings of the backplane's power inputs."""

from collections.abc import Iterator

from ..layout import Layout
from ..shapes import Part, X, box, cut
from ._side import panel

UP = -X
PRINT = "outer face on the bed, lugs up"
MARGIN = 1.0  # around a plug, each side


def make(lay: Layout) -> Part:
    return cut(panel(lay, left=False), openings(lay))


def openings(lay: Layout) -> Iterator[Part]:
    """One opening for every backplane connector that faces the right side."""
    for connector in lay.backplane["connectors"]:
        if connector["faces"] != "+x":
            continue
        _, y, _, across = connector["box"]
        _, yc, zc = lay.on_backplane(0, y + across / 2, connector["height"] / 2)
        high, deep = connector["opening"]
        high, deep = high / 2 + MARGIN, deep / 2 + MARGIN
        yield box(
            (lay.inner.hi - 1, lay.outer.hi + 1), (yc - deep, yc + deep), (zc - high, zc + high)
        )


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return [(0.0, 0.0, 0.0)]
