"""The lazily counted converter against one that does every conversion by itself."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from racklet_plant import Unit, World
from racklet_plant.meter import Meter
from racklet_plant.monitors import Ina228
from racklet_plant.monitors.errors import PartErrors

US, MS = 1_000, 1_000_000
WINDOWS = (50, 84, 150, 280, 540, 1052, 2074, 4120)
AVERAGES = (1, 4, 16, 64)
Piece = tuple[int, int, int]  # us, uV, uA


def mean(pieces: list[Piece], a: int, b: int, column: int) -> Fraction:
    """Mean of V or I between a and b (ns), from the pieces themselves."""
    total, begin = 0, 0
    for us, *values in pieces:
        end = begin + us * US
        total += values[column] * max(min(end, b) - max(begin, a), 0)
        begin = end
    return Fraction(total, b - a)


@given(
    pieces=st.lists(
        st.tuples(
            st.integers(1, 20_000), st.integers(0, 25_000_000), st.integers(-4_000_000, 4_000_000)
        ),
        min_size=1,
        max_size=12,
    ),
    codes=st.tuples(*[st.integers(0, 7)] * 3),
    average=st.integers(0, 3),
    looks=st.integers(1, 9),
)
@settings(deadline=None, max_examples=60)
def test_energy_charge_and_results_match_a_converter_that_skips_nothing(
    pieces: list[Piece], codes: tuple[int, int, int], average: int, looks: int
) -> None:
    world = World()
    meter = Meter(world)
    ina = Ina228(world, meter, 5_000, PartErrors())
    ina.power(True)
    bus, shunt, temperature = codes
    word = 0xF << 12 | bus << 9 | shunt << 6 | temperature << 3 | average
    ina.write(bytes([0x00, 0x40, 0x10]))
    ina.write(bytes([0x01, *word.to_bytes(2, "big")]))
    for k, (us, v, i) in enumerate(pieces):
        meter.set(v, i)
        world.advance(us * US)
        if k % looks == 0:
            ina.write(b"\x05")
            ina.read(3)  # looking in between changes nothing

    total = sum(us for us, *_ in pieces) * US
    t_shunt, t_bus = WINDOWS[shunt] * US, WINDOWS[bus] * US
    length = t_shunt + t_bus + WINDOWS[temperature] * US
    energy, charge = Fraction(0), Fraction(0)
    block: list[tuple[Fraction, Fraction]] = []
    shown = (Fraction(0), Fraction(0))
    for begin in range(0, total - length + 1, length):
        amps = mean(pieces, begin, begin + t_shunt, 1)
        volts = mean(pieces, begin + t_shunt, begin + t_shunt + t_bus, 0)
        seconds = Fraction(length, 10**9)
        charge += amps / Fraction(15625, 1000) * seconds
        energy += (
            abs(amps) * volts / 10**12 * seconds / (16 * Fraction(32, 10) * Fraction(15625, 10**9))
        )
        block.append((amps, volts))
        if len(block) == AVERAGES[average]:
            n = len(block)
            shown = (
                sum((i for i, _ in block), Fraction(0)) / n,
                sum((v for _, v in block), Fraction(0)) / n,
            )
            block.clear()

    def register(number: int, count: int, signed: bool = False) -> int:
        ina.write(bytes([number]))
        data = ina.read(count)
        assert data is not None
        return int.from_bytes(data, "big", signed=signed)

    rounds = max(total // length, 1)
    # One LSB of rounding in every conversion of the round, and one at the end.
    assert register(0x0A, 5, True) == pytest.approx(float(charge), abs=0.6 * total / 1e9 + 1)
    worst_power = 25 / (3.2 * 15.625e-6) * 15.625e-6 + 4 * 195e-6 / (3.2 * 15.625e-6)
    assert register(0x09, 5) == pytest.approx(
        float(energy), abs=worst_power * rounds * length / 1e9 / 16 + 1
    )
    if AVERAGES[average] > 1:
        assert register(0x07, 3, True) / 16 == pytest.approx(float(shown[0]) / 15.625, abs=1)
        assert register(0x05, 3) / 16 == pytest.approx(float(shown[1]) / 195.3125, abs=1)


def watt_seconds(world: World, unit: Unit, us: list[tuple[int, int]], ms: int) -> float:
    """What the output monitor's ENERGY says of a repeated script, as a share of the truth."""
    read = unit.port.i2c_transfer
    unit.compute.play(us, repeat=True)
    read(0x40, bytes([0x00, 0x40, 0x10]))
    before = unit.power.output.energy_zj
    world.advance(ms * MS)
    joule = int.from_bytes(read(0x40, b"\x09", 5), "big") * 16 * 3.2 * 15.625e-6
    return joule / ((unit.power.output.energy_zj - before) / 1e21)


def test_a_square_wave_at_the_cycle_aliases(world: World, powered: Unit) -> None:
    """Shunt window only while the load is high: the chip sees half as much again, or worse."""
    share = watt_seconds(world, powered, [(1052, 2000), (2104, 200)], 500)
    assert not 0.9 < share < 1.1


def test_a_slow_load_is_metered_well(world: World, powered: Unit) -> None:
    share = watt_seconds(world, powered, [(100_000, 2000), (150_000, 300)], 2000)
    assert share == pytest.approx(1, abs=0.01)


def test_shunt_and_bus_only_is_the_better_plan(world: World, powered: Unit) -> None:
    """Continuous shunt and bus, bus 50 us: the shunt is looked at 95 % of the time."""
    powered.port.i2c_transfer(0x40, bytes([0x01, *0xB1.to_bytes(1, "big"), 0x40]))
    script = [(700, 2500), (2300, 100)]
    assert watt_seconds(world, powered, script, 1000) == pytest.approx(1, abs=0.06)


Read = Callable[[int, int, int], int]


def test_results_appear_at_the_end_of_their_own_conversion(
    world: World, powered: Unit, read: Read
) -> None:
    powered.port.i2c_transfer(0x40, bytes([0x00, 0x00, 0x10]))  # restarts the converter
    powered.power.output.set(5_100_000, 2_000_000)
    world.advance(1052 * US - 1)
    before = read(0x40, 0x07, 3) >> 4
    world.advance(1)
    assert read(0x40, 0x07, 3) >> 4 == 128_000
    assert before != 128_000
    powered.power.output.set(5_000_000, 2_000_000)
    world.advance(1052 * US - 1)
    assert read(0x40, 0x05, 3) >> 4 == pytest.approx(26_096, abs=10)
    world.advance(1)
    assert read(0x40, 0x05, 3) >> 4 == 25_600


def test_energy_overflow_is_flagged_and_wraps(world: World, powered: Unit, read: Read) -> None:
    ina = powered.parts.monitors["output"]
    assert isinstance(ina, Ina228)
    ina.preload(2**40 - 10, 2**39 - 10)
    powered.port.i2c_transfer(0x40, bytes([0x02, 0x10, 0x00]))
    powered.power.output.set(5_100_000, 1_420_000)
    world.advance(100 * MS)
    assert read(0x40, 0x0B, 2) & 0x0C00 == 0x0C00
    assert read(0x40, 0x09, 5) < 2**32
    assert read(0x40, 0x0B, 2) & 0x0C00 == 0x0400
    assert read(0x40, 0x0A, 5) > 2**39  # negative: it went over the top
    assert not read(0x40, 0x0B, 2) & 0x0C00
