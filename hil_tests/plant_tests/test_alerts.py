"""INA228's ALERT: limits, latching, latency, conversion ready, and cost."""

from collections.abc import Callable

import pytest
from racklet_plant import Unit, World

US, MS = 1_000, 1_000_000
INA = 0x40
Read = Callable[[int, int, int], int]


def write(unit: Unit, register: int, word: int) -> None:
    unit.port.i2c_transfer(INA, bytes([register, *word.to_bytes(2, "big")]))


@pytest.fixture
def metered(world: World, powered: Unit) -> Unit:
    write(powered, 0x00, 0x0010)
    world.advance(10 * MS)
    return powered


@pytest.mark.parametrize(
    ("register", "limit", "flag", "draw"),
    [
        (0x0C, 8_000, 0x40, 2500),  # over 2 A: 10 mV / 1.25 uV
        (0x0D, 2_000, 0x20, 300),  # under 0.5 A
        (0x11, 625, 0x04, 2500),  # over 8 W: 8 / (256 * 3.2 * 15.625 uA)
    ],
)
def test_each_limit_has_its_flag(
    world: World, metered: Unit, read: Read, *, register: int, limit: int, flag: int, draw: int
) -> None:
    alert = metered.trace("LOC_ALERT_N")
    write(metered, register, limit)
    assert alert.levels == [1]
    metered.compute.draw(draw)
    world.advance(20 * MS)
    assert alert.levels == [1, 0]
    assert read(INA, 0x0B, 2) & 0xFC == flag
    metered.compute.draw(1420)
    world.advance(20 * MS)
    assert alert.levels == [1, 0, 1]


@pytest.mark.parametrize(("register", "limit", "flag"), [(0x0E, 1_600, 0x10), (0x0F, 1_664, 0x08)])
def test_bus_limits_count_3125_uv(
    world: World, metered: Unit, read: Read, *, register: int, limit: int, flag: int
) -> None:
    write(metered, register, limit)  # 5.0 V over, 5.2 V under
    world.advance(10 * MS)
    assert read(INA, 0x0B, 2) & 0xFC == flag


def test_latched_flag_stays_until_it_is_read(world: World, metered: Unit, read: Read) -> None:
    alert = metered.trace("LOC_ALERT_N")
    write(metered, 0x0B, 0x8000)
    write(metered, 0x0C, 8_000)
    metered.compute.draw(2500)
    world.advance(10 * MS)
    metered.compute.draw(1000)
    world.advance(10 * MS)
    assert alert.levels == [1, 0]
    assert read(INA, 0x0B, 2) & 0x40
    assert alert.levels == [1, 0, 1]


def test_latency_is_the_rest_of_the_cycle_and_one_conversion(world: World, metered: Unit) -> None:
    write(metered, 0x01, 0xA000)  # shunt only, 50 us
    write(metered, 0x0C, 8_000)
    alert = metered.trace("LOC_ALERT_N")
    world.advance(10 * MS + 20 * US)
    start = world.now_ns
    metered.power.output.set(5_100_000, 8_000_000)
    world.advance(1 * MS)
    assert 0 < alert[1][0] - start <= 100 * US


@pytest.mark.parametrize("slow", [False, True])
def test_averages_are_compared_only_with_slowalert(
    world: World, metered: Unit, read: Read, slow: bool
) -> None:
    write(metered, 0x01, 0xFB6A)  # 16 rounds
    write(metered, 0x0B, 0xA000 if slow else 0x8000)
    write(metered, 0x0C, 8_000)
    metered.compute.play([(6_000, 3000), (60_000, 1000)])
    world.advance(66 * MS)
    assert bool(read(INA, 0x0B, 2) & 0x40) is not slow


def test_without_a_limit_nobody_wakes_the_world(world: World, metered: Unit) -> None:
    metered.compute.hang()
    world.advance(1_000 * MS)
    assert world.next_ns() is None
    write(metered, 0x0C, 8_000)
    world.advance(1_000 * MS)
    assert world.next_ns() is None  # armed, but nothing moves


def test_conversion_ready_comes_with_every_cycle(world: World, metered: Unit, read: Read) -> None:
    write(metered, 0x0B, 0x4000)
    seen = 0
    for _ in range(10):
        world.advance(3156 * US)
        seen += bool(read(INA, 0x0B, 2) & 0x0002)
    assert seen == 10
    assert not read(INA, 0x0B, 2) & 0x0002
