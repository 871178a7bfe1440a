"""Ideal parts, one seed, and the few things every test does to a unit."""

from collections.abc import Callable

import pytest
from racklet_plant import Rack, Unit, World

MS = 1_000_000


class Pins:
    """A unit's pins by net name."""

    def __init__(self, unit: Unit) -> None:
        self._port, self._gpio = unit.port, unit.board.pins

    def drive(self, net: str, level: int | None) -> None:
        self._port.drive(self._gpio[net], level)

    def level(self, net: str) -> int:
        return self._port.level(self._gpio[net])


@pytest.fixture
def world() -> World:
    return World(seed=1)


@pytest.fixture
def rack(world: World) -> Rack:
    return Rack(world, tolerance=0.0)


@pytest.fixture
def unit(world: World, rack: Rack) -> Unit:
    """Seated in slot 1, past power-on reset, 5 V off."""
    unit = rack.slots[1].insert(bounce=False)
    unit.compute.wobble = False
    world.advance(500 * MS)
    return unit


@pytest.fixture
def pins(unit: Unit) -> Pins:
    return Pins(unit)


@pytest.fixture
def powered(world: World, unit: Unit, pins: Pins) -> Unit:
    """`unit` with its latch set and the rail good; draws 1.42 A."""
    unit.compute.draw(1420)
    pins.drive("LATCH_SET", 1)
    world.advance(30 * MS)
    return unit


@pytest.fixture
def read(unit: Unit) -> Callable[[int, int, int], int]:
    """A big-endian register of a part on the local bus: (address, register, bytes)."""

    def read(address: int, register: int, count: int) -> int:
        data = unit.port.i2c_transfer(address, bytes([register]), count)
        return int.from_bytes(data, "big")

    return read
