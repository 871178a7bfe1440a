"""A unit answers on the bus while it is there, and only then."""

import pytest
from racklet import errors
from racklet.bus import Bus, Read, Write
from racklet_bench.bench import HANDS, RESET, STEPPED, Bench

CAPABILITY = 0x19


def answers(bus: Bus, slot: int) -> bool:
    """Whether a BMC acknowledges its address and a command."""
    try:
        bus.transfer([Write(0x10 + slot, bytes([CAPABILITY])), Read(0x10 + slot, 1)])
    except errors.Nack:
        return False
    return True


def seconds_until(bench: Bench, slot: int, wanted: bool, limit: float) -> float:
    """Bench time until the slot answers (or no longer does); fails after `limit` seconds."""
    begin = bench.clock.monotonic()
    while answers(bench.bus, slot) != wanted:
        bench.clock.sleep(0.005)
        waited = bench.clock.monotonic() - begin
        assert waited < limit, f"slot {slot} answers: {not wanted} after {waited:.3f} s"
    return bench.clock.monotonic() - begin


def test_an_empty_slot_does_not_answer(bench: Bench) -> None:
    assert not any(answers(bench.bus, slot) for slot in bench.slots)


@pytest.mark.needs(HANDS, STEPPED)
def test_an_inserted_unit_answers_within_650_ms(bench: Bench) -> None:
    bench.insert(3)
    seconds_until(bench, 3, True, limit=0.650)
    assert [slot for slot in bench.slots if answers(bench.bus, slot)] == [3]


@pytest.mark.needs(HANDS, STEPPED)
def test_a_removed_unit_is_gone_within_250_ms(bench: Bench) -> None:
    bench.insert(2)
    seconds_until(bench, 2, True, limit=0.650)
    bench.remove(2)
    seconds_until(bench, 2, False, limit=0.250)


@pytest.mark.needs(HANDS, RESET, STEPPED)
def test_a_reset_bmc_comes_back(bench: Bench) -> None:
    bench.insert(1)
    seconds_until(bench, 1, True, limit=0.650)
    bench.reset_bmc(1)
    assert not answers(bench.bus, 1)
    seconds_until(bench, 1, True, limit=0.650)
