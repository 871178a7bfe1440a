"""Screws, nuts and stand-offs of one rack: how many of which, and where. No CAD."""

from collections.abc import Iterator

from .boards import fasteners
from .layout import Layout


def uses(lay: Layout) -> list[tuple[str, int, str]]:
    """(fastener, count, where) for a full rack."""
    slots = len(lay.slot_x)
    holes = len(lay.backplane["holes"])
    rows = [
        ("panel_screw", 12, "base, deck and top to the side panels"),
        ("nut", 12, "in the lugs of the side panels"),
        ("panel_screw", 6, "rear panel to the side panels"),
        ("nut", 6, "in the rear lugs of the side panels"),
        ("panel_screw", 4, "feet to the base"),
        ("nut", 4, "on the base, over the feet"),
        ("panel_screw", 3, "cable guides to the top"),
        ("nut", 3, "under the top, under the cable guides"),
        ("backplane_screw", holes, "backplane to the rear panel"),
        ("nut", holes, "on the socket side of the backplane"),
        ("fan_screw", 4 * lay.fan["count"], "grille, base and fan"),
        ("nut", 4 * lay.fan["count"], "on the fans"),
        ("washer", 4 * lay.fan["count"], "under the fan nuts"),
        ("bay_screw", 4, "RMC bay, and the switch bracket, to the left side panel"),
        ("nut", 4, "inside the left side panel"),
        ("bmc_screw", 4, "RMC board in its bay, cutting its own thread"),
        ("pivot_screw", 2, "handle to the ears"),
        ("lock_nut", 2, "inside the handle's arms, leave it free to turn"),
        ("nut", slots, "in the top panel, for the thumb screws"),
        ("thumb_screw", slots, "one a blade"),
        ("face_screw", 2 * slots, "front plate to tray"),
        ("nut", 2 * slots, "in the front plates' lugs"),
        ("pi_screw", 4 * slots, "through the tray and the compute unit"),
        ("standoff", 4 * slots, "between compute unit and BMC board"),
        ("bmc_screw", 4 * slots, "BMC board to the stand-offs"),
    ]
    if lay.storage:
        rows.append(("ssd_screw", len(lay.disk_holes) * slots, "disk to the tray"))
    return rows


def totals(lay: Layout) -> dict[str, int]:
    """Number of each fastener for a full rack."""
    counts: dict[str, int] = {}
    for name, count, _ in uses(lay):
        counts[name] = counts.get(name, 0) + count
    return counts


def mass(lay: Layout) -> float:
    """Grams of all fasteners."""
    table = fasteners()
    return float(sum(table[name]["mass"] * count for name, count in totals(lay).items()))


def cost(lay: Layout) -> float:
    """EUR of all fasteners, estimate."""
    table = fasteners()
    return float(sum(table[name]["price"] * count for name, count in totals(lay).items()))


def _stacks(lay: Layout) -> list[tuple[str, float, float]]:
    """(fastener, mm it must pass with its nut or bite, mm of room behind that)."""
    p, table = lay.p, fasteners()
    nut, lock = table["nut"]["height"], table["lock_nut"]["height"]
    card, pi = lay.bmc["thickness"], lay.compute["board"][2]
    flange = p.case.rail_height - nut - 0.1
    panel = p.case.panel
    return [
        ("panel_screw", panel + flange + nut * 0.7, 2.0),
        ("panel_screw", 2.4 + panel + nut * 0.7, 2.0),  # feet and cable guides
        ("backplane_screw", lay.backplane["thickness"] + p.case.rear_gap + panel + nut, 4.0),
        ("fan_screw", 2.4 + panel + lay.fans.size + nut, p.case.plenum - nut),
        ("bay_screw", p.rmc.depth + p.case.wall + nut, 9.0),
        ("pivot_screw", p.case.wall + 8.5 + lock, 5.0),
        ("thumb_screw", p.tray.face + 2.4 + nut, 5.0),
        ("face_screw", p.tray.plate + p.fit.join + 8.0, 3.0),
        ("pi_screw", p.tray.plate + p.tray.boss + pi + 3.0, 2.0),
        ("bmc_screw", card + 3.0, 2.0),
    ]


def short_or_long(lay: Layout) -> Iterator[str]:
    """Fasteners that do not reach through their nut, or reach too far."""
    for name, need, room in _stacks(lay):
        length = fasteners()[name]["length"]
        if not need - 0.01 <= length <= need + room:
            yield (
                f"{name} is {length:.0f} mm long, its place takes {need:.1f} to "
                f"{need + room:.1f} mm"
            )
