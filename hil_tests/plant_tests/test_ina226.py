"""INA226 behind the same pads, against figures of its data sheet (SBOS547)."""

from collections.abc import Callable

import pytest
from racklet_plant import Rack, Unit, World

MS = 1_000_000
INPUT = 0x41
Read = Callable[[int, int, int], int]


@pytest.fixture
def rack(world: World) -> Rack:
    return Rack(world, tolerance=0.0, input_monitor="ina226")


@pytest.fixture
def ideal(world: World, powered: Unit) -> Unit:
    """19 V and 1.42 A in 10 mOhm, CURRENT_LSB 200 uA (CAL 0A00)."""
    powered.port.i2c_transfer(INPUT, bytes([5, 0x0A, 0x00]))
    powered.power.input.set(19_000_000, 1_420_000)
    world.advance(10 * MS)
    return powered


def test_identity_and_reset_value(unit: Unit, read: Read) -> None:
    assert [read(INPUT, r, 2) for r in (0xFE, 0xFF, 0x00)] == [0x5449, 0x2260, 0x4127]


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        (1, 0x1630),  # 14.2 mV / 2.5 uV
        (2, 15_200),  # 19 V / 1.25 mV
        (4, 7_100),  # 1.42 A / 200 uA
        (3, 5_396),  # 7100 * 15200 / 20000
    ],
)
def test_measured_registers(ideal: Unit, read: Read, register: int, expected: int) -> None:
    assert read(INPUT, register, 2) == expected


def test_averaging_holds_the_old_value_until_all_rounds_are_done(
    world: World, ideal: Unit, read: Read
) -> None:
    ideal.port.i2c_transfer(INPUT, bytes([0, 0x45, 0x27]))  # 16 rounds of 2 x 1.1 ms
    ideal.power.input.set(19_000_000, 2_840_000)
    world.advance(35 * MS)
    assert read(INPUT, 4, 2) == 7_100
    world.advance(1 * MS)
    assert read(INPUT, 4, 2) == 14_200


def test_triggered_mode_converts_once(world: World, ideal: Unit, read: Read) -> None:
    ideal.port.i2c_transfer(INPUT, bytes([0, 0x41, 0x23]))
    world.advance(10 * MS)
    assert read(INPUT, 6, 2) & 0x0008  # conversion ready
    ideal.power.input.set(19_000_000, 2_840_000)
    world.advance(10 * MS)
    assert read(INPUT, 4, 2) == 7_100


def test_alert_on_one_function_at_a_time(world: World, ideal: Unit, read: Read) -> None:
    ideal.port.i2c_transfer(INPUT, bytes([7, 0x20, 0x00]))  # 8192 * 2.5 uV = 20.5 mV
    ideal.port.i2c_transfer(INPUT, bytes([6, 0x80, 0x00]))  # shunt over
    alert = ideal.trace("LOC_ALERT_N")
    ideal.power.input.set(19_000_000, 2_200_000)
    world.advance(10 * MS)
    assert alert.levels == [1, 0]
    assert read(INPUT, 6, 2) & 0x0010
    ideal.power.input.set(19_000_000, 1_000_000)
    world.advance(10 * MS)
    assert alert.levels == [1, 0, 1]
