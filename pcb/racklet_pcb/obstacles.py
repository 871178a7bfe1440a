"""What is already on the board, as polygons for the router: runs under KiCad's Python."""

from typing import Any

import pcbnew

from .kicad_board import LAYERS, ORIGIN, mm

VIA_TO_HOLE = 0.27  # mm between drilled walls, a little over the rule
TINY = 0.005  # mm over the clearance, against rounding
NPTH_EXTRA = 0.12  # mm more around unplated holes
ZONE_EXTRA = 0.08  # mm more around zones, whose fill is cut back by their own clearance
ROUND = pcbnew.CORNER_STRATEGY_ROUND_ALL_CORNERS

Outlines = list[list[list[float]]]


def _point(p: pcbnew.VECTOR2I) -> list[float]:
    return [p.x / 1e6 - ORIGIN[0], p.y / 1e6 - ORIGIN[1]]


def _outlines(shape: pcbnew.SHAPE_POLY_SET) -> Outlines:
    result = []
    for i in range(shape.OutlineCount()):
        o = shape.Outline(i)
        result.append([_point(o.CPoint(n)) for n in range(o.PointCount())])
    return result


def _grown(item: Any, layer: int, by: float) -> Outlines:
    shape = pcbnew.SHAPE_POLY_SET()
    item.TransformShapeToPolygon(shape, layer, mm(by), 2000, pcbnew.ERROR_OUTSIDE)
    return _outlines(shape)


def _zone_grown(zone: pcbnew.ZONE, by: float) -> Outlines:
    shape = pcbnew.SHAPE_POLY_SET(zone.Outline())
    shape.Inflate(mm(by), ROUND, 5000)
    return _outlines(shape)


class Collector:
    """`items`: net, layer letter, polygons grown for each kind of thing the router draws;
    `pads`: what must be joined; `zones`, `tracks` and `vias`: copper that joins; `holes`: x, y,
    diameter of everything drilled; `inside`: where copper may be at all."""

    def __init__(self, board: pcbnew.BOARD, rules: dict[str, Any], routing: Any) -> None:
        self.board, self.rules = board, rules
        self.default = rules["classes"]["Default"]
        self.widths = [self.default["track"], routing.WIDE]
        self.half = {f"{w}": w / 2 for w in self.widths} | {"via": self.default["via"] / 2}
        self.items: list[dict[str, Any]] = []
        self.pads: list[dict[str, Any]] = []
        self.zones: list[dict[str, Any]] = []
        self.tracks: list[dict[str, Any]] = []
        self.holes: list[list[float]] = []
        self.vias: list[dict[str, Any]] = []

    def keep_off(self, item: Any, net: str, letter: str, extra: float = 0.0) -> None:
        for kind, half in self.half.items():
            by = half + self.default["clearance"] + TINY + extra
            zone = isinstance(item, pcbnew.ZONE)
            grown = _zone_grown(item, by) if zone else _grown(item, LAYERS[letter], by)
            for outline in grown:
                row = {"net": net, "layer": letter, "kind": kind, "outline": outline}
                self.items.append({**row, "pad": isinstance(item, pcbnew.PAD)})

    def add_pad(self, ref: str, pad: pcbnew.PAD) -> None:
        net = pad.GetNetname()
        npth = pad.GetAttribute() == pcbnew.PAD_ATTRIB_NPTH
        through = pad.GetDrillSize().x > 0
        for letter, layer in LAYERS.items():
            if pad.IsOnLayer(layer) or npth:
                self.keep_off(pad, "" if npth else net, letter, NPTH_EXTRA if npth else 0.0)
        if through:
            size = max(pad.GetDrillSize().x, pad.GetDrillSize().y) / 1e6
            self.holes.append([*_point(pad.GetPosition()), size])
        if net:
            copper = "".join(k for k in LAYERS if pad.IsOnLayer(LAYERS[k]))
            self.pads.append(
                {
                    "ref": ref,
                    "pin": pad.GetNumber(),
                    "net": net,
                    "layers": copper,
                    "through": through,
                    "centre": _point(pad.GetPosition()),
                    "outline": _grown(pad, LAYERS[copper[0]], -0.02)[0],
                }
            )

    def add_track(self, track: Any) -> None:
        net = track.GetNetname()
        if track.Type() == pcbnew.PCB_VIA_T:
            self.holes.append([*_point(track.GetPosition()), track.GetDrillValue() / 1e6])
            self.vias.append({"net": net, "at": _point(track.GetPosition())})
            for letter in LAYERS:
                self.keep_off(track, net, letter)
            return
        letter = next(k for k, v in LAYERS.items() if v == track.GetLayer())
        self.keep_off(track, net, letter)
        ends = [_point(track.GetStart()), _point(track.GetEnd())]
        self.tracks.append({"net": net, "layer": letter, "ends": ends})

    def add_zone(self, zone: pcbnew.ZONE) -> None:
        if zone.GetIsRuleArea() or zone.GetAssignedPriority() == 0:
            return  # planes and pours flow around what is routed
        letter = next(k for k, v in LAYERS.items() if v == zone.GetLayer())
        self.keep_off(zone, zone.GetNetname(), letter, ZONE_EXTRA)
        for outline in _zone_grown(zone, -0.25):
            self.zones.append({"net": zone.GetNetname(), "layer": letter, "outline": outline})

    def inside(self) -> dict[str, Outlines]:
        edge = self.rules["minimum"]["min_copper_edge_clearance"]
        board = pcbnew.SHAPE_POLY_SET()
        self.board.GetBoardPolygonOutlines(board)
        result = {}
        for kind, half in self.half.items():
            shape = pcbnew.SHAPE_POLY_SET(board)
            shape.Inflate(mm(-(edge + half + 0.01)), ROUND, 5000)
            result[kind] = _outlines(shape)
        return result


def obstacles(board: pcbnew.BOARD, rules: dict[str, Any], routing: Any) -> dict[str, Any]:
    """Everything `racklet_pcb.route` reads. `rules` is the board's RULES, `routing` its module."""
    c = Collector(board, rules, routing)
    for f in board.GetFootprints():
        for pad in f.Pads():
            c.add_pad(f.GetReference(), pad)
    for track in board.GetTracks():
        c.add_track(track)
    for zone in board.Zones():
        c.add_zone(zone)
    return {
        "widths": c.widths,
        "clearance": c.default["clearance"],
        "via": c.default["via"],
        "drill": c.default["drill"],
        "hole_to_hole": VIA_TO_HOLE,
        "items": c.items,
        "pads": c.pads,
        "zones": c.zones,
        "tracks": c.tracks,
        "holes": c.holes,
        "vias": c.vias,
        "inside": c.inside(),
    }
