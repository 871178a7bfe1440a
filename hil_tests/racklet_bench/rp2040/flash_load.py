"""The bus under load while the firmware erases and programs its flash: who is silent how long.

`python -m racklet_bench.rp2040.flash_load [--json]` prints it as figures.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.power import PowerCommand
from racklet.virtual.plant_bus import PlantBus
from racklet_plant import smbus
from racklet_wire.address import address_of

from ..figures import EMULATED, Figure, show
from ..in_process import PlantClock
from . import engine
from .bench import EmulatedRack
from .flash import Operation

MS = 1_000_000
_PAUSE_NS = 200_000  # between two reads
_IDENTIFY, _REPLY = b"\xd0", 34
_STORES = 4
_STORE_NS = 150 * MS  # an erase, its pages, and time to spare
_LIMIT = "IOUT_OC_WARN_LIMIT"


@dataclass
class FlashLoad:
    """What the controller of the bus saw."""

    reads: int = 0
    nacks: int = 0
    erases: int = 0
    programs: int = 0
    erases_on_the_bus: int = 0  # begun while the target was attached
    damaged: int = 0  # replies that were not what they should be
    longest_stretch_ns: int = 0
    longest_silence_ns: int = 0  # from one answer to the next
    most_erases_in_a_silence: int = 0


def watch(rack: EmulatedRack, work: Callable[[], None], ns: int) -> FlashLoad:
    """Do `work`, then read without a pause for that long, and without patience."""
    seen = FlashLoad()
    bmc, bus, address = rack.bmc(1), rack.plant.bus, address_of(1)
    erases = [0]

    def begun(operation: Operation) -> None:
        chip = bmc.chip
        if operation.data is not None:
            seen.programs += 1
            return
        seen.erases += 1
        erases[0] += 1
        seen.erases_on_the_bus += chip is not None and chip.smbus.attached

    ask: list[smbus.Message] = [smbus.Write(address, _IDENTIFY), smbus.Read(address, _REPLY)]
    expected = rack.transfer(ask)[0]
    bus.longest_stretch_ns = 0
    bmc.on_flash = begun
    work()
    answered, end = rack.world.now_ns, rack.world.now_ns + ns
    while rack.world.now_ns < end:
        seen.reads += 1
        try:
            seen.damaged += rack.transfer(ask)[0] != expected
        except smbus.Nack:
            seen.nacks += 1
        except smbus.Timeout:
            seen.damaged += 1
            seen.longest_stretch_ns = smbus.TIMEOUT_NS
        else:
            seen.longest_silence_ns = max(seen.longest_silence_ns, rack.world.now_ns - answered)
            seen.most_erases_in_a_silence = max(seen.most_erases_in_a_silence, erases[0])
            answered, erases[0] = rack.world.now_ns, 0
        rack.run_until(rack.world.now_ns + _PAUSE_NS)
    seen.longest_stretch_ns = max(seen.longest_stretch_ns, bus.longest_stretch_ns)
    bmc.on_flash = None
    return seen


def stores(rack: EmulatedRack) -> Iterator[FlashLoad]:
    """Settings stored over and over, each with a sector of its own to erase."""
    target = Target(PlantBus(rack.plant.bus), address_of(1), PlantClock(rack))
    for number in range(_STORES):
        target.write(_LIMIT, 2_000 + number * 100)
        yield watch(rack, lambda: target.send("STORE_USER_ALL"), _STORE_NS)


def power_off(rack: EmulatedRack) -> tuple[int, int]:
    """Ask for off in the middle of an erase: ns until the enable falls, and erases until then."""
    bus, clock = PlantBus(rack.plant.bus), PlantClock(rack)
    bmc, unit = Bmc(bus, 1, clock), rack.plant.slots[1].unit
    assert unit is not None
    bmc.power(PowerCommand.ON)
    enable = unit.trace("EN")
    erases: list[Operation] = []
    rack.bmc(1).on_flash = lambda operation: (
        erases.append(operation) if operation.data is None else None
    )
    Target(bus, address_of(1), clock).send("STORE_USER_ALL")
    rack.wait_for(lambda: bool(erases), _STORE_NS)
    asked = rack.world.now_ns
    bmc.power_task(PowerCommand.OFF)
    rack.wait_for(lambda: enable[-1][1] == 0, 1_000 * MS)
    rack.bmc(1).on_flash = None
    return enable[-1][0] - asked, len(erases)


def rows() -> Iterator[Figure]:
    rack = EmulatedRack()
    rack.plant.bus.hz = 400_000
    rack.plant.slots[1].insert()
    rack.run_until(4_000 * MS)  # measured off, and its logs have a sector ahead
    seen = list(stores(rack))
    how = f"reads without a pause during {sum(load.erases for load in seen)} stores of settings"
    held = max(load.longest_stretch_ns for load in seen) / MS
    silent = max(load.longest_silence_ns for load in seen) / MS
    yield Figure("clock held while flash is erased and programmed", held, "ms", EMULATED, how, 25)
    yield Figure("silence of one sector, announced by NACK", silent, "ms", EMULATED, how)
    how = "asked as the erase begins, retried every 10 ms; EN measured"
    late = power_off(rack)[0] / MS
    yield Figure("power-off during a sector erase", late, "ms", EMULATED, how)


if __name__ == "__main__":
    engine.require_cache_model()
    show(rows())
