"""Calibration block: grooves, screw holes and nut seats at three clearances, to choose fit.*."""

from ..boards import fasteners
from ..layout import Layout
from ..shapes import Part, Y, Z, box, cut, hexagon, rod

UP = Z
PRINT = "flat on the bed"
STEPS = (-0.1, 0.0, 0.1)  # around fit.slide and fit.hole
PITCH, DEEP = 18.0, 24.0


def make(lay: Layout) -> Part:
    p, nut = lay.p, fasteners()["nut"]
    base = 4.0
    body = box((0, PITCH * len(STEPS)), (0, DEEP), (0, base + p.case.rail_height))
    tools = []
    for i, step in enumerate(STEPS):
        middle = PITCH * (i + 0.5)
        half = lay.p.tray.plate / 2 + p.fit.slide + step
        tools.append(box((middle - half, middle + half), (-1, 12), (base, base + 10)))
        size = 3.0 + p.fit.hole + step
        tools.append(rod((middle, 18, -1), Z, size, 12))
        tools.append(
            hexagon(
                (middle, 18, base + p.case.rail_height),
                -Z,
                Y,
                nut["across_flats"] + 0.2 + step,
                nut["height"] + 0.1,
            )
        )
        tools += [
            box((middle - 8 + 2 * k, middle - 7 + 2 * k), (22.4, 25), (2, 6)) for k in range(i + 1)
        ]
    return cut(body, tools)


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return []
