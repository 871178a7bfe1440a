"""Boards and bought parts as solids in rack coordinates, for fit checks and pictures.

A blade's models stand in a slot at X = 0. Boxes are outlines with the full height of what is on
a board, so a clearance seen here is at least that of the real thing.
"""

from build123d import Circle, Plane, Polygon, Pos, RectangleRounded, extrude

from .layout import Layout
from .parts.switch_bracket import THICK, shelf_z
from .shapes import Part, X, Y, Z, box, cut, join, rod


def _between(a: tuple[float, float, float], b: tuple[float, float, float]) -> Part:
    """The box spanned by two opposite corners."""
    return box(*(tuple(sorted(pair)) for pair in zip(a, b, strict=True)))


def compute(lay: Layout, unit: dict | None = None, rmc: bool = False) -> Part:
    """A compute unit in a slot at X = 0, or the RMC's board in its bay."""
    unit = unit or (lay.rmc_board if rmc else lay.compute)
    at = lay.on_rmc if rmc else lay.on_compute
    dx, dy, dz = unit["board"]
    board = _between(at(0, 0, 0), at(dx, dy, -dz))
    towards = at(0, 0, 1)[0] - at(0, 0, 0)[0]
    holes = []
    for hx, hy in unit["holes"]:
        x, y, z = at(hx, hy)
        holes.append(rod((x + 2 * towards, y, z), X * -towards, unit["hole_diameter"], 6))
    boxes = [
        _between(at(x, y, z), at(x + a, y + b, z + c)) for _, x, y, z, a, b, c in unit["boxes"]
    ]
    return join([cut(board, holes), *boxes])


def bmc(lay: Layout) -> Part:
    """The BMC board with the tallest part's height over all but its edges and holes."""
    facts = lay.bmc
    points = [lay.on_bmc(x, y)[1:] for x, y in facts["outline"]]
    plane = Plane(origin=(-lay.half_card, 0, 0), x_dir=(0, 1, 0), z_dir=(1, 0, 0))
    board = extrude(plane * Polygon(*points, align=None), facts["thickness"])
    holes, keep = [], []
    for hole in facts["holes"]:
        x, y, z = lay.on_bmc(hole["x"], hole["y"])
        holes.append(rod((x - 1, y, z), X, hole["diameter"], facts["thickness"] + 2))
        clear = hole["keepout_diameter"] / 2 + 0.5
        keep.append(box((x - 50, x), (y - clear, y + clear), (z - clear, z + clear)))
    parts = _between(
        lay.on_bmc(1, 1, 0), lay.on_bmc(facts["width"] - 1, facts["height"] - 1, facts["tallest"])
    )
    far = -facts["thickness"]
    header = [c for c in facts["connectors"] if c["faces"] == "-z"]
    below = [
        _between(lay.on_bmc(x, y, far), lay.on_bmc(x + w, y + h, far + c["height"] + 8.5))
        for c in header
        for x, y, w, h in [c["box"]]
    ]
    return join([cut(board, holes), cut(parts, keep), *below])


def disk(lay: Layout) -> Part:
    """The disk on the right of a tray's plate."""
    gap, length = lay.p.tray.storage_gap, lay.disk_size[0]
    return box((lay.disk.lo, lay.disk.hi), (-(gap + length), -gap), (lay.disk_z.lo, lay.disk_z.hi))


def backplane(lay: Layout) -> Part:
    """Board, sockets and connectors; the strip below the blades is filled to the tallest part."""
    facts = lay.backplane
    sx, sy = facts["socket"]["box"]
    first = facts["socket"]["contact1_y"] + 15.5 - sy / 2 + 0.5
    board = _between(
        lay.on_backplane(0, 0),
        lay.on_backplane(facts["width"], facts["height"], -facts["thickness"]),
    )
    holes = []
    for hole in facts["holes"]:
        x, _, z = lay.on_backplane(hole["x"], hole["y"])
        holes.append(rod((x, -1, z), Y, hole["diameter"], 5))
    body = [cut(board, holes)]
    for slot in facts["slots"]:
        x = slot["x"]
        socket = _between(
            lay.on_backplane(x - sx / 2, first),
            lay.on_backplane(x + sx / 2, first + sy, facts["socket"]["height"]),
        )
        mouth = _between(
            lay.on_backplane(x - 0.9, first + 1.5, lay.shoulder - 9.0),
            lay.on_backplane(x + 0.9, first + sy - 1.5, 20),
        )
        pins = _between(
            lay.on_backplane(x - 3, first + 1, -facts["thickness"] - facts["far_side"]),
            lay.on_backplane(x + 3, first + sy - 1, -facts["thickness"]),
        )
        body += [cut(socket, [mouth]), pins]
    for c in facts["connectors"]:
        x, y, w, h = c["box"]
        body.append(_between(lay.on_backplane(x, y), lay.on_backplane(x + w, y + h, c["height"])))
    return join(body)


def tall_zone(lay: Layout) -> Part:
    """Room kept free over the backplane below the blades, where its tall parts may stand."""
    facts = lay.backplane
    return _between(
        lay.on_backplane(0, lay.p.tray.storage_drop + 1),
        lay.on_backplane(facts["width"], facts["height"], facts["tallest"]),
    )


def fan(lay: Layout) -> Part:
    """The first fan, standing on the base."""
    fx, fy = lay.fan_centres[0]
    size = lay.fan["size"][0]
    flat = RectangleRounded(size, size, 4) - Circle(lay.fan["bore"] / 2) + Circle(16)
    frame = extrude(Plane.XY.offset(lay.fans.lo) * (Pos(fx, fy) * flat), lay.fans.size)
    half = lay.fan["hole_pitch"] / 2
    spokes = [
        box((fx - 37.9, fx + 37.9), (fy - 1.5, fy + 1.5), (lay.fans.hi - 4, lay.fans.hi)),
        box((fx - 1.5, fx + 1.5), (fy - 37.9, fy + 37.9), (lay.fans.hi - 4, lay.fans.hi)),
    ]
    holes = [
        rod(
            (fx + a * half, fy + b * half, lay.fans.lo - 1),
            Z,
            lay.fan["hole_diameter"],
            lay.fans.size + 2,
        )
        for a in (-1, 1)
        for b in (-1, 1)
    ]
    return cut(join([frame, *spokes]), holes)


def switch(lay: Layout) -> Part:
    """The Ethernet switch in its bracket, ports to the front."""
    long, wide, deep = lay.vendor["switch8"]["size"]
    right = lay.bay.lo - THICK
    ys = sorted({y for y, _ in lay.bay_screws})
    middle, z = (ys[0] + ys[1]) / 2, shelf_z(lay)
    return box((right - deep, right), (middle - wide / 2, middle + wide / 2), (z, z + long))
