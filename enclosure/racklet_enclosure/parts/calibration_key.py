"""Calibration key: a piece of a tray's sheet to slide through the block's grooves."""

from ..layout import Layout
from ..shapes import Part, Z, box

UP = Z
PRINT = "flat on the bed, like a tray"


def make(lay: Layout) -> Part:
    return box((0, 40), (0, 20), (0, lay.p.tray.plate))


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return []
