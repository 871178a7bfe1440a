"""All steps of one board, from circuit to release folder.

usage: python -m racklet_pcb.make schematic BOARD    write the schematic, ERC
       python -m racklet_pcb.make board BOARD        and the board; routes only what changed
       python -m racklet_pcb.make release BOARD      gerbers, PDF, STEP, pictures of what is there
       python -m racklet_pcb.make check BOARD        rebuild aside, compare with what is committed

Placement and routes are data (placement.json, routes.json) and re-applied; the router, with its
own pinned environment, runs only when what it was told has changed.
"""

import hashlib
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import generate, judge, own_footprints, own_symbols, pictures, release

PCB = Path(__file__).resolve().parent.parent
KICAD_PYTHON = "/usr/bin/python3"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "racklet" / "pcb"
ROUTER_PINS = ("numpy==2.2.6", "numba==0.61.2", "llvmlite==0.44.0")
COMMITTED = ("*.kicad_sch", "*.kicad_pro", "*.kicad_pcb", "*-lib-table", "*.json")


class StepError(RuntimeError):
    """A step of the build failed; the message says which."""


def step(what: str, *command: str | Path) -> None:
    """Run one tool of this package under the Python it needs."""
    env = {**os.environ, "PYTHONPATH": str(PCB)}
    done = subprocess.run([str(c) for c in command], env=env, cwd=PCB, check=False,
                          capture_output=True, text=True)  # fmt: skip
    if done.returncode:
        raise StepError(f"{what} failed:\n{done.stdout}{done.stderr}")


def kicad_python(*args: str | Path) -> None:
    step(str(args[0]), KICAD_PYTHON, "-m", "racklet_pcb.build_board", *args)


def router_python() -> Path:
    """The pinned environment of placer and router, made on first use."""
    mark = CACHE / ".ready"
    pins = "\n".join(ROUTER_PINS)
    if not mark.exists() or mark.read_text() != pins:
        print("pcb: installing the router's numpy and numba (once)", flush=True)
        step("venv", sys.executable, "-m", "venv", "--clear", CACHE)
        step("pip", CACHE / "bin" / "pip", "install", "--quiet", *ROUTER_PINS)
        mark.write_text(pins)
    return CACHE / "bin" / "python"


def schematic(name: str, folder: Path) -> None:
    generate.main([name, str(folder)])


def netlist(name: str, folder: Path, scratch: Path) -> Path:
    export = scratch / f"{name}.net"
    judge.run("sch", "export", "netlist", "--format", "kicadsexpr", "-o", export,
              folder / f"{name}.kicad_sch")  # fmt: skip
    return export


def place(name: str, export: Path, scratch: Path) -> None:
    """Renew placement.json when parts or rules changed."""
    sources = [PCB / name / f for f in ("netlist.json", "placement.py", "mechanics.py")]
    told = b"".join(p.read_bytes() for p in sources)
    vias = importlib.import_module(f"{name}.copper").VIAS
    digest = hashlib.sha256(told + repr(vias).encode()).hexdigest()
    target = PCB / name / "placement.json"
    if target.exists() and f'"fingerprint": "{digest}"' in target.read_text():
        return
    geometry = scratch / "geometry.json"
    kicad_python(name, export, "-", "--geometry", geometry)
    step("place", router_python(), "-m", "racklet_pcb.place", name, geometry, target, digest)


def route(name: str, export: Path, scratch: Path) -> Path:
    """Renew routes.json when what the router is told changed."""
    found = scratch / "obstacles.json"
    kicad_python(name, export, "-", "--obstacles", found)
    rules = (PCB / name / "routing.py").read_text()
    digest = hashlib.sha256((found.read_text() + rules).encode()).hexdigest()
    target = PCB / name / "routes.json"
    if not target.exists() or f'"fingerprint": "{digest}"' not in target.read_text():
        print(f"{name}: routing (about a minute)", flush=True)
        step("route", router_python(), "-m", "racklet_pcb.route", name, found, target)
    return target


def board(name: str, folder: Path) -> None:
    """Schematic, placement, routes and the filled board, in `folder`."""
    schematic(name, folder)
    with tempfile.TemporaryDirectory() as scratch:
        target, committed = folder / f"{name}.kicad_pcb", Path(scratch) / "committed.kicad_pcb"
        if (PCB / name / target.name).exists():
            shutil.copy(PCB / name / target.name, committed)
        export = netlist(name, folder, Path(scratch))
        place(name, export, Path(scratch))
        routes = route(name, export, Path(scratch))
        kicad_python(name, export, target, "--routes", routes)
        kicad_python("--fill", target, committed)
    generate.settings(name, folder)  # pcbnew rewrites the project file
    for leftover in folder.glob("*.kicad_prl"):
        leftover.unlink()


def check(name: str) -> list[str]:
    """Rebuild in a scratch folder beside a copy of the libraries; compare byte by byte."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / name
        shutil.copytree(PCB / name, copy, ignore=shutil.ignore_patterns("*.kicad_*", "__pycache__"))
        shutil.copytree(PCB / "lib", Path(scratch) / "lib")
        routed = (PCB / name / f"{name}.kicad_pcb").exists()
        (board if routed else schematic)(name, copy)
        findings = []
        for pattern in COMMITTED:
            names = {p.name for p in copy.glob(pattern)} | {
                p.name for p in (PCB / name).glob(pattern)
            }
            for file in sorted(names):
                a, b = PCB / name / file, copy / file
                if not (a.exists() and b.exists() and a.read_bytes() == b.read_bytes()):
                    findings.append(f"{file}: differs from a rebuild; run `make pcb`")
    if routed:
        findings += pictures.stale(name, PCB / name / f"{name}.kicad_pcb")
    return findings + judge.judge(name, PCB / name, schematic_only=not routed)


def main(argv: list[str]) -> int:
    what, name = argv
    sys.path.insert(0, str(PCB))
    folder = PCB / name
    try:
        if what == "check":
            findings = check(name)
        elif what == "release":
            release.write(name, folder, PCB.parent / "build" / "pcb" / name)
            findings = []
        else:
            own_symbols.main()
            own_footprints.main()
            (schematic if what == "schematic" else board)(name, folder)
            findings = judge.judge(name, folder, schematic_only=what == "schematic")
    except (StepError, judge.JudgeError, LookupError, ValueError) as error:
        print(f"{name}: {error}")
        return 1
    print(*findings, sep="\n", end="\n" if findings else "")
    print(f"{name}: {what} done, {len(findings)} findings")
    return bool(findings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
