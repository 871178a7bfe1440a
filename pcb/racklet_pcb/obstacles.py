"""What is already on the board, as polygons for the router: runs under KiCad's Python."""

from typing import Any

import pcbnew

from .kicad_board import LAYERS, ORIGIN, mm

VIA_TO_HOLE = 0.27  # mm between drilled walls, a little over the rule


def _outlines(shape: pcbnew.SHAPE_POLY_SET) -> list[list[list[float]]]:
    result = []
    for i in range(shape.OutlineCount()):
        o = shape.Outline(i)
        points = [o.CPoint(n) for n in range(o.PointCount())]
        result.append([[p.x / 1e6 - ORIGIN[0], p.y / 1e6 - ORIGIN[1]] for p in points])
    return result


def _point(p: pcbnew.VECTOR2I) -> list[float]:
    return [p.x / 1e6 - ORIGIN[0], p.y / 1e6 - ORIGIN[1]]


def _inflated(item: Any, layer: int, by: float) -> list[list[list[float]]]:
    shape = pcbnew.SHAPE_POLY_SET()
    item.TransformShapeToPolygon(shape, layer, mm(by), 2000, pcbnew.ERROR_OUTSIDE)
    return _outlines(shape)


def obstacles(board: pcbnew.BOARD, rules: dict[str, Any], routing: Any) -> dict[str, Any]:
    """`items`: net, layer letter, and polygons at copper size and grown for each kind of
    thing the router draws; `pads`: what must be joined; `zones` and `tracks`: copper that joins; `holes`: x, y,
    diameter of everything drilled; `inside`: where copper may be at all."""
    default = rules["classes"]["Default"]
    clearance = default["clearance"]
    edge = rules["minimum"]["min_copper_edge_clearance"]
    widths = [default["track"], routing.WIDE]
    grow = {f"{w}": w / 2 + clearance + 0.005 for w in widths}
    grow["via"] = default["via"] / 2 + clearance + 0.005
    items: list[dict[str, Any]] = []
    pads: list[dict[str, Any]] = []
    holes: list[list[float]] = []
    tracks: list[dict[str, Any]] = []

    def record(item: Any, net: str, layer: str, extra: float = 0.0) -> None:
        for kind, by in grow.items():
            for outline in _inflated(item, LAYERS[layer], by + extra):
                row = {"net": net, "layer": layer, "kind": kind, "outline": outline}
                items.append({**row, "pad": isinstance(item, pcbnew.PAD)})

    for f in board.GetFootprints():
        for pad in f.Pads():
            net = pad.GetNetname()
            npth = pad.GetAttribute() == pcbnew.PAD_ATTRIB_NPTH
            through = pad.GetDrillSize().x > 0
            for letter in LAYERS:
                if pad.IsOnLayer(LAYERS[letter]) or npth:
                    record(pad, "" if npth else net, letter, 0.12 if npth else 0.0)
            if through:
                size = max(pad.GetDrillSize().x, pad.GetDrillSize().y) / 1e6
                holes.append([*_point(pad.GetPosition()), size])
            if net:
                copper = [k for k in LAYERS if pad.IsOnLayer(LAYERS[k])]
                outline = _inflated(pad, LAYERS[copper[0]], -0.02)[0]
                pads.append(
                    {
                        "ref": f.GetReference(),
                        "pin": pad.GetNumber(),
                        "net": net,
                        "layers": "".join(copper),
                        "through": through,
                        "centre": _point(pad.GetPosition()),
                        "outline": outline,
                    }
                )
    for track in board.GetTracks():
        if track.Type() == pcbnew.PCB_VIA_T:
            holes.append([*_point(track.GetPosition()), track.GetDrillValue() / 1e6])
            for letter in LAYERS:
                record(track, track.GetNetname(), letter)
        else:
            letter = next(k for k, v in LAYERS.items() if v == track.GetLayer())
            record(track, track.GetNetname(), letter)
            ends = [_point(track.GetStart()), _point(track.GetEnd())]
            tracks.append({"net": track.GetNetname(), "layer": letter, "ends": ends})
    zones = []
    for zone in board.Zones():
        letter = next(k for k, v in LAYERS.items() if v == zone.GetLayer())
        if zone.GetIsRuleArea() or zone.GetAssignedPriority() == 0:
            continue  # planes and pours flow around what is routed
        net = zone.GetNetname()
        for kind, by in grow.items():
            shape = pcbnew.SHAPE_POLY_SET(zone.Outline())
            shape.Inflate(mm(by + 0.08), pcbnew.CORNER_STRATEGY_ROUND_ALL_CORNERS, 5000)
            for outline in _outlines(shape):
                row = {"net": net, "layer": letter, "kind": kind, "outline": outline}
                items.append({**row, "pad": False})
        shape = pcbnew.SHAPE_POLY_SET(zone.Outline())
        shape.Inflate(mm(-0.25), pcbnew.CORNER_STRATEGY_ROUND_ALL_CORNERS, 5000)
        for outline in _outlines(shape):
            zones.append({"net": net, "layer": letter, "outline": outline})
    outlines = pcbnew.SHAPE_POLY_SET()
    board.GetBoardPolygonOutlines(outlines)
    inside = {}
    for kind in grow:
        half = default["via"] / 2 if kind == "via" else float(kind) / 2
        shape = pcbnew.SHAPE_POLY_SET(outlines)
        shape.Inflate(mm(-(edge + half + 0.01)), pcbnew.CORNER_STRATEGY_ROUND_ALL_CORNERS, 5000)
        inside[kind] = _outlines(shape)
    return {
        "widths": widths,
        "clearance": clearance,
        "via": default["via"],
        "drill": default["drill"],
        "hole_to_hole": VIA_TO_HOLE,
        "items": items,
        "pads": pads,
        "zones": zones,
        "tracks": tracks,
        "holes": holes,
        "inside": inside,
    }
