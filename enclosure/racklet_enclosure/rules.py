"""Rules between parameters and boards: a combination that cannot be made is refused.

Every rule is a sentence and a figure; no CAD is needed, so `make test` runs them.
"""

from collections.abc import Iterator

from . import boards, hardware
from .layout import Layout
from .parameters import Refused


def findings(lay: Layout) -> Iterator[str]:
    """The broken rules, each as one sentence with its figures (mm)."""
    p = lay.p
    if p.printer.min_wall < 2 * p.printer.nozzle:
        yield (
            f"printer.min_wall {p.printer.min_wall} is thinner than two lines of the "
            f"{p.printer.nozzle} nozzle"
        )
    if p.printer.layer > 0.75 * p.printer.nozzle:
        yield f"printer.layer {p.printer.layer} exceeds 75 % of the {p.printer.nozzle} nozzle"
    if p.fit.slide + p.fit.lift < p.printer.layer:
        yield "fit.slide and fit.lift together are below one layer: trays will bind"
    for name, thickness in (("tray.plate", p.tray.plate), ("case.rail_wall", p.case.rail_wall)):
        if thickness < 2 * p.printer.nozzle:
            yield f"{name} {thickness} cannot be printed with the {p.printer.nozzle} nozzle"
    yield from _slot(lay)
    yield from _nuts(lay)
    yield from _printer(lay)
    yield from hardware.short_or_long(lay)


def _slot(lay: Layout) -> Iterator[str]:
    p, near = lay.p, lay.p.fit.near
    need = lay.disk.hi - lay.parts_left + near
    if need > lay.pitch:
        yield f"a blade is {need:.2f} thick with clearance, the slot pitch is {lay.pitch}"
    rails = 2 * (p.fit.slide + p.case.rail_wall) + p.tray.plate
    if rails > lay.pitch / 2:
        yield f"a pair of rails is {rails:.2f} wide: no way left for the air in {lay.pitch}"
    if p.tray.boss < lay.compute["under"] + 1.0:
        under = lay.compute["under"]
        yield f"tray.boss {p.tray.boss} leaves no air under the solder joints, {under} high"
    if lay.backplane["socket"]["height"] >= lay.shoulder:
        yield "the backplane's sockets are higher than the card's shoulder: it would not seat"
    for box in lay.compute["boxes"]:
        reach = box[3] + box[6]
        under_bmc = box[1] < lay.bmc["width"]
        if under_bmc and "header" not in box[0] and reach > lay.gap - lay.bmc["far_side"]:
            yield f"{box[0]} of {lay.compute['title']} is {reach} high, the stack gives {lay.gap}"
    if lay.disk_z.hi > lay.plate_z.hi - p.case.rail_height + p.fit.lift:
        yield "the disk reaches into the upper rail"
    below = lay.backplane_top - lay.backplane["height"]
    if below < p.case.panel + p.fit.near:
        yield f"the backplane's lower edge is at {below:.1f}: inside the base panel"


def _nuts(lay: Layout) -> Iterator[str]:
    p = lay.p
    nut = boards.fasteners()["nut"]
    if p.case.flange < nut["across_flats"] + p.fit.join + 2 * p.printer.min_wall:
        yield f"case.flange {p.case.flange} is too narrow for an M3 nut and its walls"
    if p.case.rail_height < nut["height"] + 2 * p.printer.min_wall - 0.1:
        yield f"case.rail_height {p.case.rail_height} is too low for an M3 nut under the screw"
    screw = boards.fasteners()["ssd_screw"]
    bite = screw["length"] - p.tray.plate
    if not 1.5 <= bite <= lay.vendor["ssd25"]["thread_depth"]:
        yield f"tray.plate {p.tray.plate}: the disk's {screw['title']} would bite {bite:.1f} deep"


def _printer(lay: Layout) -> Iterator[str]:
    p = lay.p
    bed = sorted((p.printer.bed_x, p.printer.bed_y))
    for name, size in {
        "top": (lay.inner.size, lay.rear.lo - lay.front),
        "rear": (lay.outer.size, lay.top.hi),
        "side": (lay.rear.lo - lay.front, lay.ear_top),
    }.items():
        if any(a > b for a, b in zip(sorted(size), bed, strict=True)):
            yield (
                f"the {name} panel is {size[0]:.0f} x {size[1]:.0f}: larger than the bed of "
                f"{p.printer.bed_x:.0f} x {p.printer.bed_y:.0f}"
            )
    limits = p.limits
    for name, extent, limit in (
        ("wide", lay.width, limits.width),
        ("deep", lay.depth, limits.depth),
        ("high", lay.height, limits.height),
    ):
        if extent > limit:
            yield f"the rack is {extent:.1f} {name}, the limit is {limit:.0f}"


def require(lay: Layout) -> Layout:
    """`lay` itself when no rule is broken, else Refused with all of them."""
    broken = list(findings(lay))
    if broken:
        raise Refused("this enclosure cannot be made:\n" + "\n".join(f"- {b}" for b in broken))
    return lay
