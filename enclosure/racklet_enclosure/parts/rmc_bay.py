"""RMC bay: a box on the left side; the RMC's board lies on its outer wall, ports to the front."""

from ..layout import Layout
from ..shapes import Part, X, box, cut, join, rod

UP = X
PRINT = "outer wall on the bed, open side up"


def make(lay: Layout) -> Part:
    p = lay.p
    t = p.rmc.wall
    x, y, z = (lay.bay.lo, lay.bay.hi), (lay.front, lay.rear.hi), (0.0, lay.top.hi)
    shell = cut(box(x, y, z), [box((x[0] + t, x[1] + 1), (y[0] + t, y[1] - t), (t, z[1] - t))])
    reach = lay.bay.size
    posts = [rod((x[0], *at), X, 8.0, reach) for at in lay.bay_screws]
    pillars, pilots = [], []
    for hx, hy in lay.rmc_board["holes"]:
        _, py, pz = lay.on_rmc(hx, hy)
        pillars.append(rod((x[0], py, pz), X, 6.2, t + p.rmc.boss))
        pilots.append(rod((x[0] + 1.2, py, pz), X, 2.1, t + p.rmc.boss))
    holes = [rod((x[0] - 1, *at), X, 3.0 + p.fit.hole, reach + 2) for at in lay.bay_screws]
    return cut(join([shell, *posts, *pillars]), [*pilots, *holes, *_openings(lay)])


def _openings(lay: Layout) -> list[Part]:
    """Ports, the window for the cables to the case, and combs for the air: all open upwards."""
    _, y, dy, _ = lay.rmc_board["ports"]
    top = lay.on_rmc(0, 0)[0]
    za, zb = sorted((lay.on_rmc(0, y)[2], lay.on_rmc(0, y + dy)[2]))
    open_x = lay.bay.hi + 1
    ports = box((top - 1.0, open_x), (lay.front - 1, lay.front + 4), (za - 1, zb + 1))
    combs = []
    at = lay.front + 18.0
    while at < -12.0:
        for z in ((-1, 4), (lay.top.hi - 4, lay.top.hi + 1)):
            combs.append(box((lay.bay.lo + 8.0, open_x), (at, at + 3.0), z))
        at += 6.0
    return [ports, *combs]


def places(lay: Layout) -> list[tuple[float, float, float]]:
    return [(0.0, 0.0, 0.0)]
