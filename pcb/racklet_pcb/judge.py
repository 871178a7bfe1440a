"""Let KiCad judge a project in a fresh home folder: ERC, netlist, DRC with parity.

A finding is printed with its designators and reason. Any finding, warnings too, is a failure.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from . import netlist as netlists
from . import truth


class JudgeError(RuntimeError):
    """kicad-cli itself failed."""


def run(*args: str | Path) -> None:
    """kicad-cli with an empty home folder. Violations (exit 5) are read from its report."""
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": f"{home}/.config"}
        env.pop("KICAD_CONFIG_HOME", None)
        done = subprocess.run(
            ["kicad-cli", *map(str, args)], capture_output=True, text=True, env=env, check=False
        )
    if done.returncode not in (0, 5):
        raise JudgeError(f"kicad-cli {' '.join(map(str, args))}: {done.stdout}{done.stderr}")


def _describe(violation: dict[str, Any], where: str) -> str:
    items = "; ".join(
        f"{i['description']} at {i['pos']['x']:.2f},{i['pos']['y']:.2f}" for i in violation["items"]
    )
    kind = f"{violation['severity']} {violation['type']}"
    return f"{where}: {kind}: {violation['description']} [{items}]"


def erc(schematic: Path, report: Path) -> list[str]:
    run("sch", "erc", "--severity-all", "--format", "json", "-o", report, schematic)
    sheets = json.loads(report.read_text())["sheets"]
    return [_describe(v, f"ERC {s['path']}") for s in sheets for v in s["violations"]]


def drc(board: Path, report: Path) -> list[str]:
    options = ("--schematic-parity", "--severity-all", "--format", "json")
    run("pcb", "drc", *options, "-o", report, board)
    result = json.loads(report.read_text())
    return [
        _describe(v, f"DRC {kind}")
        for kind in ("violations", "unconnected_items", "schematic_parity")
        for v in result[kind]
    ]


def netlist(name: str, schematic: Path, export: Path) -> list[str]:
    """KiCad's own reading of the schematic against the committed netlist and the firmware."""
    run("sch", "export", "netlist", "--format", "kicadsexpr", "-o", export, schematic)
    found = netlists.of_export(export)
    findings = []
    expected = netlists.of_json(schematic.parent / "netlist.json")
    for pin in sorted(set(found.pins) | set(expected.pins)):
        a, b = found.pins.get(pin), expected.pins.get(pin)
        if a != b:
            findings.append(f"netlist {pin[0]} pin {pin[1]}: schematic {a}, netlist.json {b}")
    board = truth.PCB.parent / "boards" / name / "board.py"
    return findings + (truth.check(truth.load_board(name), found) if board.exists() else [])


def judge(name: str, folder: Path, schematic_only: bool = False) -> list[str]:
    """All findings on a project."""
    with tempfile.TemporaryDirectory() as scratch:
        schematic = folder / f"{name}.kicad_sch"
        findings = erc(schematic, Path(scratch) / "erc.json")
        findings += netlist(name, schematic, Path(scratch) / "net")
        if not schematic_only:
            findings += drc(folder / f"{name}.kicad_pcb", Path(scratch) / "drc.json")
    return findings
