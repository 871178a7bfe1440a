"""The demo's time: plant time, at wall speed for a person, as fast as it goes for a pipe."""

import time
from collections.abc import Callable

from racklet.virtual.pace import Pace
from racklet.virtual.world import SimulatedRack

_STEP_NS = 50_000_000


class StageClock:
    """Sleeping lets the world go on; `on_tick` is called now and then meanwhile."""

    def __init__(self, world: SimulatedRack, is_paced: bool) -> None:
        self._world = world
        self._pace = Pace(world.now_ns, time.monotonic) if is_paced else None
        self.on_tick: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        """Seconds of plant time."""
        return self._world.now_ns / 1e9

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of plant time pass."""
        end_ns = self._world.now_ns + int(seconds * 1e9)
        while self._world.now_ns < end_ns:
            self._world.run_until(min(end_ns, self._world.now_ns + _STEP_NS))
            if self._pace:
                self._pace.due_ns(self._world.now_ns)  # forgives what the machine is late
                time.sleep(self._pace.wait_s(self._world.now_ns))
            self.on_tick()
