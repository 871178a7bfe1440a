"""USB at full speed: is the line short enough that its impedance does not matter?"""

import json
import math

from .figures import PCB, Figure

EDGE_S = 4e-9  # fastest edge of a full-speed driver, USB 2.0 table 7-9
SKEW_S = 1e-9  # source jitter of paired transitions, USB 2.0 table 7-9
DIFFERENTIAL = 90.0  # ohm, USB 2.0 7.1.3
WIDTH, HEIGHT, COPPER = 0.15, 0.21, 0.035  # mm: track, prepreg to the plane, 1 oz
ER = 4.4  # FR-4, unverified for the maker's stack
LIGHT = 0.2998  # mm/ps


def impedance() -> float:
    """One track over the plane, ohm: IPC-2141 microstrip."""
    return 87 / math.sqrt(ER + 1.41) * math.log(5.98 * HEIGHT / (0.8 * WIDTH + COPPER))


def delay_ps_per_mm() -> float:
    return math.sqrt(0.475 * ER + 0.67) / LIGHT  # IPC-2141


def length(*nets: str) -> float:
    """Routed length in mm of nets in series, stubs counted too."""
    routes = json.loads((PCB / "bmc_rp2040_r1" / "routes.json").read_text())
    return sum(
        math.dist(p, q)
        for net, _, _, points in routes["tracks"]
        if net in nets
        for p, q in zip(points, points[1:], strict=False)
    )


def figures() -> list[Figure]:
    plus, minus = length("USB_DP", "USB_DP_R"), length("USB_DM", "USB_DM_R")
    way = max(plus, minus) * delay_ps_per_mm() * 1e-12
    apart = abs(plus - minus) * delay_ps_per_mm() * 1e-12
    pair = 2 * impedance()  # loosely coupled: twice one line
    step = (pair - DIFFERENTIAL) / (pair + DIFFERENTIAL)
    return [
        Figure("there and back on the longer line", 2 * way * 1e9, "max", EDGE_S / 3 * 1e9, "ns",
               0.5, "a third of a 4 ns edge, USB 2.0 table 7-9: shorter than this is no line"),
        Figure("skew of D+ against D-", apart * 1e9, "max", SKEW_S * 1e9, "ns", 0.8,
               "USB 2.0 table 7-9, jitter of paired transitions"),
        Figure(f"step at an edge from {pair:.0f} ohm in place of 90", step * 2 * way / EDGE_S * 100,
               "max", 10.0, "%", 0.5, "reflection times there-and-back over the edge"),
    ]  # fmt: skip
