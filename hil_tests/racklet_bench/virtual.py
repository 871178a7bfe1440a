"""The virtual bench: BMCs on real MicroPython, the plant in this process, time in steps."""

from racklet.keys import SigningKey
from racklet.virtual.plant_bus import PlantBus
from racklet_plant.cosim import VirtualRack

from .bench import FAULTS, HANDS, RESET, SIGNING_KEY, SLOTS, SPEED_UP, STEPPED, TRACE
from .in_process import PlantClock


class VirtualBench:
    """Five slots, empty at first; the same seed gives the same run."""

    abilities = frozenset({HANDS, FAULTS, RESET, TRACE, STEPPED, SIGNING_KEY, SLOTS})
    board = "virtual"

    def __init__(self, *, slots: int = 5, seed: int = 0, speed_up: float = SPEED_UP) -> None:
        self.signing_key = SigningKey.from_seed(seed.to_bytes(32))
        self.rack = VirtualRack(
            slots,
            seed=seed,
            speed_up=speed_up,
            trusted_key=self.signing_key.public.raw,
            minimum_sequence=1,
        )
        self.bus = PlantBus(self.rack.bus)
        self.clock = PlantClock(self.rack)
        self.slots = tuple(range(1, slots + 1))

    def insert(self, slot: int) -> None:
        self.control("insert", slot=slot)

    def ship(self, *images: bytes) -> None:
        self.rack.ship(self.signing_key.public.raw, images)

    def remove(self, slot: int) -> None:
        self.control("remove", slot=slot)

    def control(self, name: str, /, **arguments: object) -> object:
        return self.rack.control(name, **arguments)

    def reset_bmc(self, slot: int) -> None:
        self.rack.kill_bmc(slot)

    def trace(self, slot: int, net: str) -> list[tuple[int, int]]:
        unit = self.rack.plant.slots[slot].unit
        if unit is None:
            raise LookupError(f"slot {slot} is empty")
        return unit.trace(net)

    def close(self) -> None:
        self.rack.close()


def open_bench() -> VirtualBench:
    return VirtualBench()
