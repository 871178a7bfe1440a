"""A controller that steps through a transaction by hand, with pauses between its steps.

Time between steps is idle time of the bus, with both lines high, so the BMC waits.
"""

from collections.abc import Iterator

import pytest
from racklet_plant.cosim import VirtualRack
from racklet_wire.pec import crc8

MS = 1_000_000
ADDRESS = 0x11


@pytest.fixture
def rack() -> Iterator[VirtualRack]:
    with VirtualRack(1, speed_up=10) as made:
        made.control("insert", slot=1)
        made.run_until(1_000 * MS)
        yield made


def pause(rack: VirtualRack, ms: int) -> None:
    rack.run_until(rack.world.now_ns + ms * MS)


@pytest.mark.parametrize("ms", [0, 20, 900])
def test_a_read_with_pauses(rack: VirtualRack, ms: int) -> None:
    bus = rack.bus
    assert bus.start(ADDRESS, False)
    pause(rack, ms)
    assert bus.write(0x99)
    pause(rack, ms)
    assert bus.start(ADDRESS, True)
    reply = bytearray()
    for index in range(9):
        pause(rack, ms)
        reply.append(bus.read(index < 8))
    bus.stop()
    assert reply[:-1] == b"\x07RACKLET"
    assert crc8(bytes([0x22, 0x99, 0x23]) + reply) == 0


@pytest.mark.parametrize("ms", [0, 20, 900])
def test_a_write_with_pauses(rack: VirtualRack, ms: int) -> None:
    bus = rack.bus
    bus.start(ADDRESS, False)
    for byte in (0x4A, 0x00, 0xC3):
        pause(rack, ms)
        assert bus.write(byte)
    bus.stop()
    bus.start(ADDRESS, False)
    bus.write(0x4A)
    bus.start(ADDRESS, True)
    assert bytes([bus.read(True), bus.read(False)]) == b"\x00\xc3"
    bus.stop()


def test_a_clock_held_low_in_mid_transaction_frees_the_target(rack: VirtualRack) -> None:
    bus = rack.bus
    bus.start(ADDRESS, False)
    bus.write(0xD0)
    bus.start(ADDRESS, True)
    assert bus.read(True) == 32
    rack.control("bus", fault="scl_low", ms=60)
    pause(rack, 70)
    assert bus.read(False) == 0xFF  # nobody drives the line any more
    bus.stop()
    bus.start(ADDRESS, False)
    bus.write(0x7E)
    bus.start(ADDRESS, True)
    assert bus.read(False) == 0x02
    bus.stop()
