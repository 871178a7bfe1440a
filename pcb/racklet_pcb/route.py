"""Route the digital rest of a board: negotiated congestion (PathFinder) on a 0.1 mm grid.

usage: python -m racklet_pcb.route BOARD OBSTACLES OUTPUT    (needs numpy and numba)

Power copper, sense tracks and planes are drawn by hand (the board's copper.py) and are obstacles
here, or places where a net may be joined. Each net is routed over what the others occupy at a
price that rises until nobody overlaps. Deterministic: same input, same bytes.
"""

import hashlib
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from . import raster
from .adopt import adopt
from .route_grid import Board, Net, disc

PCB = Path(__file__).resolve().parent.parent
VIA_COST = 14.0
ROUNDS = 80
PATIENCE = 3  # rounds without progress before the neighbours are cleared
REACH = 25  # cells around a conflict whose nets are cleared


class Router(Board):
    """The board while its nets are routed. `o` is what racklet_pcb.obstacles wrote."""

    def __init__(self, o: dict[str, Any], rules: Any) -> None:
        super().__init__(o, rules)
        shape = (len(self.layers), self.h, self.w)
        self.occ = {k: np.zeros(shape, np.int32) for k in self.hard}
        self.occ_via = np.zeros(shape[1:], np.int32)
        self.own_via = np.zeros(shape[1:], np.int32)
        self.history = np.zeros(shape, np.float32)
        self.weight = np.array([rules.LAYER_COST[k] for k in self.layers], np.float32)
        self.discs()
        total = len(self.layers) * self.n
        self.dist = np.zeros(total, np.float32)
        self.prev = np.zeros(total, np.int64)
        self.seen = np.zeros(total, np.int32)
        self.target = np.zeros(total, np.bool_)
        self.heap = (np.zeros(raster.HEAP, np.float32), np.zeros(raster.HEAP, np.int64))
        self.tag = 0

    def discs(self) -> None:
        c, via = self.o["clearance"], self.o["via"]
        widths = self.o["widths"]
        # Two parallel diagonals lie nearer than their cells: a little more for odd distances.
        spare = {w: 0.0 if w == widths[0] else 0.006 for w in widths}
        self.track_disc = {
            (a, b): disc(a / 2 + c + b / 2 + max(spare[a], spare[b]))
            for a in widths
            for b in widths
        }
        self.track_via_disc = {a: disc(a / 2 + c + via / 2) for a in widths}
        self.via_disc = disc(max(via + c, self.o["drill"] + self.o["hole_to_hole"]))
        self.own_via_disc = disc(self.o["drill"] + self.o["hole_to_hole"])

    def apply(self, net: Net, by: int) -> None:
        """Occupy (1) or free (-1) what the net's copper keeps others away from."""
        for width, occ in ((w, self.occ[str(w)]) for w in self.o["widths"]):
            dy, dx = self.track_disc[net.width, width]
            for layer, y, x in net.cells():
                raster.stamp(occ[layer], y, x, dy, dx, by)
            dy, dx = self.track_via_disc[width]
            for y, x in net.vias:
                for layer in range(len(self.layers)):
                    raster.stamp(occ[layer], y, x, dy, dx, by)
        dy, dx = self.track_via_disc[net.width]
        for _, y, x in net.cells():
            raster.stamp(self.occ_via, y, x, dy, dx, by)
        for y, x in net.vias:
            raster.stamp(self.occ_via, y, x, *self.via_disc, by)

    def find(self, net: Net, starts: np.ndarray, goal: np.ndarray | None, pressure: float) -> int:
        self.tag += 1
        box = np.zeros(4, np.int64)
        if goal is not None:
            self.target[goal] = True
            ys, xs = (goal % self.n) // self.w, goal % self.w
            box[:] = xs.min(), xs.max(), ys.min(), ys.max()
        key = str(net.width)
        end = raster.search(
            starts, self.target, goal is None, net.number, self.hard[key], self.hard_via,
            self.occ[key], self.occ_via, self.own_via, self.history, self.weight,
            pressure, VIA_COST, self.dist, self.prev, self.seen, self.tag, *self.heap, box,
        )  # fmt: skip
        if goal is not None:
            self.target[goal] = False
        if end == -2:
            raise RuntimeError(f"{net.name}: the search outgrew its heap; raise raster.HEAP")
        return int(end)

    def trace(self, net: Net, end: int) -> list[int]:
        """Record the way that ends at node `end`; the nodes it went through."""
        path = []
        node = end
        while node >= 0:
            path.append(node)
            node = int(self.prev[node])
        path.reverse()
        run: list[tuple[int, int, int]] = []
        for node in path:
            cell = (node // self.n, (node % self.n) // self.w, node % self.w)
            if run and cell[0] != run[-1][0]:
                self.add_via(net, cell[1], cell[2])
                net.runs.append(run)
                run = []
            run.append(cell)
        net.runs.append(run)
        return path

    def add_via(self, net: Net, y: int, x: int) -> None:
        if (y, x) not in net.vias:
            net.vias.append((y, x))
            raster.stamp(self.own_via, y, x, *self.own_via_disc, 1)

    def route(self, net: Net, pressure: float) -> None:
        net.runs, net.vias, net.failed = [], [], []
        self.own_via[:] = 0
        if net.name in self.rules.PLANES:
            for k, piece in enumerate(net.terminals):
                end = self.find(net, piece, None, pressure)
                if end < 0:
                    net.failed.append(k)
                else:
                    self.trace(net, end)
                    self.add_via(net, (end % self.n) // self.w, end % self.w)
            return
        waiting = sorted(net.terminals, key=lambda t: (-len(t), int(t[0])))
        tree = waiting.pop(0)
        while waiting:
            ty, tx = (tree % self.n) // self.w, tree % self.w

            def away(piece: np.ndarray, ty: Any = ty, tx: Any = tx) -> tuple[int, int]:
                y, x = (piece[0] % self.n) // self.w, piece[0] % self.w
                return int((np.abs(ty - y) + np.abs(tx - x)).min()), int(piece[0])

            waiting.sort(key=away)
            piece = waiting.pop(0)
            end = self.find(net, tree, piece, pressure)
            if end < 0:
                net.failed.append(int(piece[0]))
                continue
            path = np.array(self.trace(net, end), np.int64)
            via_cells = np.array([y * self.w + x for y, x in net.vias], np.int64)
            spread = [via_cells + k * self.n for k in range(len(self.layers))]
            tree = np.unique(np.concatenate([tree, path, piece, *spread]))

    def conflicts(self, net: Net) -> list[tuple[int, int, int]]:
        """Cells of the net that are too near to another's (call with the net itself freed)."""
        occ = self.occ[str(net.width)]
        bad = [c for c in net.cells() if occ[c] > 0]
        for y, x in net.vias:
            if self.occ_via[y, x] > 0:
                bad += [(layer, y, x) for layer in range(len(self.layers))]
        return bad

    def run(self) -> tuple[int, int]:
        """Route all nets; returns the numbers of nets still in conflict and of failed joins."""
        nets = [
            n for n in self.nets if len(n.terminals) > (0 if n.name in self.rules.PLANES else 1)
        ]

        def span(n: Net) -> tuple[bool, int, str]:
            cells = np.concatenate(n.terminals) % self.n
            y, x = cells // self.w, cells % self.w
            return (n.name in self.rules.PLANES, int(np.ptp(y) + np.ptp(x)), n.name)

        nets.sort(key=span)
        started, pressure, todo = time.time(), 0.4, [n for n in nets if not n.runs]
        if len(todo) < len(nets):
            pressure = 6.0  # what stands is worth keeping
        fewest, stuck = len(nets), 0
        for turn in range(ROUNDS):
            for net in todo:
                self.apply(net, -1)
                self.route(net, pressure)
                self.apply(net, 1)
            bad, places = [], []
            for net in nets:
                self.apply(net, -1)
                cells = self.conflicts(net)
                self.apply(net, 1)
                if cells:
                    bad.append(net)
                    places += cells
                    for cell in cells:
                        self.history[cell] += 1.5
            failed = sum(len(n.failed) for n in nets)
            names = " ".join(n.name for n in bad[:6])
            print(f"round {turn}: {len(bad)} in conflict, {failed} failed, "
                  f"{time.time() - started:.0f} s  {names}", flush=True)  # fmt: skip
            if turn == 0:
                self.report_failed(nets)
            if not bad:
                break
            stuck = 0 if len(bad) < fewest else stuck + 1
            fewest = min(fewest, len(bad))
            todo = bad if turn % 4 != 3 else nets
            pressure = min(pressure * 1.4, 60.0)
            if stuck >= PATIENCE:
                todo, stuck = self.clear_around(bad, places, nets), 0
        for net in nets if not bad else []:
            layer = self.rules.PLANES.get(net.name)
            if layer and layer in self.layers:
                failed += self.join_islands(net)
        return len(bad), failed

    def join_islands(self, net: Net) -> int:
        """Signals may have cut a plane that shares their layer: join its parts by tracks.
        Returns how many parts found no way."""
        layer = self.layers.index(self.rules.PLANES[net.name])
        self.apply(net, -1)
        key = str(self.o["widths"][0])
        hard = self.hard[key][layer]
        free = (self.occ[key][layer] <= 0) & ((hard == 0) | (hard == net.number))
        area = raster.label(free)
        spots = [(y, x) for y, x in net.vias]
        for item in self.o["vias"]:
            if item["net"] == net.name:
                node = self.node_of(self.layers[layer], item["at"]) % self.n
                spots.append((node // self.w, node % self.w))
        parts: dict[int, list[int]] = {}
        for y, x in spots:
            cell = y * self.w + x
            nodes = [cell + k * self.n for k in range(len(self.layers))]
            parts.setdefault(int(area[y, x]), []).extend(nodes)
        pieces = sorted((np.array(p, np.int64) for p in parts.values()), key=lambda p: -len(p))
        lost = 0
        for piece in pieces[1:]:
            end = self.find(net, piece, pieces[0], 1000.0)
            if end < 0:
                lost += 1
                continue
            self.trace(net, end)
        worst = len(self.conflicts(net))
        self.apply(net, 1)
        print(f"{net.name}: {len(pieces)} parts of the plane, {lost} not joined, {worst} conflicts")
        return lost + worst

    def clear_around(self, bad: list[Net], places: list[Any], nets: list[Net]) -> list[Net]:
        """Take the neighbours of what is stuck off the board; the stuck ones choose first."""
        spots = np.array(sorted({(y, x) for _, y, x in places}))
        low, high = spots.min(0) - REACH, spots.max(0) + REACH

        def touches(net: Net) -> bool:
            cells = np.array([c[1:] for c in net.cells()] or [(-1, -1)])
            cells = cells[((cells >= low) & (cells <= high)).all(1)][::3]
            return bool(len(cells)) and bool(
                (np.abs(cells[:, None] - spots[None]).max(2) <= REACH).any()
            )

        near = [n for n in nets if n not in bad and touches(n)]
        for net in near:
            self.apply(net, -1)
            net.runs, net.vias = [], []
        return bad + near

    def report_failed(self, nets: list[Net]) -> None:
        """Joins that find no way even over other nets: something drawn by hand is in it."""
        for net in nets:
            for node in net.failed:
                cell = node if net.name not in self.rules.PLANES else int(net.terminals[node][0])
                at = self.point((cell % self.n) // self.w, cell % self.w)
                print(f"  {net.name}: no way to {at} on {self.layers[cell // self.n]}", flush=True)

    # --- result -------------------------------------------------------------

    def result(self) -> dict[str, Any]:
        tracks, vias = [], []
        for net in self.nets:
            for run in net.runs:
                corners = [run[0]]
                for before, here, after in zip(run, run[1:], run[2:], strict=False):
                    a = (here[1] - before[1], here[2] - before[2])
                    b = (after[1] - here[1], after[2] - here[2])
                    if a != b:
                        corners.append(here)
                corners.append(run[-1])
                if len(run) > 1:
                    points = [self.point(y, x) for _, y, x in corners]
                    tracks.append([net.name, self.layers[run[0][0]], net.width, points])
            vias += [[net.name, self.point(y, x)] for y, x in net.vias]
        return {"tracks": tracks, "vias": vias}


def main(argv: list[str]) -> int:
    name, obstacles_path, output = argv
    sys.path.insert(0, str(PCB))
    text = Path(obstacles_path).read_text()
    rules = importlib.import_module(f"{name}.routing")
    router = Router(json.loads(text), rules)
    if Path(output).exists():
        kept = adopt(router, json.loads(Path(output).read_text()))
        print(f"{kept} of {len(router.nets)} nets keep their earlier routes", flush=True)
    bad, failed = router.run()
    result = router.result()
    print(f"{len(result['tracks'])} tracks, {len(result['vias'])} vias")
    told = text + (PCB / name / "routing.py").read_text()
    mark = hashlib.sha256(told.encode()).hexdigest()
    rows = [f'"fingerprint": {json.dumps(mark)}']
    for key in ("tracks", "vias"):
        inner = ",\n".join(json.dumps(row, separators=(",", ":")) for row in result[key])
        rows.append(f'"{key}": [\n{inner}\n]')
    Path(output).write_text("{\n" + ",\n".join(rows) + "\n}\n")
    return 1 if bad or failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
