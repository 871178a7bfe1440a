"""Write pcb/mechanical/<board>.json: outline, holes and connectors for who builds around a board.

usage: python -m racklet_pcb.mechanical [--check]
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

PCB = Path(__file__).resolve().parent.parent
BOARDS = ("bmc_rp2040_r1", "backplane_r1")


def outline(m: Any) -> list[list[float]]:
    """The board's edge as a closed polygon in mm, corners not yet rounded, clockwise on screen."""
    points = [[0.0, 0.0], [m.WIDTH, 0.0], [m.WIDTH, m.HEIGHT], [0.0, m.HEIGHT]]
    tongue = getattr(m, "TONGUE", None)
    if tongue:
        tip, bevel = -tongue["length"], tongue["bevel"]
        for y_low, y_high in (
            (tongue["key_to_y"], tongue["to_y"]),
            (tongue["from_y"], tongue["key_from_y"]),
        ):
            points += [
                [0.0, y_high],
                [tip + bevel, y_high],
                [tip, y_high - bevel],
                [tip, y_low + bevel],
                [tip + bevel, y_low],
                [0.0, y_low],
            ]
    return [[round(v, 3) for v in p] for p in points]


def document(name: str) -> dict[str, Any]:
    """All mechanical facts of board `name`, ready for JSON."""
    m = importlib.import_module(f"{name}.mechanics")
    doc: dict[str, Any] = {
        "name": m.NAME,
        "units": "mm",
        "axes": " ".join((m.__doc__ or "").split("\n\n")[1].split()),
        "thickness": m.THICKNESS,
        "width": m.WIDTH,
        "height": m.HEIGHT,
        "corner_radius": m.CORNER_RADIUS,
        "outline": outline(m),
        "holes": m.HOLES,
        "connectors": m.CONNECTORS,
        "tall": m.TALL,
        "tallest": m.TALLEST,
        "far_side": m.FAR_SIDE,
    }
    for key in ("TONGUE", "SLOTS", "SLOT_PITCH", "SOCKET", "COMPUTE_UNIT_GAP"):
        if hasattr(m, key):
            doc[key.lower()] = getattr(m, key)
    return doc


def main(argv: list[str]) -> int:
    sys.path.insert(0, str(PCB))
    stale = []
    for name in BOARDS:
        text = json.dumps(document(name), indent=2) + "\n"
        path = PCB / "mechanical" / f"{name}.json"
        if "--check" in argv:
            if not path.exists() or path.read_text() != text:
                stale.append(str(path))
        else:
            path.write_text(text)
    if stale:
        print("out of date, run `make pcb-mechanical`:", *stale)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
