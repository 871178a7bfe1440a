"""While the flash is busy the target is off the bus; one sector at a time; nothing is lost."""

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.virtual.plant_bus import PlantBus
from racklet_bench.in_process import PlantClock
from racklet_bench.rp2040 import EmulatedRack
from racklet_bench.rp2040.branch import branch
from racklet_bench.rp2040.flash import SECTOR_ERASE_NS
from racklet_bench.rp2040.flash_load import FlashLoad, power_off, stores
from racklet_wire import power
from racklet_wire.address import address_of

MS = 1_000_000
STRETCH_NS = 25 * MS  # of SMBus 3.x: a target may not hold the clock longer
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


def client(rack: EmulatedRack) -> Bmc:
    return Bmc(PlantBus(rack.plant.bus), 1, PlantClock(rack))


def check(loads: list[FlashLoad]) -> None:
    assert sum(load.erases for load in loads) >= 4
    assert sum(load.nacks for load in loads) > 0
    for load in loads:
        assert load.erases_on_the_bus == 0
        assert load.damaged == 0
        assert load.longest_stretch_ns < STRETCH_NS
        assert load.most_erases_in_a_silence <= 1
        assert load.longest_silence_ns < SECTOR_ERASE_NS + 5 * MS


def test_the_bus_stays_whole_while_settings_are_stored(booted: EmulatedRack) -> None:
    def run() -> list[FlashLoad]:
        loads = list(stores(booted))
        last = Target(PlantBus(booted.plant.bus), address_of(1)).read(LIMIT)
        assert abs(last - 2_300) < 5, "a write was lost"  # LINEAR11 steps by 2
        return loads

    check(branch(run))


def test_without_the_detach_these_checks_fail(booted: EmulatedRack) -> None:
    def run() -> list[FlashLoad]:
        booted.repl(1).enter().start(CARELESS)
        booted.run_until(booted.world.now_ns + 500 * MS)
        return list(stores(booted))

    loads = branch(run)
    assert sum(load.erases_on_the_bus for load in loads) >= 4
    assert max(load.longest_stretch_ns for load in loads) > STRETCH_NS
    with pytest.raises(AssertionError):
        check(loads)


def test_a_power_off_waits_for_one_sector_at_most(booted: EmulatedRack) -> None:
    """And for what the loop does besides: the host's pauses, the store's end, a line of log."""
    waited_ns, erases = branch(lambda: power_off(booted))
    assert erases == 1
    assert waited_ns < SECTOR_ERASE_NS + 80 * MS
