"""A place where voltage and current are known at every instant, with exact integrals.

Between two events both are constant, so that energy is a sum of integer products:
uV * uA * ns = 1e-21 J. Readers (the power monitors) fetch the history since they last looked.
"""

from bisect import bisect_right
from collections.abc import Callable

from .world import World

ZJ_PER_UJ = 10**15
_KEEP = 1024  # breakpoints, before readers are asked to catch up


class Meter:
    """`v_uv` and `i_ua` now; `energy_zj`, `charge` (uA ns) and `flux` (uV ns) since the start."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.v_uv = 0
        self.i_ua = 0
        # Breakpoints: time, values from then on, integrals up to then.
        self._times = [world.now_ns]
        self._points = [(0, 0, 0, 0, 0)]
        self._on_change: list[Callable[[], None]] = []
        self._on_full: list[Callable[[], int]] = []

    def set(self, v_uv: int, i_ua: int) -> None:
        """From now on these values hold."""
        if v_uv == self.v_uv and i_ua == self.i_ua:
            return
        now = self._world.now_ns
        point = (v_uv, i_ua, *self.integrals(now))
        if self._times[-1] == now:
            self._points[-1] = point
        else:
            self._times.append(now)
            self._points.append(point)
        self.v_uv, self.i_ua = v_uv, i_ua
        for fn in self._on_change:
            fn()
        if len(self._times) > _KEEP:
            self._forget()

    def watch(self, on_change: Callable[[], None], on_full: Callable[[], int]) -> None:
        """Add a reader. `on_full` catches up and returns the time from which it still needs."""
        self._on_change.append(on_change)
        self._on_full.append(on_full)

    def integrals(self, at_ns: int) -> tuple[int, int, int]:
        """(energy in zJ, charge in uA ns, flux in uV ns) from the start until `at_ns`."""
        times = self._times
        k = len(times) - 1 if at_ns >= times[-1] else bisect_right(times, at_ns) - 1
        v, i, energy, charge, flux = self._points[k]
        dt = at_ns - times[k]
        return energy + v * i * dt, charge + i * dt, flux + v * dt

    def segment(self, at_ns: int) -> tuple[int, int, int | None]:
        """(v_uv, i_ua, end) of the constant piece that holds at `at_ns`; end None = until now."""
        k = bisect_right(self._times, at_ns) - 1
        v, i, *_ = self._points[k]
        return v, i, self._times[k + 1] if k + 1 < len(self._times) else None

    @property
    def energy_zj(self) -> int:
        return self.integrals(self._world.now_ns)[0]

    @property
    def last_change_ns(self) -> int:
        return self._times[-1]

    def _forget(self) -> None:
        needed = min((fn() for fn in self._on_full), default=self._world.now_ns)
        k = bisect_right(self._times, needed) - 1
        if k > 0:
            del self._times[:k], self._points[:k]
