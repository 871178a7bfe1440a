"""A bus that a second client never leaves alone, and what that one sees: for whom flash is busy."""

from collections.abc import Sequence
from dataclasses import dataclass

from racklet.bus import Message
from racklet.errors import BusTimeout
from racklet.virtual.plant_bus import PlantBus
from racklet_plant import smbus
from racklet_wire.address import address_of

from ..in_process import PlantClock
from .bench import EmulatedRack
from .flash import SECTOR_ERASE_NS, Operation

STRETCH_NS = 25_000_000  # of SMBus 3.x: a target may not hold the clock longer

_PAUSE_NS = 200_000  # between two reads
_IDENTIFY, _REPLY = b"\xd0", 34


@dataclass
class FlashLoad:
    """What the reader saw."""

    reads: int = 0
    nacks: int = 0
    erases: int = 0
    programs: int = 0
    erases_on_the_bus: int = 0  # begun while the target was attached
    damaged: int = 0  # replies that were not what they should be
    longest_stretch_ns: int = 0  # of any transaction, the reader's or another
    longest_silence_ns: int = 0  # from one answer to the next
    most_erases_in_a_silence: int = 0

    def check(self, erases: int) -> None:
        """Off the bus for each of at least so many erases, one at a time, and nothing lost."""
        assert self.erases >= erases
        assert self.nacks > 0
        assert self.erases_on_the_bus == 0
        assert self.damaged == 0
        assert self.longest_stretch_ns < STRETCH_NS
        assert self.most_erases_in_a_silence == 1
        assert self.longest_silence_ns < SECTOR_ERASE_NS + 5_000_000


class LoadedBus(PlantBus):
    """Bus and clock for a client of slot 1: whatever it does, and while it waits, somebody else
    reads IDENTIFY without a pause and without patience. `seen` is what that reader saw."""

    def __init__(self, rack: EmulatedRack) -> None:
        super().__init__(rack.plant.bus)
        self.seen = FlashLoad()
        self._rack = rack
        self._clock = PlantClock(rack)
        address = address_of(1)
        self._ask: list[smbus.Message] = [
            smbus.Write(address, _IDENTIFY),
            smbus.Read(address, _REPLY),
        ]
        self._expected = rack.transfer(self._ask)[0]
        self._answered_ns = rack.world.now_ns
        self._erases = 0  # since the last answer
        rack.plant.bus.longest_stretch_ns = 0
        rack.bmc(1).on_flash = self._begun

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        self._read()
        try:
            return super().transfer(messages)
        except BusTimeout:
            self.seen.longest_stretch_ns = smbus.TIMEOUT_NS
            raise

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        end = self._rack.world.now_ns + int(seconds * 1e9)
        while (left := end - self._rack.world.now_ns) > 0:
            self._read()
            self._rack.run_until(self._rack.world.now_ns + min(left, _PAUSE_NS))

    def close(self) -> None:
        """The reader goes home; `seen` stays."""
        self._rack.bmc(1).on_flash = None

    def _begun(self, operation: Operation) -> None:
        chip = self._rack.bmc(1).chip
        if operation.data is not None:
            self.seen.programs += 1
            return
        self.seen.erases += 1
        self._erases += 1
        self.seen.erases_on_the_bus += chip is not None and chip.smbus.attached

    def _read(self) -> None:
        seen, world = self.seen, self._rack.world
        seen.reads += 1
        try:
            seen.damaged += self._rack.transfer(self._ask)[0] != self._expected
        except smbus.Nack:
            seen.nacks += 1
        except smbus.Timeout:
            seen.damaged += 1
            seen.longest_stretch_ns = smbus.TIMEOUT_NS
        else:
            seen.longest_silence_ns = max(seen.longest_silence_ns, world.now_ns - self._answered_ns)
            seen.most_erases_in_a_silence = max(seen.most_erases_in_a_silence, self._erases)
            self._answered_ns, self._erases = world.now_ns, 0
        held = self._rack.plant.bus.longest_stretch_ns
        seen.longest_stretch_ns = max(seen.longest_stretch_ns, held)
