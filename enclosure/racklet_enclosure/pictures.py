"""Pictures without a screen: every part as it lies on the bed, the rack, the steps to build it."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pyvista as pv
import trimesh
from PIL import Image

from . import order, parts
from .assembly import BLADE, PRINTED, Assembly, Piece
from .mesh import on_bed

SIZE = (960, 720)
COLOURS = 48  # palette of the written PNG: small files, clean edges
FRONT, REAR, BELOW = (-0.75, -1.5, 0.85), (1.0, 1.5, 0.8), (-0.8, -1.2, -0.9)
Shown = tuple[trimesh.Trimesh, str]
Vector = Sequence[float]

APART: dict[str, Vector] = {
    "top": (0, 0, 75),
    "handle": (0, 0, 120),
    "cable_guide": (0, -10, 100),
    "side_left": (-45, 0, 0),
    "rmc_bay": (-120, 0, 0),
    "rmc_board": (-75, 0, 0),
    "switch_bracket": (-150, 0, 0),
    "switch": (-180, 0, 0),
    "side_right": (60, 0, 0),
    "backplane_mount": (0, 90, 0),
    "backplane": (0, 50, 0),
    "deck": (0, 0, -30),
    "fan": (0, 0, -65),
    "base": (0, 0, -105),
    "fan_grille": (0, 0, -130),
    "foot": (0, 0, -140),
}
BLADE_APART: dict[str, Vector] = {
    "tray": (0, 0, 0),
    "tray_front": (0, -45, 0),
    "front_screws": (14, -62, 0),
    "stack_screws": (-57, 0, 0),
    "compute": (-35, 0, 0),
    "bmc": (-80, 0, 0),
    "disk": (45, 0, 0),
}


def shoot(file: Path, shown: Iterable[Shown], look: Vector, zoom: float = 1.25) -> None:
    """Render meshes with their colours, seen from direction `look`, as a small PNG."""
    plotter = pv.Plotter(off_screen=True, window_size=SIZE, lighting="light kit")
    plotter.set_background("white")
    for mesh, colour in shown:
        body = pv.wrap(mesh)
        plotter.add_mesh(body, color=colour, ambient=0.35, diffuse=0.75, specular=0.05)
        edges = body.extract_feature_edges(
            30, boundary_edges=False, non_manifold_edges=False, manifold_edges=False
        )
        if edges.n_points:
            plotter.add_mesh(edges, color="#101418", line_width=1.2, lighting=False)
    plotter.enable_parallel_projection()
    plotter.view_vector(look, (0, 0, 1))
    plotter.camera.zoom(zoom)
    plotter.enable_anti_aliasing("ssaa")
    pixels = plotter.screenshot(return_img=True)
    plotter.close()
    file.parent.mkdir(parents=True, exist_ok=True)
    _cropped(pixels).quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def _cropped(pixels: np.ndarray, border: int = 16) -> Image.Image:
    """The picture without most of its white margin."""
    ink = np.argwhere((pixels < 250).any(axis=2))
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0)
    image = Image.fromarray(pixels)
    return image.crop(
        (
            max(0, left - border),
            max(0, top - border),
            min(image.width, right + border),
            min(image.height, bottom + border),
        )
    )


def _placed(pieces: Iterable[Piece], moves: Callable[[Piece], Vector] | None = None) -> list[Shown]:
    return [(p.shifted(tuple(moves(p))) if moves else p.mesh, p.colour) for p in pieces]


def all_parts(assembly: Assembly, folder: Path) -> None:
    """parts/NAME.png: every part as it lies on the bed."""
    for name in parts.NAMES:
        mesh = on_bed(assembly.flats[name], parts.module(name).UP)
        shoot(folder / "parts" / f"{name}.png", [(mesh, PRINTED[name])], (-0.7, -1.0, 1.0), 1.0)


def rack(assembly: Assembly, folder: Path) -> None:
    """closed.png, rear.png, below.png, open.png, exploded.png, blade.png."""
    pieces = assembly.pieces
    shoot(folder / "closed.png", _placed(pieces), FRONT)
    shoot(folder / "rear.png", _placed(pieces), REAR)
    shoot(folder / "below.png", _placed(p for p in pieces if p.name != "switch"), BELOW)

    def opened(piece: Piece) -> Vector:
        return (0, -95, 0) if piece.slot == 2 else (0, 0, 0)

    lid = ("top", "handle", "cable_guide", "switch", "switch_bracket")
    shoot(folder / "open.png", _placed((p for p in pieces if p.name not in lid), opened), FRONT)

    def exploded(piece: Piece) -> Vector:
        if piece.slot:
            return (30 * (piece.slot - 3), -330, -30)
        return APART[piece.name]

    apart = (p for p in pieces if p.name != "case_screws")
    shoot(folder / "exploded.png", _placed(apart, exploded), FRONT)
    blade(assembly, folder)


def blade(assembly: Assembly, folder: Path) -> None:
    """blade.png: one blade taken apart."""
    one = assembly.blade(1)
    shoot(folder / "blade.png", _placed(one, lambda p: BLADE_APART[p.name]), (-1.2, -1.0, 0.7))


def steps(assembly: Assembly, folder: Path) -> None:
    """step-N.png: the rack growing in the order of the assembly guide."""
    built: set[str] = set()
    for number, adds in enumerate(order.STEPS, 1):
        coming = {add.name: tuple(add.apart * v for v in add.way) for add in adds}
        built |= coming.keys()
        shown = _placed(
            (p for p in assembly.pieces if p.name in built),
            lambda p, c=coming: c.get(p.name, (0, 0, 0)),
        )
        shoot(folder / f"step-{number}.png", shown, FRONT)


def seating(assembly: Assembly, folder: Path) -> None:
    """seat.png: a blade on its way in, the neighbours running."""
    pieces = [p for p in assembly.pieces if p.name not in ("switch", "switch_bracket")]
    out = lambda p: (0, -60, 0) if p.slot == 3 and p.name in BLADE else (0, 0, 0)  # noqa: E731
    shoot(folder / "seat.png", _placed(pieces, out), (0.6, -1.6, 0.8))


def write(assembly: Assembly, folder: Path) -> None:
    """All pictures."""
    all_parts(assembly, folder)
    rack(assembly, folder)
    steps(assembly, folder)
    seating(assembly, folder)
