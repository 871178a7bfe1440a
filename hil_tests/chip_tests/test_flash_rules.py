"""While the flash is busy the target is off the bus; one sector at a time; nothing is lost."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from racklet.bus import Target
from racklet.errors import BusTimeout
from racklet.virtual.plant_bus import PlantBus
from racklet_bench.rp2040 import EmulatedRack
from racklet_bench.rp2040.branch import branch
from racklet_bench.rp2040.flash import SECTOR_ERASE_NS
from racklet_bench.rp2040.flash_load import (
    NOTES,
    STORES,
    client,
    power_off,
    records,
    slot_writes,
    stores,
)
from racklet_bench.rp2040.loaded_bus import STRETCH_NS, FlashLoad, LoadedBus
from racklet_wire import events, power
from racklet_wire.address import address_of

MS = 1_000_000
LIMIT = "IOUT_OC_WARN_LIMIT"

# What the firmware would be without the rule: it erases while it can be addressed.
CARELESS = """
from racklet_base.hal.flash import Region
Region.erase = lambda self, offset: self._flash.ioctl(6, offset // 4096) and None
from racklet_base import first_stage
first_stage.run()
"""


@pytest.fixture(scope="module")
def booted() -> EmulatedRack:
    rack = EmulatedRack()
    rack.plant.bus.hz = 400_000
    rack.plant.slots[1].insert()
    rack.run_until(5_000 * MS)  # measured off, and its rings have a sector ahead
    assert client(rack).power_state().state == power.OFF
    return rack


def seen_during(rack: EmulatedRack, work: Callable[[LoadedBus], object]) -> FlashLoad:
    """What a reader sees; also when the client's own bus times out, since an erase met it."""
    bus = LoadedBus(rack)
    with suppress(BusTimeout):
        work(bus)
    bus.close()
    return bus.seen


def test_the_bus_stays_whole_while_settings_are_stored(booted: EmulatedRack) -> None:
    def run() -> FlashLoad:
        load = seen_during(booted, stores)
        last = Target(PlantBus(booted.plant.bus), address_of(1)).read(LIMIT)
        assert abs(last - 2_300) < 5, "a write was lost"  # LINEAR11 steps by 2
        return load

    branch(run).check(STORES)


def test_the_bus_stays_whole_while_the_log_is_written(booted: EmulatedRack) -> None:
    def run() -> tuple[FlashLoad, list[object]]:
        load = seen_during(booted, records)
        chaos = events.KIND_TEXT[events.CHAOS]
        log = client(booted).log()
        return load, [record.fields["text"] for record in log if record.kind == chaos]

    load, notes = branch(run)
    load.check(1)
    assert load.programs > 16  # a sector's pages
    assert notes == [f"note {number}" for number in range(NOTES)]


def test_the_bus_stays_whole_while_a_slot_is_written(booted: EmulatedRack) -> None:
    def run() -> FlashLoad:
        def write(bus: LoadedBus) -> None:
            assert slot_writes(bus)

        return seen_during(booted, write)

    branch(run).check(2)


@pytest.mark.parametrize("work", [stores, records, slot_writes])
def test_without_the_detach_these_checks_fail(
    booted: EmulatedRack, work: Callable[[LoadedBus], object]
) -> None:
    def run() -> FlashLoad:
        booted.repl(1).enter().start(CARELESS)
        booted.run_until(booted.world.now_ns + 4_500 * MS)
        return seen_during(booted, work)

    load = branch(run)
    assert load.erases_on_the_bus >= 1
    assert load.longest_stretch_ns > STRETCH_NS
    with pytest.raises(AssertionError):
        load.check(1)


def test_a_power_off_waits_for_one_sector_at_most(booted: EmulatedRack) -> None:
    """And for the host's pauses and what the loop is at: the log comes after the rail."""
    off = branch(lambda: power_off(booted))
    assert off.erases == 1
    assert off.accepted_ns < SECTOR_ERASE_NS + 15 * MS
    assert off.off_ns < off.accepted_ns + 50 * MS
