"""The clock of a bench whose plant lives in this process and moves in steps."""

from typing import Protocol

from racklet_plant.world import World


class SteppedRack(Protocol):
    """What moves the plant and whatever runs in it."""

    @property
    def world(self) -> World: ...

    def run_until(self, plant_ns: int) -> None: ...


class PlantClock:
    """Seconds of plant time; sleeping moves the world on."""

    def __init__(self, rack: SteppedRack) -> None:
        self._rack = rack

    def monotonic(self) -> float:
        return self._rack.world.now_ns / 1e9

    def sleep(self, seconds: float) -> None:
        self._rack.run_until(self._rack.world.now_ns + int(seconds * 1e9))
