"""Energy over the loads of a day, against an ideal reader of the sensors' registers.

The whole firmware on the bench, seconds of each load; the long lives are in
firmware/tests/metering.
"""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.power import PowerCommand
from racklet.records import Energy
from racklet_bench.bench import FAULTS, HANDS, STEPPED, Bench

pytestmark = pytest.mark.needs(HANDS, FAULTS, STEPPED)

Insert = Callable[..., Bmc]
Totals = tuple[int, int]

CYCLE_US = 1_102  # of the output monitor's converter: shunt 1,052 us, bus 50 us
SCRIPTS = {
    "idle": ([[1_000_000, 600]], 20),
    "bursts of 1 ms": ([[1_000, 2_000], [49_000, 600]], 20),
    "square wave at the sampling rate": ([[CYCLE_US, 1_340], [CYCLE_US, 600]], 5),
}


def ideal(bench: Bench, slot: int) -> Totals:
    """What an ideal reader of the registers has totalled by now, in uJ."""
    state = bench.control("state")
    assert isinstance(state, dict)
    unit = next(row for row in state["slots"] if row["slot"] == slot)
    return unit["ideal_in_uj"], unit["ideal_out_uj"]


def fresh(bench: Bench, bmc: Bmc) -> tuple[Energy, Totals]:
    """Totals just after the BMC took them, and those of the ideal reader then."""
    old = bmc.energy().taken_ms
    for _ in range(200):
        energy = bmc.energy()
        if energy.taken_ms != old:
            return energy, ideal(bench, bmc.slot)
        bench.clock.sleep(0.010)
    raise AssertionError("the BMC has not counted for 2 s")


def agree(before: tuple[Energy, Totals], after: tuple[Energy, Totals]) -> None:
    """Within 0.1 % of the ideal reader, and of what flows until the block is read."""
    (energy, (in_uj, out_uj)), (now, (in_now_uj, out_now_uj)) = before, after
    assert now.epoch == energy.epoch
    assert in_now_uj > in_uj
    assert now.in_uj - energy.in_uj == pytest.approx(in_now_uj - in_uj, rel=0.001, abs=500_000)
    assert now.out_uj - energy.out_uj == pytest.approx(out_now_uj - out_uj, rel=0.001, abs=500_000)


def test_a_boot(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    before = fresh(bench, bmc)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(40)
    agree(before, fresh(bench, bmc))


@pytest.mark.parametrize("load", SCRIPTS)
def test_a_load_that_repeats(bench: Bench, insert: Insert, load: str) -> None:
    steps, seconds = SCRIPTS[load]
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.control("script", slot=1, steps=steps)
    before = fresh(bench, bmc)
    bench.clock.sleep(seconds)
    agree(before, fresh(bench, bmc))


def test_a_register_that_wraps(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.control("counts", slot=1, name="output", energy=2**40 - 10_000)  # 8 J to the wrap
    before = fresh(bench, bmc)
    bench.clock.sleep(20)
    agree(before, fresh(bench, bmc))


def test_errors_on_the_local_bus_lose_nothing(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    before = fresh(bench, bmc)
    for count in (1, 3, 8, 20, 2, 5):
        bench.clock.sleep(2.3)
        bench.control("local_bus", slot=1, count=count)
    bench.clock.sleep(5)
    agree(before, fresh(bench, bmc))


def test_a_power_cut_takes_no_more_than_its_bound(bench: Bench, insert: Insert) -> None:
    """A minute, or 1 kJ; and what came after it is a new epoch."""
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(7)
    before, _ = fresh(bench, bmc)
    bench.remove(1)
    bench.clock.sleep(3)
    bmc = insert(1)
    after, ideal_after = fresh(bench, bmc)
    assert after.epoch > before.epoch
    for had, has, most in zip(
        (before.in_uj, before.out_uj), (after.in_uj, after.out_uj), ideal_after, strict=True
    ):
        assert had - has <= min(1_000_000_000, had)
        assert has <= most
