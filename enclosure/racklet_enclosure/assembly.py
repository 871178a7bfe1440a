"""The rack put together: every part and model with its place, colour and group."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import trimesh

from . import models, parts, screws
from .layout import Layout
from .mesh import mesh_of
from .shapes import Part

PRINTED = {
    "base": "#4a5560",
    "deck": "#5b6873",
    "top": "#4a5560",
    "side_left": "#38424c",
    "side_right": "#38424c",
    "backplane_mount": "#38424c",
    "rmc_bay": "#4a5560",
    "tray": "#e07a2f",
    "tray_front": "#2b3138",
    "blank_tray": "#2b3138",
    "fan_grille": "#2b3138",
    "foot": "#20262c",
    "handle": "#e07a2f",
    "switch_bracket": "#5b6873",
    "cable_guide": "#e07a2f",
    "calibration_block": "#e07a2f",
    "calibration_key": "#2b3138",
}
BOUGHT = {
    "compute": "#3f9b52",
    "bmc": "#2f6fb0",
    "disk": "#b9bec4",
    "backplane": "#1f7a4d",
    "stack_screws": "#d9b44a",
    "front_screws": "#d9b44a",
    "case_screws": "#d9b44a",
    "fan": "#8a6a4f",
    "rmc_board": "#3f9b52",
    "switch": "#c9ccd0",
}
BLADE = ("tray", "tray_front", "compute", "bmc", "disk", "stack_screws", "front_screws")


@dataclass(frozen=True)
class Piece:
    """One body in the rack. `name` is its kind, `slot` its blade or 0."""

    name: str
    at: tuple[float, float, float]
    slot: int
    shape: Part = field(repr=False)
    flat: trimesh.Trimesh = field(repr=False)

    @cached_property
    def mesh(self) -> trimesh.Trimesh:
        """The body's mesh at its place."""
        moved = self.flat.copy()
        moved.apply_translation(self.at)
        return moved

    @property
    def printed(self) -> bool:
        return self.name in PRINTED

    @property
    def colour(self) -> str:
        return PRINTED.get(self.name) or BOUGHT[self.name]

    def shifted(self, by: tuple[float, float, float]) -> trimesh.Trimesh:
        """The mesh moved on from its place."""
        moved = self.mesh.copy()
        moved.apply_translation(by)
        return moved


class Assembly:
    """All pieces of the rack; `shapes` may replace a part by a changed (broken) one."""

    def __init__(self, lay: Layout, shapes: dict[str, Part] | None = None) -> None:
        self.lay = lay
        self.shapes: dict[str, Part] = {}
        for name in parts.NAMES:
            given = (shapes or {}).get(name)
            self.shapes[name] = given if given is not None else parts.module(name).make(lay)
        self.flats = {name: mesh_of(shape) for name, shape in self.shapes.items()}
        self.pieces = list(self._pieces())

    def _pieces(self) -> Iterator[Piece]:
        lay = self.lay
        for name in parts.NAMES:
            for n, at in enumerate(parts.module(name).places(lay), 1):
                slot = n if name in BLADE else 0
                yield Piece(name, at, slot, self.shapes[name], self.flats[name])
        blade = {
            "compute": models.compute(lay),
            "bmc": models.bmc(lay),
            "stack_screws": screws.stack(lay),
            "front_screws": screws.front(lay),
        }
        if lay.storage:
            blade["disk"] = models.disk(lay)
        for name, shape in blade.items():
            flat = mesh_of(shape)
            for n, x in enumerate(lay.slot_x, 1):
                yield Piece(name, (x, 0.0, 0.0), n, shape, flat)
        single = {
            "backplane": models.backplane(lay),
            "rmc_board": models.compute(lay, rmc=True),
            "case_screws": screws.case(lay),
        }
        if lay.p.choice.switch != "none":
            single["switch"] = models.switch(lay)
        for name, shape in single.items():
            yield Piece(name, (0.0, 0.0, 0.0), 0, shape, mesh_of(shape))
        fan = models.fan(lay)
        flat = mesh_of(fan)
        for x, _ in lay.fan_centres:
            yield Piece("fan", (x - lay.fan_centres[0][0], 0.0, 0.0), 0, fan, flat)

    def blade(self, slot: int) -> list[Piece]:
        """What slides out of `slot` together."""
        return [piece for piece in self.pieces if piece.slot == slot]

    def rest(self, slot: int) -> list[Piece]:
        """Everything but the blade of `slot`."""
        return [piece for piece in self.pieces if piece.slot != slot]

    def piece(self, name: str) -> Piece:
        return next(piece for piece in self.pieces if piece.name == name)

    def bounds(self, without: tuple[str, ...] = ()) -> np.ndarray:
        """Lowest and highest corner of all pieces but those named."""
        corners = np.array([p.mesh.bounds for p in self.pieces if p.name not in without])
        return np.array([corners[:, 0].min(axis=0), corners[:, 1].max(axis=0)])
