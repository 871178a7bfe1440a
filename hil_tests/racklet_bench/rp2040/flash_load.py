"""The bus under load while the firmware erases and programs its flash: who is silent how long.

`python -m racklet_bench.rp2040.flash_load [--json]` prints it as figures.
"""

from collections.abc import Iterator

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
from .flash import Operation
from .loaded_bus import FlashLoad, LoadedBus

MS = 1_000_000
STORES = 4
_STORE_S = 0.150  # an erase, its pages, and time to spare
_LIMIT = "IOUT_OC_WARN_LIMIT"
NOTES = 16  # more of a kind within 10 s are folded into one record
_POWER_ONS = 3
_PAYLOAD = bytes(range(256)) * 16  # a sector of a slot, and its head's


def stores(rack: EmulatedRack) -> FlashLoad:
    """Settings stored over and over, each with a sector of its own to erase."""
    bus = LoadedBus(rack)
    target = Target(bus, address_of(1), bus)
    for number in range(STORES):
        target.write(_LIMIT, 2_000 + number * 100)
        target.send("STORE_USER_ALL")
        bus.sleep(_STORE_S)
    bus.close()
    return bus.seen


def records(rack: EmulatedRack) -> tuple[FlashLoad, list[str]]:
    """More than a sector of the log, by notes and power-ons; also the notes it holds then."""
    bus = LoadedBus(rack)
    bmc = Bmc(bus, 1, bus)
    for number in range(NOTES):
        bmc.note(events.CHAOS, f"note {number}")
    for command in (PowerCommand.ON, PowerCommand.OFF) * _POWER_ONS:
        bmc.power(command)
    bus.sleep(_STORE_S)
    bus.close()
    return bus.seen, [
        str(record.fields["text"])
        for record in client(rack).log()
        if record.kind == events.KIND_TEXT[events.CHAOS]
    ]


def slot_writes(rack: EmulatedRack) -> tuple[FlashLoad, bool]:
    """An image sent into the slot that does not run; also whether it was found whole and good."""
    read = read_image(sign_image(_PAYLOAD, factory.development_key(), 1, BOARD))
    bus = LoadedBus(rack)
    result = Bmc(bus, 1, bus).send_image(image.FIRMWARE, read.head, read.payload)
    bus.sleep(_STORE_S)
    bus.close()
    return bus.seen, result.is_accepted


def power_off(rack: EmulatedRack) -> tuple[int, int]:
    """Ask for off in the middle of an erase: ns until the enable falls, and erases until then."""
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
    rack.wait_for(lambda: enable[-1][1] == 0, 1_000 * MS)
    rack.bmc(1).on_flash = None
    return enable[-1][0] - asked, len(erases)


def client(rack: EmulatedRack) -> Bmc:
    """Of slot 1, on a bus of its own."""
    return Bmc(PlantBus(rack.plant.bus), 1, PlantClock(rack))


def rows() -> Iterator[Figure]:
    rack = EmulatedRack()
    rack.plant.bus.hz = 400_000
    rack.plant.slots[1].insert()
    rack.run_until(4_000 * MS)  # measured off, and its logs have a sector ahead
    seen = [stores(rack), records(rack)[0], slot_writes(rack)[0]]
    how = (
        f"reads without a pause during {sum(load.erases for load in seen)} erases: settings, "
        "log, an image"
    )
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
