"""Polygons on the router's grid, and the search itself: the compiled part of the router."""

import math

import numba as nb
import numpy as np

BLOCKED = -1
HEAP = 6_000_000


@nb.njit(cache=True)
def fill(m, xs, ys, value):
    """Mark the cells whose centre is in the polygon (grid units). Two nets make a cell BLOCKED."""
    n = len(xs)
    crossings = np.empty(n)
    for y in range(max(0, math.ceil(ys.min())), min(m.shape[0] - 1, math.floor(ys.max())) + 1):
        k = 0
        for i in range(n):
            j = (i + 1) % n
            a, b = ys[i], ys[j]
            if (a <= y < b) or (b <= y < a):
                crossings[k] = xs[i] + (y - a) / (b - a) * (xs[j] - xs[i])
                k += 1
        c = np.sort(crossings[:k])
        for i in range(0, k - 1, 2):
            for x in range(max(0, math.ceil(c[i])), min(m.shape[1] - 1, math.floor(c[i + 1])) + 1):
                if m[y, x] == 0 or m[y, x] == value:
                    m[y, x] = value
                else:
                    m[y, x] = BLOCKED


@nb.njit(cache=True)
def label(free):
    """Number the connected areas of `free` (4 neighbours) from 1; 0 where it is not free."""
    h, w = free.shape
    area = np.zeros((h, w), np.int32)
    queue = np.empty(h * w, np.int64)
    count = 0
    for y0 in range(h):
        for x0 in range(w):
            if not free[y0, x0] or area[y0, x0]:
                continue
            count += 1
            area[y0, x0] = count
            queue[0] = y0 * w + x0
            head, tail = 0, 1
            while head < tail:
                y, x = queue[head] // w, queue[head] % w
                head += 1
                for k in range(4):
                    yy = y + (k == 0) - (k == 1)
                    xx = x + (k == 2) - (k == 3)
                    if 0 <= yy < h and 0 <= xx < w and free[yy, xx] and area[yy, xx] == 0:
                        area[yy, xx] = count
                        queue[tail] = yy * w + xx
                        tail += 1
    return area


@nb.njit(cache=True)
def stamp(m, y, x, dy, dx, by):
    """Add `by` to the cells of a disc, given as offsets, around one cell."""
    for k in range(len(dy)):
        yy, xx = y + dy[k], x + dx[k]
        if 0 <= yy < m.shape[0] and 0 <= xx < m.shape[1]:
            m[yy, xx] += by


@nb.njit(cache=True)
def _push(cost, node, n, c, v):
    i = n
    while i > 0:
        parent = (i - 1) >> 1
        if cost[parent] <= c:
            break
        cost[i], node[i] = cost[parent], node[parent]
        i = parent
    cost[i], node[i] = c, v
    return n + 1


@nb.njit(cache=True)
def _pop(cost, node, n):
    top = node[0]
    n -= 1
    c, v = cost[n], node[n]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and cost[child + 1] < cost[child]:
            child += 1
        if cost[child] >= c:
            break
        cost[i], node[i] = cost[child], node[child]
        i = child
    cost[i], node[i] = c, v
    return top, n


@nb.njit(cache=True)
def search(
    starts, target, any_via, net, hard, hard_via, occ, occ_via, own_via, history, weight,
    pressure, via_cost, dist, prev, seen, tag, heap_cost, heap_node, box,
):  # fmt: skip
    """A* from cells to any cell of `target`, or to the first place for a via when `any_via`.

    Nodes are layer * cells + cell. Returns the node reached (with `any_via`: where the via goes),
    -1 when there is no way, -2 when the heap is full (a guard: numba has no bounds check).
    """
    layers, h, w = hard.shape
    cells = h * w
    n = 0
    for s in starts:
        y, x = (s % cells) // w, s % w
        dist[s] = pressure * occ[s // cells, y, x]
        prev[s] = -1
        seen[s] = tag
        n = _push(heap_cost, heap_node, n, dist[s], s)
    while n > 0:
        v, n = _pop(heap_cost, heap_node, n)
        if seen[v] == -tag:
            continue
        d = dist[v]
        seen[v] = -tag
        layer = v // cells
        y, x = (v % cells) // w, v % w
        via_ok = (hard_via[y, x] == 0 or hard_via[y, x] == net) and own_via[y, x] == 0
        if any_via:
            if via_ok and occ_via[y, x] <= 0:
                return v
        elif target[v]:
            return v
        if n > HEAP - 16:
            return -2
        came = prev[v]
        cy = y - (came % cells) // w if came >= 0 else 0
        cx = x - came % w if came >= 0 else 0
        for ny in range(-1, 2):
            for nx in range(-1, 2):
                yy, xx = y + ny, x + nx
                if (ny == 0 and nx == 0) or yy < 0 or xx < 0 or yy >= h or xx >= w:
                    continue
                o = hard[layer, yy, xx]
                if o != 0 and o != net:
                    continue
                step = 1.0 if ny == 0 or nx == 0 else 1.41421
                if came >= 0 and (ny != cy or nx != cx):
                    step += 0.35  # bends make jogs
                u = layer * cells + yy * w + xx
                soft = 1.0 + history[layer, yy, xx]
                c = d + step * weight[layer] * soft + pressure * occ[layer, yy, xx]
                if abs(seen[u]) != tag or (seen[u] == tag and c < dist[u] - 1e-5):
                    dist[u], prev[u], seen[u] = c, v, tag
                    estimate = 0.0
                    if not any_via:
                        ex = max(box[0] - xx, 0, xx - box[1])
                        ey = max(box[2] - yy, 0, yy - box[3])
                        estimate = max(ex, ey) + 0.41421 * min(ex, ey)
                    n = _push(heap_cost, heap_node, n, c + estimate, u)
        if any_via or not via_ok:
            continue
        for other in range(layers):
            o = hard[other, y, x]
            if other == layer or (o != 0 and o != net):
                continue
            u = other * cells + y * w + x
            c = d + via_cost + pressure * 8.0 * occ_via[y, x]
            if abs(seen[u]) != tag or (seen[u] == tag and c < dist[u] - 1e-5):
                dist[u], prev[u], seen[u] = c, v, tag
                ex = max(box[0] - x, 0, x - box[1])
                ey = max(box[2] - y, 0, y - box[3])
                n = _push(heap_cost, heap_node, n, c + max(ex, ey) + 0.41421 * min(ex, ey), u)
    return -1
