"""Measure the copper that carries current: necks, cuts and vias, on the filled board itself.

usage: /usr/bin/python3 -m racklet_pcb.necks BOARD PCB_FILE OUTPUT     JSON, one board a process

A path is what joins two parts on one layer; its neck is the largest width that still joins them
when all copper is eaten away by half of it from every edge. A cut is a line that all current
crosses, on several layers at once. What is needed is IPC-2221: I = k dT^0.44 A^0.725 with A in
square mils, k = 0.048 outside and 0.024 inside, at 30 K.
"""

import importlib
import json
import math
import sys
from pathlib import Path
from typing import Any

import pcbnew

from .kicad_board import LAYERS, PCB, at

RISE = 30.0  # K
INSIDE = 0.5 ** (1 / 0.725)  # what copper on an inner layer is worth against an outer one
PLATING = 0.020  # mm of copper in a hole, IPC-6012 class 2
SQUARE_MIL = 0.0254**2  # mm2

Box = tuple[float, float, float, float]
Point = tuple[float, float]


def area_for(amps: float, k: float = 0.048) -> float:
    """Copper cross-section in mm2 that `amps` heat by RISE."""
    return float((amps / (k * RISE**0.44)) ** (1 / 0.725) * SQUARE_MIL)


def via_amps(drill: float) -> float:
    barrel = math.pi * (drill + PLATING) * PLATING
    return float(0.024 * RISE**0.44 * (barrel / SQUARE_MIL) ** 0.725)


class Copper:
    """A filled board. Coordinates in mm, origin as in mechanics."""

    def __init__(self, path: Path) -> None:
        self.board = pcbnew.LoadBoard(str(path))

    def shape(self, net: str, layer: str) -> Any:
        """All copper of a net on a layer."""
        number, found = LAYERS[layer], pcbnew.SHAPE_POLY_SET()
        for zone in self.board.Zones():
            if zone.GetNetname() == net and zone.IsOnLayer(number):
                found.Append(zone.GetFilledPolysList(number))
        items = [*self.board.GetPads(), *self.board.GetTracks()]
        for item in (i for i in items if i.GetNetname() == net and i.IsOnLayer(number)):
            item.TransformShapeToPolygon(found, number, 0, 2000, pcbnew.ERROR_INSIDE)
        found.Simplify()
        return found

    def terminal(self, where: str | Box, net: str, layer: str) -> Box:
        """The box around a part's pads of that net, or the given box, in nm."""
        if isinstance(where, str):
            pads = [
                p.GetBoundingBox()
                for p in self.board.FindFootprintByReference(where).Pads()
                if p.GetNetname() == net and p.IsOnLayer(LAYERS[layer])
            ]
            return (
                min(b.GetLeft() for b in pads),
                min(b.GetTop() for b in pads),
                max(b.GetRight() for b in pads),
                max(b.GetBottom() for b in pads),
            )
        a, b = at(*where[:2]), at(*where[2:])
        return a.x, a.y, b.x, b.y

    def neck(self, net: str, layer: str, start: str | Box, end: str | Box) -> float:
        """Width in mm of the narrowest place between two terminals; 0 when nothing joins them."""
        whole = self.shape(net, layer)
        ends = []
        for x0, y0, x1, y1 in (self.terminal(t, net, layer) for t in (start, end)):
            box = pcbnew.SHAPE_POLY_SET()
            box.NewOutline()
            for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)):
                box.Append(round(x), round(y))
            ends.append(box)
        low, high = 0.0, 40.0
        while high - low > 0.01:
            middle = (low + high) / 2
            low, high = (middle, high) if joined(whole, middle, ends) else (low, middle)
        return low

    def crossed(self, net: str, layer: str, a: Point, b: Point) -> float:
        """Length in mm of the line from `a` to `b` (along an axis) that lies on copper."""
        strip = pcbnew.SHAPE_POLY_SET()
        strip.NewOutline()
        half = 0.005
        dx, dy = (half, 0.0) if a[0] == b[0] else (0.0, half)
        for x, y in ((a[0] - dx, a[1] - dy), (b[0] - dx, b[1] - dy), (b[0] + dx, b[1] + dy),
                     (a[0] + dx, a[1] + dy)):  # fmt: skip
            p = at(x, y)
            strip.Append(p.x, p.y)
        strip.BooleanIntersection(self.shape(net, layer))
        return float(strip.Area() / 1e12 / (2 * half))

    def vias(self, net: str, box: Box) -> tuple[int, float]:
        """How many vias of a net lie in a box, and their drill in mm."""
        a, b = at(*box[:2]), at(*box[2:])
        drills = [
            t.GetDrillValue() / 1e6
            for t in self.board.GetTracks()
            if t.Type() == pcbnew.PCB_VIA_T
            and t.GetNetname() == net
            and a.x <= t.GetPosition().x <= b.x
            and a.y <= t.GetPosition().y <= b.y
        ]
        return len(drills), min(drills, default=0.0)


def joined(whole: Any, width: float, ends: list[Any]) -> bool:
    """Whether a disc of `width` mm moves within the copper from one end to the other."""
    left = pcbnew.SHAPE_POLY_SET(whole)
    left.Inflate(-round(width * 5e5), pcbnew.CORNER_STRATEGY_ROUND_ALL_CORNERS, 2000)
    for k in range(left.OutlineCount()):
        track = pcbnew.SHAPE_POLY_SET(left.Outline(k))
        for hole in range(left.HoleCount(k)):
            track.AddHole(left.Hole(k, hole))
        track.Inflate(round(width * 5e5) + 10_000, pcbnew.CORNER_STRATEGY_ROUND_ALL_CORNERS, 2000)
        if all(_meets(track, end) for end in ends):
            return True
    return False


def _meets(a: Any, b: Any) -> bool:
    both = pcbnew.SHAPE_POLY_SET(a)
    both.BooleanIntersection(b)
    return bool(both.OutlineCount())


def rows(name: str, path: Path) -> list[tuple[str, float, float, str]]:
    """What, found, needed, unit."""
    source = importlib.import_module(f"{name}.copper")
    board, found = Copper(path), []
    for net, layer, start, end, amps in source.PATHS:
        ends = " to ".join(t if isinstance(t, str) else "vias" for t in (start, end))
        need = area_for(amps) / source.COPPER_MM[layer]
        what = f"{net}, {ends}, layer {layer}, {amps:g} A"
        found.append((what, board.neck(net, layer, start, end), need, "mm"))
    for net, layers, a, b, amps in source.CUTS:
        worth = {k: source.COPPER_MM[k] * (1.0 if k in "FB" else INSIDE) for k in layers}
        area = sum(board.crossed(net, k, a, b) * worth[k] for k in layers)
        what = f"{net}, all necks at {a} to {b}, layers {layers}, {amps:g} A"
        found.append((what, area, area_for(amps), "mm2"))
    for net, box, amps in source.VIA_FIELDS:
        count, drill = board.vias(net, box)
        what = f"{net}, {count} vias of {drill:g} mm, {amps:g} A"
        found.append((what, count * via_amps(drill) if count else 0.0, amps, "A"))
    return found


def main(argv: list[str]) -> int:
    sys.path.insert(0, str(PCB))
    name, path, output = argv
    Path(output).write_text(json.dumps(rows(name, Path(path))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
