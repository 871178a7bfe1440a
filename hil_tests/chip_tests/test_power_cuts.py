"""The supply fails during flash operations of the running firmware: what was told stays true.

A slice with a fixed seed here; RACKLET_SOAK=1 cuts every operation at every share.
"""

import os
from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.errors import BusError
from racklet.eventlog import LogRecord
from racklet.power import PowerCommand
from racklet.virtual.plant_bus import PlantBus
from racklet_base.services.ring import Ring
from racklet_bench.in_process import PlantClock
from racklet_bench.rp2040 import EmulatedRack
from racklet_bench.rp2040.branch import branch
from racklet_bench.rp2040.power_cuts import Cut, PowerCuts
from racklet_plant.flash import Flash
from racklet_plant.unit import Unit
from racklet_wire import power
from racklet_wire.address import address_of

MS = 1_000_000
SOAK = bool(os.environ.get("RACKLET_SOAK"))
LIMIT = "IOUT_OC_WARN_LIMIT"
FILLED = 32 * 16 - 12  # records of an old log: a few before the ring comes round
STORED = 16 * 16 - 12  # and of the ring that keeps the totals
SAVES = """
import machine
from racklet_bmc.app import bmc
machine.mem32[0x4005B000] = 1 << 30  # the watchdog off
for _ in range(15):
    bmc.energy.count()
    bmc.energy.save()
    bmc.store.maintain()
    print(*bmc.energy.snapshot())
"""


class Region:
    """What a service of the firmware is handed as its flash, here from outside of the chip."""

    def __init__(self, flash: Flash, start: int, size: int) -> None:
        self.size = size
        self._flash = flash
        self._start = start

    def read(self, offset: int, buffer: bytearray) -> None:
        start = self._start + offset
        buffer[:] = self._flash[start : start + len(buffer)]

    def program(self, offset: int, data: bytes) -> None:
        start = self._start + offset
        self._flash[start : start + len(data)] = data

    def erase(self, offset: int) -> None:
        start = self._start + offset
        self._flash[start : start + 4096] = b"\xff" * 4096


def fill(unit: Unit, region: str, records: int) -> None:
    """An old ring, so that its next sectors have to be erased before they are used."""
    ring = Ring(Region(unit.flash, *unit.board.flash[region]))
    for _ in range(records):
        ring.append(b"\xa0")  # an empty map


@pytest.fixture(scope="module")
def booted() -> EmulatedRack:
    """A board that has been measured off, its log a few records before its end."""
    rack = EmulatedRack()
    rack.plant.bus.hz = 400_000
    unit = rack.plant.slots[1].insert()
    fill(unit, "log", FILLED)
    fill(unit, "energy", STORED)
    bmc = client(rack)
    clock = PlantClock(rack)
    while not (bmc.is_present() and bmc.power_state().state == power.OFF):
        clock.sleep(0.01)
        assert clock.monotonic() < 10
    return rack


def started(rack: EmulatedRack) -> None:
    """The base answers first, the application later, and what a long log holds last."""
    bmc = client(rack)
    target = Target(bmc.bus, address_of(1), PlantClock(rack))
    end = rack.world.now_ns + 5_000 * MS
    while True:
        try:
            target.block("LOG_STATUS")
            break
        except BusError:
            rack.run_until(rack.world.now_ns + 10 * MS)
        assert rack.world.now_ns < end, "no application"
    assert not bmc.identify().is_recovery


def client(rack: EmulatedRack) -> Bmc:
    return Bmc(PlantBus(rack.plant.bus), 1, PlantClock(rack))


def campaign(
    rack: EmulatedRack, scenario: Callable[[], None], check: Callable[[Cut], None], every: int
) -> tuple[int, int]:
    """Run it in a copy of the board; how many operations it had, and cuts."""

    def run() -> tuple[int, int]:
        cuts = PowerCuts(rack, every=1 if SOAK else every, mean_ns=20 * MS if SOAK else 0)
        cuts.run(scenario, check)
        return cuts.operations, cuts.cuts

    return branch(run)


def test_no_record_that_was_read_is_lost(booted: EmulatedRack) -> None:
    bmc = client(booted)
    kept: dict[int, LogRecord] = {}
    acknowledged = [0]

    def scenario() -> None:
        for command in (PowerCommand.ON, PowerCommand.OFF, PowerCommand.ON, PowerCommand.OFF):
            bmc.power(command)
            booted.run_until(booted.world.now_ns + 100 * MS)  # records come after the rail
            for record in bmc.log(after=max(kept, default=FILLED)):
                kept[record.sequence] = record
            bmc.acknowledge_log(max(kept))
            acknowledged.append(max(kept))

    def check(_cut: Cut) -> None:
        started(booted)
        status = Target(bmc.bus, address_of(1)).block("LOG_STATUS")
        assert int(status["acknowledged"]) >= acknowledged[-1]
        now = {record.sequence: record for record in bmc.log(after=FILLED)}
        lost = [record for sequence, record in kept.items() if now.get(sequence) != record]
        assert not lost, now
        assert sorted(now) == list(range(min(now), max(now) + 1))

    operations, cuts = campaign(booted, scenario, check, 5)
    assert operations > 15
    assert cuts >= operations // 2


def test_settings_are_the_old_or_the_new_ones(booted: EmulatedRack) -> None:
    bmc = client(booted)
    target = Target(bmc.bus, address_of(1), PlantClock(booted))
    asked = [target.read(LIMIT)]
    stored = [asked[0]]

    def scenario() -> None:
        for milliamperes in (2_000, 2_500, 3_000):
            asked.append(milliamperes)
            target.write(LIMIT, milliamperes)
            target.send("STORE_USER_ALL")
            booted.run_until(booted.world.now_ns + 200 * MS)
            stored.append(milliamperes)

    def check(_cut: Cut) -> None:
        started(booted)
        assert target.read(LIMIT) in (stored[-1], asked[-1])

    operations, cuts = campaign(booted, scenario, check, 3)
    assert operations >= 9  # three times an erase, the body, the header
    assert cuts >= operations


def test_energy_that_was_saved_is_never_lost(booted: EmulatedRack) -> None:
    """Saved by hand at the REPL, since the service does it once a minute."""
    bmc = client(booted)
    saved = [(bmc.energy().epoch, 0, 0)]

    def scenario() -> None:
        bmc.power(PowerCommand.ON)
        chip = booted.bmc(1).chip
        assert chip is not None
        repl = booted.repl(1).enter()
        repl.start(SAVES)
        seen = 0
        while b"\x04" not in chip.usb.received:
            booted.run_until(booted.world.now_ns + 1 * MS)
            lines = chip.usb.received.split(b"\r\n")[:-1]
            for line in lines[seen:]:
                epoch, in_uj, out_uj, _ = (int(word) for word in line.split())
                saved.append((epoch, in_uj, out_uj))
            seen = len(lines)
        assert seen == 15

    def check(_cut: Cut) -> None:
        started(booted)
        now = bmc.energy()
        epoch, in_uj, out_uj = saved[-1]
        assert now.epoch > epoch, "what flowed since the last save may be missing"
        assert now.in_uj >= in_uj
        assert now.out_uj >= out_uj

    operations, cuts = campaign(booted, scenario, check, 6)
    assert operations >= 16  # fifteen records, and a sector ahead
    assert cuts >= operations // 2
