"""Compute tray: the sheet that slides in the rails, with pull loop, for Raspberry Pi 3, 4 and 5."""

from ..boards import fasteners
from ..layout import Layout
from ..shapes import Part, X, box, countersink, cut, join, rod, sheet

UP = -X
PRINT = "disk side on the bed, bosses up"


def make(lay: Layout) -> Part:
    p = lay.p
    x = (lay.plate.lo, lay.plate.hi)
    plate = cut(
        join([sheet(_outline(lay), x), _loop(lay, x)]), [_loop_hole(lay, x), *_lights(lay, x)]
    )
    body, holes = [plate], []
    pi, disk = fasteners()["pi_screw"], fasteners()["ssd_screw"]
    for hx, hy in lay.compute["holes"]:
        _, y, z = lay.on_compute(hx, hy)
        body.append(rod((x[0] - p.tray.boss, y, z), X, 6.2, p.tray.boss + 0.5))
        holes.append(
            countersink(
                (x[1], y, z), -X, pi["head"] + 0.2, 2.5 + p.fit.hole, p.tray.plate + p.tray.boss + 1
            )
        )
    for y, z in lay.disk_holes:
        holes.append(
            countersink((x[0], y, z), X, disk["head"] + 0.2, 3.0 + p.fit.hole, p.tray.plate + 1)
        )
    holes += [
        rod((x[0] - 1, lay.lug_y, z), X, 3.0 + p.fit.hole, p.tray.plate + 2) for z in lay.lug_z
    ]
    return cut(join(body), holes)


def _outline(lay: Layout) -> list[tuple[float, float]]:
    """(Y, Z) of the sheet: notched at the rear below the disk, a tab at the front above."""
    low, high = lay.plate_z.lo, lay.plate_z.hi
    rear, notch = -lay.p.tray.storage_gap - 1.0, lay.disk_z.lo
    tab = lay.lug_y - 4.2
    return [
        (lay.front, low),
        (lay.deck_rear, low),
        (lay.deck_rear, notch),
        (rear, notch),
        (rear, high - 3),
        (rear - 3, high),
        (tab, high),
        (tab, high - 8.4),
        (lay.front, high - 8.4),
    ]


def _loop(lay: Layout, x: tuple[float, float]) -> Part:
    """The pull loop hangs in front of the fan space, clear of the plugs above it."""
    lo, hi = _loop_z(lay)
    y0, y1 = lay.pull_tip, lay.front - lay.p.fit.slide
    loop = sheet([(y0, lo), (y1, lo), (y1, hi), (y0, hi)], x, radius=4.0)
    return join([loop, box(x, (y1 - 5, lay.front + 1), (lay.plate_z.lo, hi))])


def _loop_z(lay: Layout) -> tuple[float, float]:
    hi = lay.lug_z[0] + 4.2
    return (hi - 8.4 - lay.p.tray.pull_hole_height - 4.5, hi)


def loop_hole(lay: Layout) -> tuple[tuple[float, float], tuple[float, float]]:
    """(Y, Z) bounds of the finger hole."""
    p = lay.p.tray
    lo, _ = _loop_z(lay)
    middle = (lay.pull_tip + lay.front - lay.p.fit.slide) / 2
    return (
        (middle - p.pull_hole_depth / 2, middle + p.pull_hole_depth / 2),
        (lo + 4.5, lo + 4.5 + p.pull_hole_height),
    )


def _loop_hole(lay: Layout, x: tuple[float, float]) -> Part:
    (y0, y1), (z0, z1) = loop_hole(lay)
    return sheet([(y0, z0), (y1, z0), (y1, z1), (y0, z1)], (x[0] - 1, x[1] + 1), radius=4.0)


def _lights(lay: Layout, x: tuple[float, float]) -> list[Part]:
    """Openings that save filament and let air past the solder side of the compute unit."""
    ys = [lay.on_compute(hx, 0)[1] for hx in (3.5, 61.5)]
    zs = [lay.on_compute(0, hy)[2] for hy in (3.5, 52.5)]
    y0, y1 = min(ys) + 7.0, max(ys) - 7.0
    z0, z1 = min(zs) + 7.0, max(zs) - 7.0
    middle = (y0 + y1) / 2
    return [
        sheet([(a, z0), (b, z0), (b, z1), (a, z1)], (x[0] - 1, x[1] + 1), radius=4.0)
        for a, b in ((y0, middle - 3), (middle + 3, y1))
    ]


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return [(slot, 0.0, 0.0) for slot in lay.slot_x]
