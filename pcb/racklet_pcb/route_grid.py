"""A board on a 0.1 mm grid, as the router sees it: what is in its way, what it must join."""

from typing import Any

import numpy as np

from . import raster
from .raster import BLOCKED

GRID = 0.1


def disc(radius_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """Offsets of all cells nearer than `radius_mm`."""
    r = int(radius_mm / GRID) + 1
    y, x = np.mgrid[-r : r + 1, -r : r + 1]
    hit = (x * x + y * y) * GRID * GRID < radius_mm**2 - 1e-9
    return y[hit].astype(np.int64), x[hit].astype(np.int64)


class Net:
    """One net: what must be joined, and the way found."""

    def __init__(self, name: str, number: int, width: float) -> None:
        self.name, self.number, self.width = name, number, width
        self.terminals: list[np.ndarray] = []  # node numbers of each piece of copper
        self.runs: list[list[tuple[int, int, int]]] = []  # (layer, y, x) from end to end
        self.vias: list[tuple[int, int]] = []
        self.failed: list[int] = []

    def cells(self) -> list[tuple[int, int, int]]:
        return [c for run in self.runs for c in run]


class Board:
    """The board and its nets. `o` is what racklet_pcb.obstacles wrote."""

    def __init__(self, o: dict[str, Any], rules: Any) -> None:
        self.o, self.rules = o, rules
        self.layers: str = rules.LAYERS
        points = np.array([p for polygon in o["inside"]["via"] for p in polygon])
        self.x0, self.y0 = np.floor(points.min(0)) - 1
        x1, y1 = np.ceil(points.max(0)) + 1
        self.w, self.h = round((x1 - self.x0) / GRID) + 1, round((y1 - self.y0) / GRID) + 1
        self.n = self.w * self.h
        names = sorted({p["net"] for p in o["pads"]} | {i["net"] for i in o["items"]} - {""})
        self.number = {name: k + 1 for k, name in enumerate(names)}
        shape = (len(self.layers), self.h, self.w)
        self.hard = {str(width): np.zeros(shape, np.int32) for width in o["widths"]}
        self.hard_via = np.zeros(shape[1:], np.int32)
        self.draw_obstacles()
        self.nets = self.make_nets()

    def grid(self, outline: Any) -> tuple[np.ndarray, np.ndarray]:
        a = np.array(outline, float)
        return (a[:, 0] - self.x0) / GRID, (a[:, 1] - self.y0) / GRID

    def mask(self, outlines: list[Any]) -> np.ndarray:
        m = np.zeros((self.h, self.w), np.int32)
        for outline in outlines:
            raster.fill(m, *self.grid(outline), 1)
        return m

    def draw_obstacles(self) -> None:
        for item in self.o["items"]:
            value = self.number.get(item["net"], BLOCKED)
            xs, ys = self.grid(item["outline"])
            if item["kind"] == "via":
                # No via in a pad, not even in an own one: it would drain the solder.
                raster.fill(self.hard_via, xs, ys, BLOCKED if item["pad"] else value)
            elif item["layer"] in self.layers:
                layer = self.layers.index(item["layer"])
                raster.fill(self.hard[item["kind"]][layer], xs, ys, value)
        for kind, outlines in self.o["inside"].items():
            outside = self.mask(outlines) == 0
            if kind == "via":
                self.hard_via[outside] = BLOCKED
            else:
                self.hard[kind][:, outside] = BLOCKED
        for x, y, diameter in self.o["holes"]:
            reach = diameter / 2 + self.o["drill"] / 2 + self.o["hole_to_hole"]
            dy, dx = disc(reach)
            cy, cx = round((y - self.y0) / GRID), round((x - self.x0) / GRID)
            yy, xx = np.clip(cy + dy, 0, self.h - 1), np.clip(cx + dx, 0, self.w - 1)
            self.hard_via[yy, xx] = BLOCKED

    def point(self, y: int, x: int) -> list[float]:
        return [round(float(self.x0) + x * GRID, 2), round(float(self.y0) + y * GRID, 2)]

    # --- nets ---------------------------------------------------------------

    def nodes(self, outline: Any, layers: str, centre: Any = None) -> np.ndarray:
        """Nodes of a piece of copper; at least the one nearest to its centre."""
        cells = np.flatnonzero(self.mask([outline]))
        if len(cells) == 0:
            x, y = centre
            cells = np.array([round((y - self.y0) / GRID) * self.w + round((x - self.x0) / GRID)])
        picked = [k for k, name in enumerate(self.layers) if name in layers]
        return np.concatenate([cells + k * self.n for k in picked] or [cells[:0]])

    def node_of(self, layer: str, point: Any) -> int:
        x, y = point
        cell = round((y - self.y0) / GRID) * self.w + round((x - self.x0) / GRID)
        return self.layers.index(layer) * self.n + cell

    def make_nets(self) -> list[Net]:
        """Nets with more than one piece; what hand copper joins is one piece already."""
        pads: dict[str, list[Any]] = {}
        for pad in self.o["pads"]:
            pads.setdefault(pad["net"], []).append(pad)
        nets = []
        for name in sorted(pads):
            wide = name in self.rules.WIDE_NETS
            net = Net(name, self.number[name], self.o["widths"][1 if wide else 0])
            pieces = [self.nodes(p["outline"], p["layers"], p["centre"]) for p in pads[name]]
            zones = [z for z in self.o["zones"] if z["net"] == name]
            if zones:
                pieces.append(np.concatenate([self.nodes(z["outline"], z["layer"]) for z in zones]))
            joints = [
                np.array([self.node_of(t["layer"], e) for e in t["ends"]])
                for t in self.o["tracks"]
                if t["net"] == name and t["layer"] in self.layers
            ]
            if name in self.rules.PLANES:
                held = np.concatenate([*pieces[len(pads[name]) :], np.zeros(0, np.int64)])
                drilled = {(p["ref"], p["pin"]) for p in pads[name] if p["through"]}
                net.terminals = [
                    piece
                    for pad, piece in zip(pads[name], pieces, strict=False)
                    if (pad["ref"], pad["pin"]) not in drilled
                    and pad["ref"] not in self.rules.NO_PLANE_VIA
                    and not np.isin(piece, held).any()
                ]
            else:
                net.terminals = self.merge(pieces + joints, len(pieces))
            nets.append(net)
        return nets

    @staticmethod
    def merge(pieces: list[np.ndarray], keep: int) -> list[np.ndarray]:
        """Pieces that share a node become one; `pieces[keep:]` are tracks, which only join."""
        groups: list[tuple[set[int], bool]] = []
        for k, piece in enumerate(pieces):
            mine, real = set(piece.tolist()), k < keep
            rest = []
            for other, other_real in groups:
                if mine & other:
                    mine |= other
                    real = real or other_real
                else:
                    rest.append((other, other_real))
            groups = [*rest, (mine, real)]
        return [np.array(sorted(g), np.int64) for g, real in groups if real and g]
