"""The event log explains what happened, and survives what happened."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.power import PowerCommand
from racklet_bench.bench import FAULTS, HANDS, RESET, Bench
from racklet_wire import events, power
from racklet_wire.address import address_of

pytestmark = pytest.mark.needs(HANDS)

Insert = Callable[..., Bmc]


def states(bmc: Bmc) -> list[int]:
    """The power states that the log tells of, in order."""
    kind = events.KIND_TEXT[events.STATE]
    return [record.fields["state"] for record in bmc.log() if record.kind == kind]


def test_every_change_of_the_rail_is_in_the_log(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bmc.power(PowerCommand.OFF)
    bench.clock.sleep(0.3)  # the flash comes after the rail, and then the bus tells
    assert states(bmc)[-4:] == [power.TURNING_ON, power.ON, power.TURNING_OFF, power.OFF]


def test_sequence_numbers_have_no_gaps(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    sequence = [record.sequence for record in bmc.log()]
    assert sequence == list(range(sequence[0], sequence[0] + len(sequence)))


@pytest.mark.needs(FAULTS)
def test_clearing_faults_leaves_the_log_alone(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.control("short", slot=1)
    bench.clock.sleep(0.5)
    before = list(bmc.log())
    for _ in range(60):
        bmc.clear_faults()
    bench.clock.sleep(0.5)
    assert list(bmc.log()) == before
    assert bmc.power_state().state == power.FAULT


@pytest.mark.needs(RESET)
def test_acknowledging_changes_no_record(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    before = list(bmc.log())
    for record in before:
        bmc.acknowledge_log(record.sequence)
    assert list(bmc.log())[: len(before)] == before
    bench.reset_bmc(1)
    bench.clock.sleep(1)
    assert list(bmc.log())[: len(before)] == before
    status = Target(bench.bus, address_of(1), bench.clock).block("LOG_STATUS")
    assert status["acknowledged"] == before[-1].sequence


def test_records_carry_the_time_of_day_once_it_was_told(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bench.clock.sleep(0.3)  # until what came before is written
    told_ms, began = 1_790_000_000_000, bench.clock.monotonic()
    bmc.set_time(told_ms)
    bench.clock.sleep(0.5)
    before = list(bmc.log())[-1].sequence
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(0.3)
    passed_ms = 1_000 * (bench.clock.monotonic() - began)
    (*older, on) = bmc.log()
    assert on.sequence > before
    assert on.unix_ms is not None
    assert 500 <= on.unix_ms - told_ms <= passed_ms
    assert [record.unix_ms for record in older if record.sequence <= before] == [None] * before


@pytest.mark.needs(RESET)
def test_records_survive_a_reset(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    before = list(bmc.log())
    bench.reset_bmc(1)
    bench.clock.sleep(1)
    after = list(bmc.log())
    assert after[: len(before)] == before
    assert after[-1].generation == before[-1].generation + 1


def test_records_travel_with_a_unit_that_is_pulled(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    before = list(bmc.log())
    bench.remove(1)
    bench.clock.sleep(1)
    bmc = insert(1)
    after = list(bmc.log())
    assert after[: len(before)] == before
    assert power.ABSENT in [
        record.fields["state"]
        for record in after[len(before) :]
        if record.kind == events.KIND_TEXT[events.STATE]
    ], "the removal itself was written in the hold-up time"
