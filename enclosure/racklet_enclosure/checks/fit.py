"""Do the pieces fit: no two share space, and a blade slides in beside its neighbours."""

from collections.abc import Iterable, Sequence

import numpy as np
import trimesh

from .. import order
from ..assembly import Assembly, Piece
from ..mesh import solid
from . import Result

TOUCH = 0.5  # mm3: bodies that share less only touch
STEPS = (0.5, 1, 2, 4, 6, 8.5, 12, 18, 26, 40, 60, 80, 100, 120)  # mm out of the seat
SEATED_PAIRS = {("bmc", "backplane"), ("compute", "bmc")}  # plug and socket share space


def shared(a: trimesh.Trimesh, b: trimesh.Trimesh) -> float:
    """Common volume of two bodies in mm3."""
    lo = np.maximum(a.bounds[0], b.bounds[0])
    hi = np.minimum(a.bounds[1], b.bounds[1])
    if (hi - lo <= 1e-6).any():
        return 0.0
    return float((solid(a) ^ solid(b)).volume())


def _mated(a: Piece, b: Piece) -> bool:
    return (a.name, b.name) in SEATED_PAIRS or (b.name, a.name) in SEATED_PAIRS


def interference(pieces: Sequence[Piece]) -> Result:
    """Every pair of pieces in the assembled rack; blades are alike, so one is paired with all."""
    result = Result("no interference")
    looked = 0
    for i, a in enumerate(pieces):
        for b in pieces[i + 1 :]:
            if _mated(a, b) or (a.slot and b.slot and max(a.slot, b.slot) > 2):
                continue
            looked += 1
            volume = shared(a.mesh, b.mesh)
            if volume > TOUCH:
                result.findings.append(
                    f"{a.name} (slot {a.slot}) and {b.name} (slot {b.slot}) share {volume:.1f} mm3"
                )
    result.figures["pairs"] = looked
    return result


def insertion(assembly: Assembly, slot: int) -> Result:
    """The blade of `slot` moved out in steps along the rails meets nothing of the rest."""
    result = Result(f"insertion path of slot {slot}")
    blade, rest = assembly.blade(slot), assembly.rest(slot)
    for step in STEPS:
        for piece in blade:
            moved = piece.shifted((0.0, -step, 0.0))
            for other in rest:
                if step < 9 and _mated(piece, other):
                    continue
                volume = shared(moved, other.mesh)
                if volume > TOUCH:
                    result.findings.append(
                        f"{piece.name} hits {other.name} by {volume:.1f} mm3, {step} mm out"
                    )
    result.figures["steps"] = len(STEPS)
    return result


def play(assembly: Assembly, slot: int) -> Result:
    """How far a seated tray moves sideways and upwards before it meets a rail."""
    p = assembly.lay.p
    result = Result(f"play of slot {slot}")
    tray = next(piece for piece in assembly.blade(slot) if piece.name == "tray")
    rails = [piece for piece in assembly.pieces if piece.name in ("deck", "top")]
    for name, way, least, most in (
        ("left", (-1, 0, 0), 0.5 * p.fit.slide, 2 * p.fit.slide),
        ("right", (1, 0, 0), 0.5 * p.fit.slide, 2 * p.fit.slide),
        ("up", (0, 0, 1), 0.5 * p.fit.lift, 2 * p.fit.lift),
        ("down", (0, 0, -1), 0.0, p.fit.rest + 0.1),
    ):
        free = _free(tray, rails, np.array(way, dtype=float))
        result.figures[f"{name}_mm"] = round(free, 2)
        if not least <= free <= most:
            result.findings.append(
                f"slot {slot}: the tray moves {free:.2f} mm {name}; "
                f"wanted {least:.2f} to {most:.2f}"
            )
    return result


def _free(tray: Piece, rails: Iterable[Piece], way: np.ndarray) -> float:
    """Distance to first contact in direction `way`, to 0.02 mm, at most 3 mm."""
    rails = list(rails)

    def hits(by: float) -> bool:
        moved = tray.shifted(tuple(way * by))
        return any(shared(moved, rail.mesh) > 0.05 for rail in rails)

    lo, hi = 0.0, 3.0
    if hits(lo):
        return -1.0
    if not hits(hi):
        return hi
    while hi - lo > 0.02:
        middle = (lo + hi) / 2
        lo, hi = (lo, middle) if hits(middle) else (middle, hi)
    return lo


def blanks(assembly: Assembly) -> Result:
    """A blank tray fits every slot beside seated blades."""
    result = Result("blank trays")
    blank = assembly.flats["blank_tray"]
    for slot, x in enumerate(assembly.lay.slot_x, 1):
        moved = blank.copy()
        moved.apply_translation((x, 0.0, 0.0))
        for other in assembly.rest(slot):
            volume = shared(moved, other.mesh)
            if volume > TOUCH:
                result.findings.append(f"slot {slot}: it meets {other.name} by {volume:.1f} mm3")
    return result


TRAVEL = (0.5, 1, 2, 3, 5, 8, 12, 18, 25, 35, 50, 70, 90, 110, 130)  # mm from its place


def assembling(assembly: Assembly) -> Result:
    """In the order of the guide, every piece reaches its place along a straight line.

    What comes in one step from one side moves together, as it was joined before.
    """
    result = Result("assembly order")
    built: list[Piece] = []
    for number, adds in enumerate(order.STEPS, 1):
        ways = {add.name: np.array(add.way) for add in adds}
        coming = [piece for piece in assembly.pieces if piece.name in ways]
        loose = [piece for piece in coming if built and piece.name != "case_screws"]
        for piece in loose:
            for by in TRAVEL:
                moved = piece.mesh.copy()
                moved.apply_translation(ways[piece.name] * by)
                result.findings += [
                    f"step {number}: {piece.name} meets {other.name} by {volume:.0f} mm3, "
                    f"{by} mm from its place"
                    for other in built
                    if (volume := shared(moved, other.mesh)) > TOUCH
                ]
        built += coming
    result.figures["steps"] = len(order.STEPS)
    return result
