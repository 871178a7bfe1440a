"""Build a board with KiCad's `pcbnew`: footprints, outline, hand-drawn copper, routes, fills.

Runs under the Python that KiCad was built for (/usr/bin/python3 on Debian), one board a process:
loading two confuses the bindings. Needs the netlist exported from the schematic, so that every
footprint carries the path of its symbol and parity can be checked.
"""

import json
import math
from pathlib import Path
from typing import Any

import pcbnew

from . import mechanical
from .sexpr import find, find_all, parse

PCB = Path(__file__).resolve().parent.parent
STOCK = Path("/usr/share/kicad/footprints")
ORIGIN = (50.0, 50.0)  # where the board's own zero lies on KiCad's page, mm
SEED = 42  # of KiCad's identifiers: two builds give the same bytes
LAYERS = {"F": pcbnew.F_Cu, "1": pcbnew.In1_Cu, "2": pcbnew.In2_Cu, "B": pcbnew.B_Cu}


def mm(v: float) -> int:
    return round(v * 1_000_000)


def at(x: float, y: float) -> pcbnew.VECTOR2I:
    return pcbnew.VECTOR2I(mm(ORIGIN[0] + x), mm(ORIGIN[1] + y))


def off(point: pcbnew.VECTOR2I) -> tuple[float, float]:
    return round(point.x / 1e6 - ORIGIN[0], 4), round(point.y / 1e6 - ORIGIN[1], 4)


class Components:
    """What KiCad's exported netlist says about parts and nets."""

    def __init__(self, export: Path) -> None:
        tree = parse(export.read_text(encoding="utf-8"))
        self.parts = {str(find(c, "ref")[1]): c for c in find_all(find(tree, "components"), "comp")}
        self.nets: list[str] = []
        self.pins: dict[tuple[str, str], str] = {}
        for net in find_all(find(tree, "nets"), "net"):
            name = str(find(net, "name")[1])
            self.nets.append(name)
            for node in find_all(net, "node"):
                self.pins[str(find(node, "ref")[1]), str(find(node, "pin")[1])] = name


def load_footprint(name: str) -> pcbnew.FOOTPRINT:
    library, footprint = name.split(":")
    folder = PCB / "lib" / "racklet.pretty" if library == "racklet" else STOCK / f"{library}.pretty"
    found = pcbnew.FootprintLoad(str(folder), footprint)
    if found is None:
        raise LookupError(f"no footprint {name}: check pcb/parts.csv against {folder}")
    found.SetFPIDAsString(name)
    return found


def new_board(layers: int, thickness: float) -> pcbnew.BOARD:
    pcbnew.KIID.SeedGenerator(SEED)
    board = pcbnew.CreateEmptyBoard()
    board.SetCopperLayerCount(layers)
    board.GetDesignSettings().SetBoardThickness(mm(thickness))
    return board


def add_nets(board: pcbnew.BOARD, c: Components) -> dict[str, pcbnew.NETINFO_ITEM]:
    items = {}
    for name in c.nets:
        items[name] = pcbnew.NETINFO_ITEM(board, name)
        board.Add(items[name])
    return items


def add_parts(
    board: pcbnew.BOARD, c: Components, places: dict[str, Any], nets: dict[str, Any]
) -> None:
    """Footprints at their places: ref -> [x, y, rotation] or [x, y, rotation, "B"]."""
    missing = sorted(set(c.parts) - set(places))
    if missing:
        raise LookupError(f"no place for {', '.join(missing)}")
    for ref, part in c.parts.items():
        f = load_footprint(str(find(part, "footprint")[1]))
        f.SetReference(ref)
        f.SetValue(str(find(part, "value")[1]))
        sheet = str(find(find(part, "sheetpath"), "tstamps")[1])
        f.SetPath(pcbnew.KIID_PATH(sheet + str(find(part, "tstamps")[1])))
        for field in find_all(find(part, "fields") or [], "field"):
            name = str(find(field, "name")[1])
            if name not in ("Footprint", "Datasheet", "Description"):
                f.SetField(name, field[-1] if isinstance(field[-1], str) else "")
                f.GetFieldByName(name).SetVisible(False)
        for pad in f.Pads():
            if (ref, pad.GetNumber()) in c.pins:
                pad.SetNet(nets[c.pins[ref, pad.GetNumber()]])
            # Large pads carry current or heat: no thermal relief.
            if pad.GetDrillSize().x == 0 and pad.GetSize().x * pad.GetSize().y > mm(1) * mm(1):
                pad.SetLocalZoneConnection(pcbnew.ZONE_CONNECTION_FULL)
        f.Value().SetVisible(False)
        board.Add(f)  # before Flip, which needs the board
        place = places[ref]
        f.SetPosition(at(place[0], place[1]))
        if len(place) > 3:
            f.Flip(f.GetPosition(), pcbnew.FLIP_DIRECTION_LEFT_RIGHT)
        f.SetOrientationDegrees(place[2])


def add_outline(board: pcbnew.BOARD, m: Any) -> None:
    """Edge from the mechanical figures; corners of the rectangle rounded."""
    r = m.CORNER_RADIUS
    corners = {(0.0, 0.0), (m.WIDTH, 0.0), (m.WIDTH, m.HEIGHT), (0.0, m.HEIGHT)}
    points = [tuple(p) for p in mechanical.outline(m)]

    def shape(kind: Any) -> pcbnew.PCB_SHAPE:
        s = pcbnew.PCB_SHAPE(board)
        s.SetShape(kind)
        s.SetLayer(pcbnew.Edge_Cuts)
        s.SetWidth(mm(0.1))
        board.Add(s)
        return s

    def toward(a: Any, b: Any) -> tuple[float, float]:
        length = math.dist(a, b)
        return a[0] + (b[0] - a[0]) * r / length, a[1] + (b[1] - a[1]) * r / length

    n = len(points)
    for k, point in enumerate(points):
        before, after = points[k - 1], points[(k + 1) % n]
        start = toward(point, after) if point in corners else point
        end = toward(after, point) if after in corners else after
        line = shape(pcbnew.SHAPE_T_SEGMENT)
        line.SetStart(at(*start))
        line.SetEnd(at(*end))
        if point in corners:
            a, b = toward(point, before), start
            centre = (a[0] + b[0] - point[0], a[1] + b[1] - point[1])
            middle = tuple(c + (p - c) / math.sqrt(2) for c, p in zip(centre, point, strict=True))
            arc = shape(pcbnew.SHAPE_T_ARC)
            arc.SetArcGeometry(at(*a), at(*middle), at(*b))


def add_zone(board: pcbnew.BOARD, zone: dict[str, Any]) -> None:
    """`net`, `layers` (letters of LAYERS), `outline`; optional priority, clearance, solid, and
    `keepout` for an area without copper pours."""
    for layer in zone["layers"]:
        z = pcbnew.ZONE(board)
        z.SetLayer(LAYERS[layer])
        z.Outline().NewOutline()
        for x, y in zone["outline"]:
            z.Outline().Append(mm(ORIGIN[0] + x), mm(ORIGIN[1] + y))
        if zone.get("keepout"):
            z.SetIsRuleArea(True)
            z.SetDoNotAllowCopperPour(True)
            z.SetDoNotAllowTracks(zone.get("tracks") is False)
            z.SetDoNotAllowVias(zone.get("tracks") is False)
            z.SetDoNotAllowPads(False)
            z.SetDoNotAllowFootprints(False)
        else:
            z.SetNet(board.FindNet(zone["net"]))
            z.SetAssignedPriority(zone.get("priority", 0))
            z.SetLocalClearance(mm(zone.get("clearance", 0.2)))
            z.SetMinThickness(mm(0.2))
            z.SetThermalReliefGap(mm(0.2))
            z.SetThermalReliefSpokeWidth(mm(0.35))
            full = pcbnew.ZONE_CONNECTION_FULL
            z.SetPadConnection(full if zone.get("solid") else pcbnew.ZONE_CONNECTION_THERMAL)
            z.SetIslandRemovalMode(pcbnew.ISLAND_REMOVAL_MODE_ALWAYS)
        board.Add(z)


def add_track(board: pcbnew.BOARD, net: str, layer: str, width: float, points: list[Any]) -> None:
    for a, b in zip(points, points[1:], strict=False):
        t = pcbnew.PCB_TRACK(board)
        t.SetStart(at(*a))
        t.SetEnd(at(*b))
        t.SetWidth(mm(width))
        t.SetLayer(LAYERS[layer])
        t.SetNet(board.FindNet(net))
        board.Add(t)


def add_via(board: pcbnew.BOARD, net: str, point: Any, size: float, drill: float) -> None:
    v = pcbnew.PCB_VIA(board)
    v.SetPosition(at(*point))
    v.SetWidth(mm(size))
    v.SetDrill(mm(drill))
    v.SetNet(board.FindNet(net))
    board.Add(v)


def add_text(board: pcbnew.BOARD, text: str, layer: str, point: Any, size: float) -> None:
    t = pcbnew.PCB_TEXT(board)
    t.SetText(text)
    t.SetLayer({"F": pcbnew.F_SilkS, "B": pcbnew.B_SilkS}[layer])
    t.SetMirrored(layer == "B")
    t.SetTextSize(pcbnew.VECTOR2I(mm(size), mm(size)))
    t.SetTextThickness(mm(size * 0.15))
    t.SetPosition(at(*point))
    board.Add(t)


def save(board: pcbnew.BOARD, path: Path) -> None:
    """Save without fills: the filler needs the project's rules, which only loading reads."""
    board.SetFileName(str(path))
    pcbnew.SaveBoard(str(path), board)


def geometry(c: Components) -> dict[str, Any]:
    """Per part: courtyard box and pads in the footprint's own frame, mm, rotation 0."""
    out = {}
    for ref, part in c.parts.items():
        f = load_footprint(str(find(part, "footprint")[1]))
        box = f.GetCourtyard(pcbnew.F_CrtYd).BBox()
        pads = [
            [p.GetNumber(), p.GetPosition().x / 1e6, p.GetPosition().y / 1e6]
            for p in f.Pads()
            if p.GetNumber()
        ]
        edges = (box.GetLeft(), box.GetTop(), box.GetRight(), box.GetBottom())
        out[ref] = {"box": [v / 1e6 for v in edges], "pads": pads}
    return out


def write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")
