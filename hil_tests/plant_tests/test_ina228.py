"""INA228 against figures computed by hand from the scales of its data sheet (SLYS021)."""

from collections.abc import Callable

import pytest
from racklet_plant import Unit, World

MS = 1_000_000
OUTPUT = 0x40
Read = Callable[[int, int, int], int]


@pytest.fixture
def ideal(world: World, powered: Unit) -> Unit:
    """Exactly 5.1 V and 1.42 A at the shunt of 5 mOhm; small range, CURRENT_LSB 15.625 uA."""
    world.advance(30 * MS)
    powered.power.output.set(5_100_000, 1_420_000)
    powered.port.i2c_transfer(OUTPUT, bytes([0, 0x00, 0x10]))  # ADCRANGE
    powered.port.i2c_transfer(OUTPUT, bytes([2, 0x10, 0x00]))  # SHUNT_CAL 4096
    world.advance(20 * MS)
    powered.power.output.set(5_100_000, 1_420_000)
    return powered


def test_identity_and_reset_values(unit: Unit, read: Read) -> None:
    assert read(OUTPUT, 0x3E, 2) == 0x5449
    assert read(OUTPUT, 0x3F, 2) == 0x2281
    assert read(OUTPUT, 0x01, 2) == 0xFB68
    assert read(OUTPUT, 0x0C, 2) == 0x7FFF
    assert read(OUTPUT, 0x0D, 2) == 0x8000


@pytest.mark.parametrize(
    ("register", "count", "expected"),
    [
        (0x05, 3, 0x066000),  # 5.1 V / 195.3125 uV = 26112, left by 4
        (0x04, 3, 90_880 << 4),  # 7.1 mV / 78.125 nV
        (0x07, 3, 90_880 << 4),  # 1.42 A / 15.625 uA
        (0x08, 3, 144_840),  # 7.242 W / (3.2 * 15.625 uA)
    ],
)
def test_measured_registers(
    ideal: Unit, read: Read, register: int, count: int, expected: int
) -> None:
    assert read(OUTPUT, register, count) == expected


def test_energy_and_charge_accumulate(world: World, ideal: Unit, read: Read) -> None:
    ideal.port.i2c_transfer(OUTPUT, bytes([0, 0x40, 0x10]))  # RSTACC
    assert read(OUTPUT, 0x09, 5) == 0
    world.advance(3156 * MS)  # 1000 rounds of 3 x 1052 us
    assert read(OUTPUT, 0x09, 5) == 144_840 * 3.156 // 16
    assert read(OUTPUT, 0x0A, 5) == 90_880 * 3.156 // 1


def test_zero_shunt_cal_silences_all_but_the_voltages(
    world: World, ideal: Unit, read: Read
) -> None:
    ideal.port.i2c_transfer(OUTPUT, bytes([2, 0, 0]))
    ideal.port.i2c_transfer(OUTPUT, bytes([0, 0x40, 0x10]))
    world.advance(100 * MS)
    assert [read(OUTPUT, r, n) for r, n in ((7, 3), (8, 3), (9, 5), (10, 5))] == [0, 0, 0, 0]
    assert read(OUTPUT, 0x05, 3) == 0x066000


def test_warm_shunt_reads_high_until_it_is_compensated(
    world: World, ideal: Unit, read: Read
) -> None:
    monitor = ideal.parts.monitors["output"]
    monitor.errors.shunt_tempco_ppm = 75
    ideal.parts.body.ambient_mc = 125_000
    warmth = ideal.parts.body.mc / 1000 - 25
    world.advance(10 * MS)
    assert read(OUTPUT, 7, 3) >> 4 == pytest.approx(90_880 * (1 + 75e-6 * warmth), abs=2)
    ideal.port.i2c_transfer(OUTPUT, bytes([3, 0, 75]))
    ideal.port.i2c_transfer(OUTPUT, bytes([0, 0x00, 0x30]))
    world.advance(10 * MS)
    assert read(OUTPUT, 7, 3) >> 4 == pytest.approx(90_880, abs=2)
    assert read(OUTPUT, 6, 2) == pytest.approx((25 + warmth) / 7.8125e-3, abs=2)


def test_specimens_differ_within_the_data_sheet() -> None:
    world = World(3)
    units = [Unit(world, serial=f"S{k}") for k in range(40)]
    gains = [u.parts.monitors["output"].errors.shunt_gain_ppm for u in units]
    assert len(set(gains)) > 30
    assert max(map(abs, gains)) <= 10_500
    volts = [u.power.buck.set_uv for u in units]
    assert 5_049_000 <= min(volts) < 5_100_000 < max(volts) <= 5_151_000
    limits = [u.power.efuse.limit_ua for u in units]
    assert 3_017_000 <= min(limits) < 3_280_000 < max(limits) <= 3_543_000


def test_reset_clears_the_accumulators_and_the_settings(
    world: World, ideal: Unit, read: Read
) -> None:
    world.advance(100 * MS)
    assert read(OUTPUT, 0x09, 5) > 0
    ideal.port.i2c_transfer(OUTPUT, bytes([0, 0x80, 0x00]))
    assert read(OUTPUT, 0x09, 5) == 0
    assert read(OUTPUT, 0x00, 2) == 0
