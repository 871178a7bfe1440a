"""The bus under load while the firmware erases and programs its flash: who is silent how long.

`python -m racklet_bench.rp2040.flash_load [--json]` prints it as figures.
"""

from collections.abc import Iterator
from typing import NamedTuple

from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.images import read_image, sign_image
from racklet.power import PowerCommand
from racklet.virtual.plant_bus import PlantBus
from racklet_uf2 import factory
from racklet_wire import events, image
from racklet_wire.address import address_of

from ..figures import EMULATED, Figure, show
from ..in_process import PlantClock
from . import engine
from .bench import BOARD, EmulatedRack
from .flash import SECTOR_ERASE_NS, Operation
from .loaded_bus import LoadedBus

MS = 1_000_000
STORES = 4
_STORE_S = 0.150  # an erase, its pages, and time to spare
_LIMIT = "IOUT_OC_WARN_LIMIT"
NOTES = 16  # more of a kind within 10 s are folded into one record
_POWER_ONS = 3
_PAYLOAD = bytes(range(256)) * 16  # a sector of a slot, and its head's


class PowerOff(NamedTuple):
    """Asked as an erase begins: ns until the command was accepted, ns until the enable fell, and
    the erases begun until then."""

    accepted_ns: int
    off_ns: int
    erases: int


def stores(bus: LoadedBus) -> None:
    """Settings stored over and over, each with a sector of its own to erase."""
    target = Target(bus, address_of(1), bus)
    for number in range(STORES):
        target.write(_LIMIT, 2_000 + number * 100)
        target.send("STORE_USER_ALL")
        bus.sleep(_STORE_S)


def records(bus: LoadedBus) -> None:
    """More than a sector of the log, by notes and power-ons."""
    bmc = Bmc(bus, 1, bus)
    for number in range(NOTES):
        bmc.note(events.CHAOS, f"note {number}")
    for command in (PowerCommand.ON, PowerCommand.OFF) * _POWER_ONS:
        bmc.power(command)
    bus.sleep(_STORE_S)


def slot_writes(bus: LoadedBus) -> bool:
    """An image sent into the slot that does not run; whether it was found whole and good."""
    read = read_image(sign_image(_PAYLOAD, factory.development_key(), 1, BOARD))
    result = Bmc(bus, 1, bus).send_image(image.FIRMWARE, read.head, read.payload)
    bus.sleep(_STORE_S)
    return result.is_accepted


def power_off(rack: EmulatedRack) -> PowerOff:
    """Ask for off as an erase begins; the host tries again every 10 ms."""
    bmc, unit = client(rack), rack.plant.slots[1].unit
    assert unit is not None
    bmc.power(PowerCommand.ON)
    enable = unit.trace("EN")
    erases: list[Operation] = []
    rack.bmc(1).on_flash = lambda operation: (
        erases.append(operation) if operation.data is None else None
    )
    Target(bmc.bus, address_of(1), PlantClock(rack)).send("STORE_USER_ALL")
    rack.wait_for(lambda: bool(erases), int(_STORE_S * 1000) * MS)
    asked = rack.world.now_ns
    bmc.power_task(PowerCommand.OFF)
    accepted = rack.world.now_ns
    rack.wait_for(lambda: enable[-1][1] == 0, 1_000 * MS)
    rack.bmc(1).on_flash = None
    return PowerOff(accepted - asked, enable[-1][0] - asked, len(erases))


def client(rack: EmulatedRack) -> Bmc:
    """Of slot 1, on a bus of its own."""
    return Bmc(PlantBus(rack.plant.bus), 1, PlantClock(rack))


def rows() -> Iterator[Figure]:
    rack = EmulatedRack()
    rack.plant.bus.hz = 400_000
    rack.plant.slots[1].insert()
    rack.run_until(4_000 * MS)  # measured off, and its logs have a sector ahead
    bus = LoadedBus(rack)
    for work in (stores, records, slot_writes):
        work(bus)
    bus.close()
    how = f"reads without a pause during {bus.seen.erases} erases: settings, log, an image"
    held, silent = bus.seen.longest_stretch_ns / MS, bus.seen.longest_silence_ns / MS
    yield Figure("clock held while flash is erased and programmed", held, "ms", EMULATED, how, 25)
    yield Figure("silence of one sector, announced by NACK", silent, "ms", EMULATED, how)
    off = power_off(rack)
    how = (
        f"asked as the erase of {SECTOR_ERASE_NS // MS} ms begins; a try "
        f"every 10 ms, accepted after {off.accepted_ns / MS:.0f} ms; then the loop: what was due "
        "during the erase, the command; EN measured"
    )
    yield Figure("power-off during a sector erase", off.off_ns / MS, "ms", EMULATED, how)


if __name__ == "__main__":
    engine.require_cache_model()
    show(rows())
