"""Put the small parts beside the pins they serve. Deterministic and greedy.

usage: python -m racklet_pcb.place BOARD GEOMETRY OUTPUT FINGERPRINT    (needs numpy)

Parts named in the board's HAND table stay, and so does what has a place in OUTPUT that is still
free: an edit moves little. Every other part, in the order of how much of it is already pinned
down, goes to the free spot with the shortest connections; plane nets count little.
"""

import importlib
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

from . import netlist

PCB = Path(__file__).resolve().parent.parent
STEP = 0.1  # mm, grid of occupancy and of places
MARGIN = 0.4  # to the board's edge
GAP = 0.05  # between courtyards
PLANE_WEIGHT = 0.08
NEAR = 12.0  # mm around the pins a part serves
VIA = 0.35  # mm around a hand-drawn via
PLANES = ("GND", "+3V3")


def turned(x: float, y: float, rot: float) -> tuple[float, float]:
    """A footprint point after `rot` degrees counter-clockwise on a screen whose y points down."""
    t = math.radians(rot)
    return x * math.cos(t) + y * math.sin(t), y * math.cos(t) - x * math.sin(t)


def turned_box(box: list[float], rot: float) -> tuple[float, float, float, float]:
    xs, ys = zip(*(turned(x, y, rot) for x in box[::2] for y in box[1::2]), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


class Placer:
    """Occupancy of one board, and where pads already are."""

    def __init__(self, m: Any, rules: Any, geometry: dict[str, Any], n: netlist.Netlist) -> None:
        self.geometry, self.n, self.near, self.halo = geometry, n, rules.NEAR, rules.HALO
        self.shape = (round(m.HEIGHT / STEP), round(m.WIDTH / STEP))
        self.taken = np.zeros(self.shape, bool)
        edge = round(MARGIN / STEP)
        self.taken[:edge] = self.taken[-edge:] = True
        self.taken[:, :edge] = self.taken[:, -edge:] = True
        self.pads: dict[str, list[tuple[float, float]]] = {}
        self.pin_at: dict[tuple[str, str], tuple[float, float]] = {}
        self.places: dict[str, list[Any]] = {}
        for box in rules.RESERVED:
            self.fill(box)

    def fill(self, box: Any) -> None:
        x0, y0, x1, y1 = (round(v / STEP) for v in box)
        self.taken[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = True

    def put(self, ref: str, place: Any) -> None:
        x, y, rot = place[:3]
        back = len(place) > 3
        g = self.geometry[ref]
        if not back:
            b = turned_box(g["box"], rot)
            gap = GAP + self.halo.get(ref, 0.0)
            self.fill((x + b[0] - gap, y + b[1] - gap, x + b[2] + gap, y + b[3] + gap))
        for number, px, py in g["pads"]:
            dx, dy = turned(px, -py if back else py, rot)
            net = self.n.pins.get((ref, number))
            self.pin_at[ref, number] = (x + dx, y + dy)
            if net:
                self.pads.setdefault(net, []).append((x + dx, y + dy))
        self.places[ref] = list(place)

    def fits(self, ref: str, place: Any) -> bool:
        """Whether the courtyard of a part is free there."""
        x, y, rot = place[:3]
        b = turned_box(self.geometry[ref]["box"], rot)
        x0, y0 = math.floor((x + b[0]) / STEP + 1e-6), math.floor((y + b[1]) / STEP + 1e-6)
        x1, y1 = math.ceil((x + b[2]) / STEP - 1e-6), math.ceil((y + b[3]) / STEP - 1e-6)
        return not self.taken[y0:y1, x0:x1].any()

    def targets(self, ref: str) -> list[tuple[str, list[tuple[float, float]], float]]:
        """Per pad: number, where it wants to be, weight."""
        found = []
        for number, _, _ in self.geometry[ref]["pads"]:
            net = self.n.pins.get((ref, number))
            if net is None:
                continue
            if ref in self.near and self.n.pins[self.near[ref]] == net:
                found.append((number, [self.pin_at[self.near[ref]]], 3.0))
            elif self.pads.get(net):
                weight = PLANE_WEIGHT if net in PLANES else 1.0
                found.append((number, self.pads[net], weight))
        return found

    def best(self, ref: str) -> list[Any]:
        """The free place of least cost. Raises LookupError when the board is full."""
        points = [p for _, wanted, weight in self.targets(ref) if weight >= 1 for p in wanted]
        if points and len(points) < 12:  # looking near its pins is enough, and much quicker
            xs, ys = zip(*points, strict=True)
            window = (min(xs) - NEAR, max(xs) + NEAR, min(ys) - NEAR, max(ys) + NEAR)
            found = self.best_in(ref, window)
            if found:
                return found
        found = self.best_in(ref, (-1e3, 1e3, -1e3, 1e3))
        if found is None:
            raise LookupError(f"no room left for {ref}")
        return found

    def best_in(self, ref: str, window: tuple[float, float, float, float]) -> list[Any] | None:
        """The best place whose origin is in `window` (x from, to, y from, to), or None."""
        free = np.zeros((self.shape[0] + 1, self.shape[1] + 1), np.int32)
        free[1:, 1:] = self.taken.cumsum(0).cumsum(1)
        targets = self.targets(ref)
        best: tuple[float, list[Any]] | None = None
        for rot in (0, 90, 180, 270):
            b = turned_box(self.geometry[ref]["box"], rot)
            x0, y0 = math.floor(b[0] / STEP), math.floor(b[1] / STEP)
            x1, y1 = math.ceil(b[2] / STEP), math.ceil(b[3] / STEP)
            h, w = self.shape
            lows, highs = np.array(window[::2]) / STEP, np.array(window[1::2]) / STEP
            cx = np.arange(max(-x0, int(lows[0])), min(w - x1, int(highs[0])))
            cy = np.arange(max(-y0, int(lows[1])), min(h - y1, int(highs[1])))
            if not len(cx) or not len(cy):
                continue
            used = (
                free[np.ix_(cy + y1, cx + x1)]
                - free[np.ix_(cy + y0, cx + x1)]
                - free[np.ix_(cy + y1, cx + x0)]
                + free[np.ix_(cy + y0, cx + x0)]
            )
            cost = np.where(used > 0, np.inf, 0.0)
            for number, wanted, weight in targets:
                px, py = next((p[1], p[2]) for p in self.geometry[ref]["pads"] if p[0] == number)
                dx, dy = turned(px, py, rot)
                gx, gy = cx * STEP + dx, cy * STEP + dy
                near = np.full(cost.shape, np.inf)
                for tx, ty in wanted:
                    near = np.minimum(near, np.abs(gx - tx)[None, :] + np.abs(gy - ty)[:, None])
                cost = cost + weight * near
            k = int(cost.argmin())
            y, x = divmod(k, len(cx))
            if np.isfinite(cost[y, x]) and (best is None or cost[y, x] < best[0] - 1e-9):
                best = (float(cost[y, x]), [round(cx[x] * STEP, 2), round(cy[y] * STEP, 2), rot])
        return best[1] if best else None

    def readiness(self, ref: str) -> tuple[float, ...]:
        """Sort key: served pins first, then parts whose own nets are already on the board."""
        nets = {
            self.n.pins[ref, p[0]] for p in self.geometry[ref]["pads"] if (ref, p[0]) in self.n.pins
        }
        own = nets - set(PLANES)
        ready = sum(1 for net in own if self.pads.get(net)) / (len(own) or 1)
        return (ref.startswith("TP"), ref not in self.near, -ready, -len(own))


def main(argv: list[str]) -> int:
    name, geometry_path, output, fingerprint = argv
    sys.path.insert(0, str(PCB))
    rules = importlib.import_module(f"{name}.placement")
    m = importlib.import_module(f"{name}.mechanics")
    placer = Placer(
        m,
        rules,
        json.loads(Path(geometry_path).read_text()),
        netlist.of_json(PCB / name / "netlist.json"),
    )
    for ref, place in rules.HAND.items():
        placer.put(ref, place)
    for _, points in importlib.import_module(f"{name}.copper").VIAS:
        for x, y in points:
            placer.fill((x - VIA, y - VIA, x + VIA, y + VIA))
    earlier = json.loads(Path(output).read_text()) if Path(output).exists() else {}
    waiting = [r for r in placer.n.parts if r not in rules.HAND]
    for ref in list(waiting):
        if ref in earlier and placer.fits(ref, earlier[ref]):
            placer.put(ref, earlier[ref])
            waiting.remove(ref)
    while waiting:
        waiting.sort(key=lambda r: (placer.readiness(r), r))
        ref = waiting.pop(0)
        placer.put(ref, placer.best(ref))
    lines = ",\n".join(f"  {json.dumps(r)}: {json.dumps(p)}" for r, p in placer.places.items())
    mark = f'  "fingerprint": "{fingerprint}"'
    Path(output).write_text(f"{{\n{mark},\n{lines}\n}}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
