"""Messages without a pause between them, which the byte mover finds behind one another in the FIFO:
to do a write takes it 0.2 to 0.5 ms, in which at 400 kHz several more come."""

import pytest
from racklet_bench.rp2040 import EmulatedRack
from racklet_plant.smbus import Message, Read, Write
from racklet_wire.commands import code_of
from racklet_wire.pec import crc8

MS, US = 1_000_000, 1_000
ADDRESS = 0x11
PAGE, CLEAR_FAULTS, QUERY = code_of("PAGE"), code_of("CLEAR_FAULTS"), code_of("QUERY")
STATUS_CML, SETTING_WRITE = code_of("STATUS_CML"), code_of("SETTING_WRITE")
OTHER = 0x02


def write(*data: int) -> list[Message]:
    return [Write(ADDRESS, bytes((*data, crc8(bytes((ADDRESS << 1, *data))))))]


def read(*data: int, size: int = 1) -> list[Message]:
    return [Write(ADDRESS, bytes(data)), Read(ADDRESS, size)]


@pytest.fixture(scope="module")
def booted() -> EmulatedRack:
    rack = EmulatedRack()
    rack.plant.bus.hz = 400_000
    rack.plant.slots[1].insert()
    rack.run_until(5_000 * MS)
    return rack


@pytest.fixture
def rack(booted: EmulatedRack) -> EmulatedRack:
    """Idle, and nothing reported."""
    booted.transfer(write(CLEAR_FAULTS))
    booted.run_until(booted.world.now_ns + 20 * MS)
    return booted


@pytest.mark.parametrize("before_us", range(0, 150, 10))
@pytest.mark.parametrize("gap_us", [0, 40, 80, 120])
def test_no_write_of_a_row_is_lost(rack: EmulatedRack, before_us: int, gap_us: int) -> None:
    value = 0xFF if (before_us // 10 + gap_us // 40) % 2 else 0
    rack.transfer(read(QUERY, 1, PAGE, size=3))
    rack.transfer(write(CLEAR_FAULTS))
    rack.run_until(rack.world.now_ns + before_us * US)
    rack.transfer(write(CLEAR_FAULTS))
    rack.run_until(rack.world.now_ns + gap_us * US)
    rack.transfer(write(PAGE, value))
    assert rack.transfer(read(PAGE))[0][0] == value
    assert rack.transfer(read(STATUS_CML))[0][0] == 0


@pytest.mark.parametrize("hz", [100_000, 400_000])
@pytest.mark.parametrize("size", range(4, 24))
def test_a_start_inside_a_write_is_not_its_stop(rack: EmulatedRack, hz: int, size: int) -> None:
    """Right behind another message, whose STOP is told late."""
    rack.plant.bus.hz = hz
    rack.transfer([Write(ADDRESS, bytes([CLEAR_FAULTS]))])
    data = bytes((SETTING_WRITE, 6, *range(32)))[:size]
    rack.transfer([Write(ADDRESS, data), *read(STATUS_CML)])
    rack.plant.bus.hz = 400_000
    assert rack.transfer(read(STATUS_CML))[0][0] == OTHER
