"""A first-order thermal body, evaluated when somebody looks."""

import math

from .world import World


class Body:
    """Temperature in milli-degrees C: ambient + `k_per_w` * W, reached with `tau_s`."""

    def __init__(self, world: World, k_per_w: float, tau_s: float, ambient_mc: int = 25_000):
        self._world = world
        self._k_per_w = k_per_w
        self._tau_ns = tau_s * 1e9
        self.ambient_mc = ambient_mc
        self._rise_mk = 0.0
        self._watt = 0.0
        self._last_ns = world.now_ns

    def heat(self, watt: float) -> bool:
        """From now on that much is turned into heat. Returns whether that is news."""
        if watt == self._watt:
            return False
        self._rise_mk = self._rise()
        self._last_ns = self._world.now_ns
        self._watt = watt
        return True

    def reaches(self, mc: int) -> int | None:
        """When (plant time) it will pass that temperature, or None if it never does so."""
        target = mc - self.ambient_mc
        start, end = self._rise(), self._watt * self._k_per_w * 1000
        if start == end or not 0 < (share := (target - start) / (end - start)) < 1:
            return None
        return self._world.now_ns + round(-math.log(1 - share) * self._tau_ns) + 1_000_000

    @property
    def mc(self) -> int:
        return self.ambient_mc + round(self._rise())

    def _rise(self) -> float:
        end = self._watt * self._k_per_w * 1000
        dt = self._world.now_ns - self._last_ns
        return end + (self._rise_mk - end) * math.exp(-dt / self._tau_ns)
