"""TMP1075 on LM75 registers; codes computed by hand (0.0625 C, left by 4)."""

import math
from collections.abc import Callable

import pytest
from racklet_plant import Nack, Unit, World

SENSOR = 0x48
Read = Callable[[int, int, int], int]


@pytest.mark.parametrize(
    ("mc", "word"),
    [
        (25_125, 0x1920),
        (41_500, 0x2980),
        (-10_500, 0xF580),
        (25_062, 0x1910),
        (0, 0),
        (128_000, 0x7FF0),
    ],
)
def test_temperature_codes(unit: Unit, read: Read, mc: int, word: int) -> None:
    unit.parts.sensor.stuck_mc = mc
    assert read(SENSOR, 0, 2) == word


def test_reset_values_and_device_id(unit: Unit, read: Read) -> None:
    assert [read(SENSOR, r, 2) for r in (1, 2, 3, 0x0F)] == [0x00FF, 0x4B00, 0x5000, 0x7500]


def test_power_cycle_brings_the_reset_values_back(unit: Unit, read: Read) -> None:
    unit.port.i2c_transfer(SENSOR, b"\x03\x20\x00")
    unit.parts.power(False)
    unit.parts.power(True)
    assert read(SENSOR, 3, 2) == 0x5000


def test_alert_has_hysteresis(unit: Unit) -> None:
    levels = []
    for mc in (79_900, 80_000, 75_100, 74_900, 79_900):
        unit.parts.sensor.stuck_mc = mc
        levels.append(unit.parts.sensor.alert_n)
    assert levels == [1, 0, 0, 1, 1]


def test_shutdown_holds_the_last_value(unit: Unit, read: Read) -> None:
    unit.parts.sensor.stuck_mc = 30_000
    unit.port.i2c_transfer(SENSOR, b"\x01\x01")
    unit.parts.sensor.stuck_mc = 50_000
    assert read(SENSOR, 0, 2) == 0x1E00


def test_warms_with_the_regulator_and_cools_again(world: World, powered: Unit, read: Read) -> None:
    cold = read(SENSOR, 0, 2)
    powered.compute.draw(4000)
    world.advance(600 * 10**9)
    hot = read(SENSOR, 0, 2)
    # 4 A: 0.16 + 0.28 * 4 + 0.10 * 16 = 2.88 W, 12 K/W above 25 C.
    assert abs(hot / 256 - (25 + 12 * 2.88)) < 0.2
    powered.compute.draw(0)
    world.advance(600 * 10**9)
    assert cold / 256 < read(SENSOR, 0, 2) / 256 < 28


def test_alert_comes_by_itself_when_the_board_is_hot(world: World, powered: Unit) -> None:
    powered.compute.draw(4000)
    powered.parts.set_ambient(60_000)
    alert = powered.trace("LOC_ALERT_N")
    start = world.now_ns
    world.advance(300 * 10**9)
    assert alert.levels == [1, 0]
    end = 60 + 12 * 2.8814  # C, reached with 60 s
    assert powered.parts.body.mc == pytest.approx(1000 * end, rel=0.01)
    taken = (alert[1][0] - start) / 1e9
    assert taken == pytest.approx(-60 * math.log(1 - (80 - 60) / (end - 60)), rel=0.05)
    powered.parts.set_ambient(25_000)
    assert alert.levels == [1, 0, 1]


def test_absent_and_stuck(world: World, powered: Unit, read: Read) -> None:
    powered.parts.sensor.break_down("stuck")
    before = read(SENSOR, 0, 2)
    powered.compute.draw(4000)
    world.advance(600 * 10**9)
    assert read(SENSOR, 0, 2) == before
    powered.parts.sensor.break_down("absent")
    with pytest.raises(Nack):
        read(SENSOR, 0, 2)
