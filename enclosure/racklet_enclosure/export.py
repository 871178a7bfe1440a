"""STEP and STL of all parts and the STEP of the rack; the same bytes on every build."""

from pathlib import Path

from build123d import Compound, Pos, export_step

from . import parts
from .assembly import Assembly
from .mesh import on_bed

STAMP = "2000-01-01T00:00:00"  # a STEP header wants a date; a constant one keeps builds equal


def write(assembly: Assembly, folder: Path) -> list[Path]:
    """Write step/NAME.step (rack coordinates), stl/NAME.stl (as printed) and rack.step."""
    step, stl = folder / "step", folder / "stl"
    for place in (step, stl):
        place.mkdir(parents=True, exist_ok=True)
    written = []
    for name in parts.NAMES:
        shape = assembly.shapes[name]
        shape.label = name
        written.append(step / f"{name}.step")
        export_step(shape, written[-1], timestamp=STAMP)
        mesh = on_bed(assembly.flats[name], parts.module(name).UP)
        written.append(stl / f"{name}.stl")
        written[-1].write_bytes(mesh.export(file_type="stl"))
    written.append(folder / "rack.step")
    export_step(_rack(assembly), written[-1], timestamp=STAMP)
    return written


def _rack(assembly: Assembly) -> Compound:
    """All pieces by name. Without colours: the kernel writes them in an order that changes."""
    children = []
    for piece in assembly.pieces:
        body = Pos(*piece.at) * piece.shape
        body.label = f"{piece.name}_{piece.slot}" if piece.slot else piece.name
        children.append(body)
    return Compound(label="racklet", children=children)
