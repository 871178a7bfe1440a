"""Bus and clock of a bench whose plant lives in this process and moves in steps."""

from collections.abc import Sequence
from typing import Protocol

from racklet import errors
from racklet.bus import Message, Read
from racklet_plant import smbus
from racklet_plant.world import World


class SteppedRack(Protocol):
    """What moves the plant and whatever runs in it."""

    @property
    def world(self) -> World: ...

    def run_until(self, plant_ns: int) -> None: ...

    def transfer(self, messages: Sequence[smbus.Message]) -> list[bytes]: ...


class PlantClock:
    """Seconds of plant time; sleeping moves the world on."""

    def __init__(self, rack: SteppedRack) -> None:
        self._rack = rack

    def monotonic(self) -> float:
        return self._rack.world.now_ns / 1e9

    def sleep(self, seconds: float) -> None:
        self._rack.run_until(self._rack.world.now_ns + int(seconds * 1e9))


class PlantBus:
    """The rack's SMBus without a socket between: one transaction at a time, in this thread."""

    def __init__(self, rack: SteppedRack, name: str) -> None:
        self._rack = rack
        self._name = name

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
        return f"{self._name}:in this process"

    def close(self) -> None:
        pass


def _to_plant(message: Message) -> smbus.Message:
    if isinstance(message, Read):
        return smbus.Read(message.address, message.size, message.counted)
    return smbus.Write(message.address, message.data)
