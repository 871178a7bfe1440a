"""The bus under bad luck: what a BMC answers, and that it lets go of a stuck bus."""

from collections.abc import Callable

import pytest
from racklet import errors
from racklet.bmc import Bmc
from racklet.bus import Bus, Read, Target, Write
from racklet_bench.bench import FAULTS, HANDS, STEPPED, Bench
from racklet_bench.linux_pmbus import LinuxPmbus
from racklet_wire.address import address_of

SENSORS = {"in1", "in2", "curr1", "curr2", "power1", "power2", "temp1"}


@pytest.fixture
def target(bench: Bench, insert: Callable[..., Bmc]) -> Target:
    """A unit in slot 1 that serves; what it could not answer while it started is cleared."""
    insert(1)
    made = Target(bench.bus, address_of(1), bench.clock)
    made.send("CLEAR_FAULTS")
    return made


@pytest.mark.needs(HANDS)
@pytest.mark.parametrize("has_pec", [True, False])
def test_the_kernel_driver_binds(bench: Bench, target: Target, has_pec: bool) -> None:
    bench.clock.sleep(0.5)  # the records of the insertion are on their way to the flash
    before = target.block("LOG_STATUS")
    driver = LinuxPmbus(bench.bus, target.address, has_pec).probe()
    assert {name.split("_")[0] for name in driver.files} == SENSORS
    assert driver.pages == 1
    assert 11_000 < driver.get("in1_input") < 21_000
    driver.set("curr2_max", 3_000)
    assert driver.get("curr2_max") == 3_000
    for _ in range(60):
        driver.clear_faults()
    bench.clock.sleep(0.5)
    assert driver.get("curr2_max") == 3_000
    assert target.block("LOG_STATUS") == before
    assert target.read("STATUS_WORD") == 0x0840  # off, and nothing wrong


@pytest.mark.needs(HANDS)
def test_status_is_true_in_the_very_next_transaction(bench: Bench, target: Target) -> None:
    bus, address = bench.bus, target.address
    for _ in range(20):
        assert bus.transfer([Write(address, b"\x8a"), Read(address, 2)]) == [b"\xff\xff"]
        assert target.read("STATUS_CML") == 0x80
        target.send("CLEAR_FAULTS")
        assert target.read("STATUS_CML") == 0


@pytest.mark.needs(HANDS)
def test_a_limit_that_contradicts_another_is_never_shown(bench: Bench, target: Target) -> None:
    before = target.read("IOUT_OC_WARN_LIMIT")
    for _ in range(5):
        target.write("IOUT_OC_WARN_LIMIT", 5_900)  # the fault limit is 5.5 A
        assert target.read("IOUT_OC_WARN_LIMIT") == before
        assert target.read("STATUS_CML") == 0x40
        target.send("CLEAR_FAULTS")
    bench.clock.sleep(0.3)
    assert target.read("STATUS_CML") == 0


@pytest.mark.needs(HANDS, FAULTS, STEPPED)
def test_a_bus_that_was_held_low_is_free_again(bench: Bench, target: Target) -> None:
    bench.control("bus", fault="scl_low", ms=60)
    with pytest.raises(errors.BusTimeout):
        bench.bus.transfer([Write(target.address, b"\x88"), Read(target.address, 3)])
    assert target.read("READ_VIN") > 11_000
    assert target.read("STATUS_BYTE") & 0x80 == 0


@pytest.mark.needs(HANDS, FAULTS, STEPPED)
@pytest.mark.parametrize("line", ["sda", "scl"])
def test_a_unit_that_holds_the_bus_is_cut_off_and_named(
    bench: Bench, target: Target, line: str
) -> None:
    bench.insert(2)
    bench.clock.sleep(1.0)
    culprit = Target(bench.bus, address_of(2), bench.clock)
    bench.control("hold_bus", slot=2, line=line, ms=60_000)
    assert target.read("READ_VIN") > 11_000  # the others go on
    with pytest.raises(errors.Nack):
        culprit.read("READ_VIN")
    bench.control("bus", fault="ok")
    bench.control("hold_bus", slot=2, line=line, ms=60_000)
    with pytest.raises(errors.Nack) as caught:
        culprit.read("READ_VIN")
    assert "this unit held the bus low" in caught.value.hint
    bench.control("bus", fault="ok")
    bench.control("hold_bus", slot=2, line=line, ms=60_000)
    with pytest.raises(errors.BusTimeout) as held:
        target.send("CLEAR_FAULTS")  # a write is never repeated
    assert "slot 1 answers" in held.value.hint
    bench.remove(2)
    bench.clock.sleep(0.5)
    target.send("CLEAR_FAULTS")


@pytest.mark.needs(HANDS, FAULTS, STEPPED)
@pytest.mark.parametrize("line", ["sda_low", "scl_low"])
def test_a_bus_that_is_held_from_outside(bench: Bench, target: Target, line: str) -> None:
    bench.control("bus", fault=line, ms=2_000)
    with pytest.raises(errors.BusTimeout) as caught:
        target.read("READ_VIN")
    assert "look at the RMC, its cable and the backplane" in caught.value.hint
    bench.clock.sleep(2.0)
    assert target.read("READ_VIN") > 11_000


@pytest.mark.needs(HANDS, FAULTS, STEPPED)
def test_damaged_bytes_are_read_again_and_damaged_writes_discarded(
    bench: Bench, target: Target
) -> None:
    bench.control("bus", fault="flip", count=1)
    assert target.read("READ_VIN") > 11_000
    before = target.read("IOUT_OC_WARN_LIMIT")
    for skipped in range(1, 4):  # the limit's two bytes, and its PEC
        bench.bus.transfer([Write(target.address, b"\x03")])
        damage(bench.bus, target, skipped)
        assert target.read("IOUT_OC_WARN_LIMIT") == before
        assert target.read("STATUS_CML") == 0x20


def damage(bus: Bus, target: Target, index: int) -> None:
    """Write 3 A to IOUT_OC_WARN_LIMIT of slot 1 with one bit of one byte wrong."""
    message = bytearray.fromhex("4a00c3a4")
    message[index] ^= 0x04
    bus.transfer([Write(target.address, bytes(message))])


@pytest.mark.needs(HANDS)
def test_five_units_answer_for_themselves(bench: Bench) -> None:
    for slot in bench.slots:
        bench.insert(slot)
    bench.clock.sleep(1.5)
    serials = set()
    for slot in bench.slots:
        identity = Target(bench.bus, address_of(slot), bench.clock).block("IDENTIFY")
        assert identity["slot"] == slot
        serials.add(identity["serial"])
    assert len(serials) == len(bench.slots)
