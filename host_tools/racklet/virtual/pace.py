"""Ties the plant's time to the wall: one second of the simulated world per second of yours."""

from collections.abc import Callable

_S = 1_000_000_000  # ns

# A machine that was asleep or too slow does not owe the world more than this; the rack then
# simply runs late, rather than in bursts.
_MOST_BEHIND_NS = _S // 4
# Bus transactions move the world ahead by their own length. Further than this ahead of the
# wall, clients wait.
_MOST_AHEAD_NS = _S // 50


class Pace:
    """`monotonic` gives wall seconds; plant times are integer ns."""

    def __init__(self, now_ns: int, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._origin_ns = now_ns - self._wall_ns()

    def due_ns(self, now_ns: int) -> int:
        """How far the world should have come, given that it stands at `now_ns`."""
        due_ns = self._origin_ns + self._wall_ns()
        excess_ns = due_ns - now_ns - _MOST_BEHIND_NS
        if excess_ns > 0:
            self._origin_ns -= excess_ns
            due_ns -= excess_ns
        return due_ns

    def is_ahead(self, now_ns: int) -> bool:
        return now_ns - self._origin_ns - self._wall_ns() > _MOST_AHEAD_NS

    def wait_s(self, deadline_ns: int) -> float:
        """Wall seconds until the world should reach `deadline_ns`; never negative."""
        return max(0, deadline_ns - self._origin_ns - self._wall_ns()) / _S

    def _wall_ns(self) -> int:
        return int(self._monotonic() * _S)
