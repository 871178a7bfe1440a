"""The virtual bench: BMCs on real MicroPython, the plant in this process, time in steps."""

from collections.abc import Sequence

from racklet import errors
from racklet.bus import Message, Read
from racklet_plant import smbus
from racklet_plant.cosim import VirtualRack

from .bench import FAULTS, HANDS, RESET, STEPPED, TRACE


class PlantClock:
    """Seconds of plant time; sleeping moves the world on."""

    def __init__(self, rack: VirtualRack) -> None:
        self._rack = rack

    def monotonic(self) -> float:
        return self._rack.world.now_ns / 1e9

    def sleep(self, seconds: float) -> None:
        self._rack.run_until(self._rack.world.now_ns + int(seconds * 1e9))


class PlantBus:
    """The rack's SMBus without a socket between: one transaction at a time, in this thread."""

    def __init__(self, rack: VirtualRack) -> None:
        self._rack = rack

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        try:
            return self._rack.transfer([_to_plant(message) for message in messages])
        except smbus.Nack as nack:
            raise errors.Nack(nack.msg) from None
        except smbus.Timeout as late:
            raise errors.BusTimeout(str(late)) from None
        except smbus.Arbitration as lost:
            raise errors.Arbitration(str(lost)) from None

    def describe(self) -> str:
        return "virtual:in this process"

    def close(self) -> None:
        pass


def _to_plant(message: Message) -> smbus.Message:
    if isinstance(message, Read):
        return smbus.Read(message.address, message.size, message.counted)
    return smbus.Write(message.address, message.data)


class VirtualBench:
    """Five slots, empty at first; the same seed gives the same run."""

    abilities = frozenset({HANDS, FAULTS, RESET, TRACE, STEPPED})

    def __init__(self, *, slots: int = 5, seed: int = 0, speed_up: float = 10.0) -> None:
        self.rack = VirtualRack(slots, seed=seed, speed_up=speed_up)
        self.bus = PlantBus(self.rack)
        self.clock = PlantClock(self.rack)
        self.slots = tuple(range(1, slots + 1))

    def insert(self, slot: int) -> None:
        self.control("insert", slot=slot)

    def remove(self, slot: int) -> None:
        self.control("remove", slot=slot)

    def control(self, name: str, **arguments: object) -> object:
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
