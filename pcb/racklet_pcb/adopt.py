"""Start a routing run from earlier routes, so that a moved part moves only its own tracks."""

from typing import Any

import numpy as np

Cell = tuple[int, int, int]  # layer, y, x


def adopt(router: Any, old: dict[str, Any]) -> int:
    """Give every net its earlier tracks where they still join all its pieces and touch nothing
    drawn since. `router` is a fresh racklet_pcb.route.Router, `old` what it wrote before.
    Returns how many nets keep theirs."""
    kept = 0
    for net in router.nets:
        runs = [
            track(router, layer, points)
            for name, layer, width, points in old["tracks"]
            if name == net.name and width == net.width
        ]
        vias = [cell(router, at) for name, at in old["vias"] if name == net.name]
        if runs and clear(router, net, runs, vias) and joins(router, net, runs, vias):
            net.runs, net.vias = runs, vias
            router.apply(net, 1)
            kept += 1
    return kept


def cell(router: Any, point: Any) -> tuple[int, int]:
    y, x = divmod(router.node_of(router.layers[0], point), router.w)
    return int(y), int(x)


def track(router: Any, layer: str, points: Any) -> list[Cell]:
    """All cells of a track from end to end; its pieces run along the grid or its diagonals."""
    number = router.layers.index(layer)
    corners = [cell(router, p) for p in points]
    cells = [(number, *corners[0])]
    for (y, x), (end_y, end_x) in zip(corners, corners[1:], strict=False):
        steps = max(abs(end_y - y), abs(end_x - x)) or 1
        dy, dx = (end_y - y) // steps, (end_x - x) // steps
        cells += [(number, y + dy * k, x + dx * k) for k in range(1, steps + 1)]
    return cells


def clear(router: Any, net: Any, runs: list[list[Cell]], vias: list[tuple[int, int]]) -> bool:
    """Whether all of it lies where the net may be."""
    hard = router.hard[str(net.width)]
    mine = (0, net.number)
    tracks = all(hard[c] in mine for run in runs for c in run)
    return tracks and all(router.hard_via[at] in mine for at in vias)


def joins(router: Any, net: Any, runs: list[list[Cell]], vias: list[tuple[int, int]]) -> bool:
    """Whether every piece of the net is reached; of a plane net, that every piece has its via."""
    layers = range(len(router.layers))
    drilled = [{k * router.n + y * router.w + x for k in layers} for y, x in vias]
    drawn = [{k * router.n + y * router.w + x for k, y, x in run} for run in runs]
    groups = [np.array(sorted(g), np.int64) for g in (*drawn, *drilled)]
    if net.name not in router.rules.PLANES:
        pieces = [*groups, *net.terminals]
        return len(router.merge(pieces, len(pieces))) == 1
    joined = [set(g.tolist()) for g in router.merge(groups, len(groups))]
    down = [g for g in joined if any(g & hole for hole in drilled)]
    return all(any(set(t.tolist()) & g for g in down) for t in net.terminals)
