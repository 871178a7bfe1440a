"""Where the pads of a committed board lie, read from its text: no KiCad needed."""

import math
from pathlib import Path

from .sexpr import find, find_all, parse

ORIGIN = (50.0, 50.0)  # as in kicad_board

Point = tuple[float, float]


def pads(board: Path) -> dict[tuple[str, str], Point]:
    """(designator, pin) -> centre in mm, axes as in mechanics. Of pins with several pads the
    first counts."""
    found: dict[tuple[str, str], Point] = {}
    text = board.read_text(encoding="utf-8")
    for block in text.split("\n\t(footprint ")[1:]:
        part = parse("(footprint " + block.split("\n\t)", 1)[0] + ")")
        ref = next(p[2] for p in find_all(part, "property") if p[1] == "Reference")
        place = [float(v) for v in find(part, "at")[1:]]
        turn = math.radians(place[2] if len(place) > 2 else 0.0)
        for pad in find_all(part, "pad"):
            x, y = (float(v) for v in find(pad, "at")[1:3])
            found.setdefault(
                (str(ref), str(pad[1])),
                (
                    place[0] + x * math.cos(turn) + y * math.sin(turn) - ORIGIN[0],
                    place[1] + y * math.cos(turn) - x * math.sin(turn) - ORIGIN[1],
                ),
            )
    return found
