"""Write a board's `.kicad_pcb` and what the router needs to know.

usage: /usr/bin/python3 -m racklet_pcb.build_board BOARD NETLIST PCB_FILE [--routes ROUTES]
       /usr/bin/python3 -m racklet_pcb.build_board BOARD NETLIST PCB_FILE --obstacles OUTPUT
       /usr/bin/python3 -m racklet_pcb.build_board BOARD NETLIST - --geometry OUTPUT
       /usr/bin/python3 -m racklet_pcb.build_board --fill PCB_FILE COMMITTED
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from . import fills, silk
from . import kicad_board as k
from .obstacles import obstacles


def build(name: str, export: Path, routes: dict[str, Any] | None) -> Any:
    """The board with hand copper, and the router's tracks and vias when given."""
    m = importlib.import_module(f"{name}.mechanics")
    copper = importlib.import_module(f"{name}.copper")
    rules = importlib.import_module(f"{name}.rules").RULES
    places = json.loads((k.PCB / name / "placement.json").read_text())
    c = k.Components(export)
    board = k.new_board(copper.LAYERS, m.THICKNESS)
    nets = k.add_nets(board, c)
    k.add_parts(board, c, places, nets)
    k.add_outline(board, m)
    default = rules["classes"]["Default"]
    for text, layer, point, size in copper.TEXTS:
        k.add_text(board, text, layer, point, size)
    hidden = silk.write(board, copper.LABELS)
    if hidden:
        print(f"{name}: no room on the print for {', '.join(hidden)}")
    for zone in copper.ZONES:
        k.add_zone(board, zone)
    for net, layer, width, points in copper.TRACKS:
        k.add_track(board, net, layer, width, points)
    for net, points in copper.VIAS:
        for point in points:
            k.add_via(board, net, point, default["via"], default["drill"])
    if routes:
        for net, layer, width, points in routes["tracks"]:
            k.add_track(board, net, layer, width, points)
        for net, point in routes["vias"]:
            k.add_via(board, net, point, default["via"], default["drill"])
    return board


def main(argv: list[str]) -> int:
    sys.path.insert(0, str(k.PCB))
    if argv[0] == "--fill":
        fills.fill(Path(argv[1]), Path(argv[2]))
        return 0
    name, export, target = argv[0], Path(argv[1]), argv[2]
    mode, path = (argv[3], Path(argv[4])) if len(argv) > 4 else ("", Path())
    if mode == "--geometry":
        k.write_json(path, k.geometry(k.Components(export)))
        return 0
    routes = json.loads(path.read_text()) if mode == "--routes" else None
    board = build(name, export, routes)
    if mode == "--obstacles":
        rules = importlib.import_module(f"{name}.rules").RULES
        routing = importlib.import_module(f"{name}.routing")
        k.write_json(path, obstacles(board, rules, routing))
    else:
        k.save(board, Path(target))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
