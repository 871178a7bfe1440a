"""What the converter's inputs did lately, so that samples of the past can be drawn from it.

Nothing is sampled while nobody asks: the power path notes its nodes when it looks at them, and
between two looks they moved evenly. A node that jumps at a look is noted twice, before and after.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from .world import MS, World

KEPT_NS = 500 * MS  # longer than any ring that is filled from here

Values = tuple[int, ...]


class History:
    """`nodes` tell the values now; `note` keeps them. `at` draws one value of the past."""

    def __init__(self, world: World, nodes: Sequence[Callable[[], int]]) -> None:
        self._world = world
        self._nodes = nodes
        self._points: deque[tuple[int, Values]] = deque()

    def note(self) -> None:
        """The nodes are so now."""
        now, points = self._world.now_ns, self._points
        values = tuple(node() for node in self._nodes)
        if len(points) > 1 and points[-1][1] == points[-2][1] == values:
            points[-1] = (now, values)  # still at rest
        elif not points or points[-1] != (now, values):
            points.append((now, values))
        while len(points) > 2 and points[1][0] < now - KEPT_NS:
            points.popleft()

    def samples(self, takes: Iterable[tuple[int, int]]) -> list[int]:
        """The value of a node at an instant, for each (ns, node), in order of time.

        What lies before the first look was as it was then. ValueError when there was none.
        """
        if not self._points:
            raise ValueError("nothing was noted yet")
        points = list(self._points)
        k = -1
        found = []
        for ns, node in takes:
            if k < 0:
                k = max(bisect_left(points, ns, key=_when) - 1, 0)
            while k + 1 < len(points) and points[k + 1][0] <= ns:
                k += 1
            begin, values = points[k]
            value = values[node]
            if ns > begin and k + 1 < len(points):
                end, later = points[k + 1]
                value += (later[node] - value) * (ns - begin) // (end - begin)
            found.append(value)
        return found


def _when(point: tuple[int, Values]) -> int:
    return point[0]
