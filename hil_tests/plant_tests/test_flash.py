"""SPI NOR: what it can do, how long it takes, and what a power cut leaves."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet_plant import PlantError, World
from racklet_plant.flash import ERASE_NS, PAGE, PROGRAM_NS, SECTOR, Flash


def make(seed: int = 1, size: int = 8 * SECTOR) -> tuple[World, Flash]:
    world = World(seed)
    return world, Flash(world, size, world.stream("flash"))


def settle(world: World) -> None:
    world.advance(ERASE_NS)


@given(st.lists(st.binary(min_size=1, max_size=16), max_size=6), st.integers(0, PAGE - 16))
def test_programming_only_clears_bits(writes: list[bytes], offset: int) -> None:
    world, flash = make()
    expected = bytearray(b"\xff" * 16)
    for data in writes:
        flash.program(offset, data)
        settle(world)
        for k, byte in enumerate(data):
            expected[k] &= byte
    assert flash.read(offset, 16) == expected


def test_erase_sets_one_sector_only() -> None:
    world, flash = make()
    flash[0 : 3 * SECTOR] = bytes(3 * SECTOR)
    assert flash.erase(SECTOR) == ERASE_NS
    settle(world)
    assert flash[0:SECTOR] == bytes(SECTOR)
    assert flash[SECTOR : 2 * SECTOR] == b"\xff" * SECTOR
    assert flash[2 * SECTOR : 3 * SECTOR] == bytes(SECTOR)


def test_operations_take_their_time_and_exclude_each_other() -> None:
    world, flash = make()
    assert flash.program(0, b"\x00") == PROGRAM_NS
    assert flash.busy_until == PROGRAM_NS
    with pytest.raises(PlantError, match="busy"):
        flash.erase(0)
    world.advance(PROGRAM_NS - 1)
    assert flash[0:1] == b"\xff"
    world.advance(1)
    assert flash[0:1] == b"\x00"  # without anybody asking


@pytest.mark.parametrize(
    ("offset", "data"), [(PAGE - 1, b"ab"), (8 * SECTOR, b"a"), (-1, b"a"), (0, bytes(PAGE + 1))]
)
def test_what_the_chip_cannot_do_is_refused(offset: int, data: bytes) -> None:
    _, flash = make()
    with pytest.raises(PlantError):
        flash.program(offset, data)
    assert flash[:] == b"\xff" * len(flash)


def test_erase_off_a_sector_is_refused() -> None:
    _, flash = make()
    with pytest.raises(PlantError, match="not the start"):
        flash.erase(PAGE)


@given(st.integers(0, 1000), st.integers(1, PROGRAM_NS - 1))
def test_torn_page_clears_no_bit_it_was_not_asked_to(seed: int, cut: int) -> None:
    world, flash = make(seed)
    data = bytes(range(PAGE))
    flash.program(0, data)
    world.advance(cut)
    flash.power_down()
    settle(world)
    page = flash[0:PAGE]
    changed = [k for k in range(SECTOR) if flash[k : k + 1] != b"\xff"]
    # A disturbed sector has at most 8 bits flipped elsewhere.
    assert sum((new & old) != old for new, old in zip(page, data, strict=True)) <= 8
    assert len([k for k in changed if k >= PAGE]) <= 8


def test_torn_page_is_torn_and_a_finished_one_is_not() -> None:
    torn = 0
    for seed in range(20):
        world, flash = make(seed)
        flash.program(0, bytes(PAGE))
        world.advance(PROGRAM_NS // 2)
        flash.power_down()
        torn += 0 < sum(byte.bit_count() for byte in flash[0:PAGE]) < PAGE * 8
        flash.program(PAGE, bytes(PAGE))
        world.advance(PROGRAM_NS)
        flash.power_down()
        assert flash[PAGE : 2 * PAGE] == bytes(PAGE)
    assert torn == 20


def test_late_cut_of_an_erase_reads_ff_and_is_weak() -> None:
    world, flash = make()
    flash[0:SECTOR] = bytes(SECTOR)
    flash.erase(0)
    world.advance(ERASE_NS * 9 // 10)
    flash.power_down()
    assert flash.weak
    reads = {flash.read(0, SECTOR) for _ in range(4)}
    assert len(reads) > 1
    flash.power_up()
    assert flash[0:SECTOR] != b"\xff" * SECTOR
    flash.erase(0)
    settle(world)
    assert not flash.weak
    assert flash.read(0, SECTOR) == b"\xff" * SECTOR


def test_early_and_middle_cuts_leave_rubble() -> None:
    for share in (0.1, 0.5):
        world, flash = make()
        flash[0:SECTOR] = b"\xa5" * SECTOR
        flash.erase(0)
        world.advance(round(ERASE_NS * share))
        flash.power_down()
        assert flash[0:SECTOR] not in (b"\xa5" * SECTOR, b"\xff" * SECTOR)


def test_same_seed_tears_the_same() -> None:
    results = []
    for seed in (5, 5, 6):
        world, flash = make(seed)
        flash.program(0, bytes(PAGE))
        world.advance(PROGRAM_NS // 3)
        flash.power_down()
        results.append(flash[0:PAGE])
    assert results[0] == results[1] != results[2]


def test_file_keeps_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "flash"
    world, flash = make()
    flash.attach_file(path)
    flash.program(0, b"kept")
    settle(world)
    assert path.read_bytes()[:4] == b"kept"
    _, other = make()
    other.attach_file(path)
    assert other[0:4] == b"kept"
