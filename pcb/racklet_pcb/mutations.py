"""Can the checks fail? Break a copy of a board in one place at a time and look for the finding.

usage: python -m racklet_pcb.mutations BOARD

Exit 1 when one of the breakages passes.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import copper_page, judge
from .sexpr import Text, dump, find, find_all, parse

PCB = Path(__file__).resolve().parent.parent


# Per board: a signal whose label is renamed, and one whose tracks are dropped.
SIGNALS = {
    "bmc_rp2040_r1": ("BUCK_FB", "QSPI_SCLK"),
    "backplane_r1": ("RMC_FB", "PD_GATE"),
}


def edit(path: Path, change: Callable[[list[Any]], None]) -> None:
    tree = parse(path.read_text(encoding="utf-8"))
    change(tree)
    path.write_text(dump(tree) + "\n", encoding="utf-8")


def sheet_with(folder: Path, text: str) -> Path:
    return next(p for p in sorted(folder.glob("*.kicad_sch")) if text in p.read_text())


def rename_label(folder: Path, name: str) -> None:
    """One end of a net gets another name."""

    def change(tree: list[Any]) -> None:
        find_all(tree, "global_label")[0][1] = Text("ELSEWHERE")

    edit(sheet_with(folder, f'"{SIGNALS[name][0]}"'), change)


def drop_flag(folder: Path, name: str) -> None:
    """A supply that nothing drives."""

    def change(tree: list[Any]) -> None:
        flag = next(s for s in find_all(tree, "symbol") if find(s, "lib_id")[1] == "power:PWR_FLAG")
        tree.remove(flag)

    edit(sheet_with(folder, '(lib_id "power:PWR_FLAG")'), change)


def _board(folder: Path, name: str) -> Path:
    return folder / f"{name}.kicad_pcb"


def drop_track(folder: Path, name: str) -> None:
    """The tracks of one signal are gone."""

    def change(tree: list[Any]) -> None:
        code = next(n[1] for n in find_all(tree, "net") if n[2] == SIGNALS[name][1])
        for track in find_all(tree, "segment"):
            if find(track, "net")[1] == code:
                tree.remove(track)

    edit(_board(folder, name), change)


def move_track(folder: Path, name: str) -> None:
    """A track 0.3 mm beside where it belongs."""

    def change(tree: list[Any]) -> None:
        for track in find_all(tree, "segment")[10:30]:
            for end in ("start", "end"):
                point = find(track, end)
                point[1] = f"{float(point[1]) + 0.3:.3f}"

    edit(_board(folder, name), change)


def change_value(folder: Path, name: str) -> None:
    def change(tree: list[Any]) -> None:
        part = next(f for f in find_all(tree, "footprint") if _ref(f).startswith("R"))
        next(p for p in find_all(part, "property") if p[1] == "Value")[2] = Text("1M")

    edit(_board(folder, name), change)


def drop_part(folder: Path, name: str) -> None:
    def change(tree: list[Any]) -> None:
        tree.remove(next(f for f in find_all(tree, "footprint") if _ref(f).startswith("C")))

    edit(_board(folder, name), change)


def over_the_edge(folder: Path, name: str) -> None:
    def change(tree: list[Any]) -> None:
        part = next(f for f in find_all(tree, "footprint") if _ref(f).startswith("R"))
        find(part, "at")[2] = "49.9"

    edit(_board(folder, name), change)


def swap_pins(folder: Path, name: str) -> None:
    """Two nets of the controller change places, everywhere at once: KiCad sees nothing wrong."""

    def change(tree: list[Any]) -> None:
        other = {"LATCH_SET": "LATCH_CLR", "LATCH_CLR": "LATCH_SET"}
        for label in find_all(tree, "global_label"):
            label[1] = Text(other.get(label[1], label[1]))

    edit(sheet_with(folder, '"QSPI_SCLK"'), change)


def empty_pour(folder: Path, name: str) -> None:
    """A pour that carries current is not filled."""

    def change(tree: list[Any]) -> None:
        net = POURS[name]
        for zone in find_all(tree, "zone"):
            if find(zone, "net_name")[1] == net:
                for fill in find_all(zone, "filled_polygon"):
                    zone.remove(fill)

    edit(_board(folder, name), change)


def _ref(footprint: list[Any]) -> str:
    return str(next(p for p in find_all(footprint, "property") if p[1] == "Reference")[2])


POURS = {"bmc_rp2040_r1": "VEF", "backplane_r1": "VIN_OR"}

# What is broken, and the type of finding that must appear.
MUTATIONS: dict[Callable[[Path, str], None], tuple[str, ...]] = {
    rename_label: ("label_dangling", "netlist"),
    drop_flag: ("power_pin_not_driven",),
    drop_track: ("unconnected_items", "dangling"),
    move_track: ("clearance", "shorting_items", "unconnected_items"),
    change_value: ("footprint_symbol_mismatch", "parity"),
    drop_part: ("missing_footprint",),
    empty_pour: ("of copper",),
    over_the_edge: ("copper_edge_clearance", "courtyard", "unconnected_items"),
}


# Only where the firmware has a table to compare with.
WITH_TABLE: dict[Callable[[Path, str], None], tuple[str, ...]] = {swap_pins: ("board.py says",)}


def main(argv: list[str]) -> int:
    (name,) = argv
    passed = []
    table = (PCB.parent / "boards" / name / "board.py").exists()
    for mutate, expected in {**MUTATIONS, **(WITH_TABLE if table else {})}.items():
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / name
            shutil.copytree(PCB / name, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
            shutil.copytree(PCB / "lib", Path(scratch) / "lib")
            mutate(copy, name)
            findings = judge.judge(name, copy)
            if mutate is empty_pour:
                findings += copper_page.broken(copper_page.measure(name, _board(copy, name)))
        hit = [f for f in findings if any(e in f for e in expected)]
        print(f"{mutate.__name__}: {hit[0] if hit else 'NOT FOUND'}")
        if not hit:
            passed.append(mutate.__name__)
    return bool(passed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
