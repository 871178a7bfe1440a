"""Joules: close to the truth, never backwards, and kept through a reset."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.power import PowerCommand
from racklet_bench.bench import HANDS, RESET, STEPPED, Bench

pytestmark = pytest.mark.needs(HANDS, STEPPED)

Insert = Callable[..., Bmc]


def truth(bench: Bench, slot: int) -> tuple[int, int]:
    """Input and output energy in uJ as the simulated world knows it."""
    state = bench.control("state")
    assert isinstance(state, dict)
    unit = next(row for row in state["slots"] if row["slot"] == slot)
    return unit["true_in_uj"], unit["true_out_uj"]


@pytest.mark.long("rp2040")
def test_a_load_is_counted_close_to_the_truth(bench: Bench, insert: Insert) -> None:
    """Within 2 %: the shunt's 1 %, the sensor's own error and the last unread second are in it."""
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(2)
    before, true_before = bmc.energy(), truth(bench, 1)
    bench.clock.sleep(120)
    after, true_after = bmc.energy(), truth(bench, 1)
    assert after.epoch == before.epoch
    for measured, true in (
        (after.in_uj - before.in_uj, true_after[0] - true_before[0]),
        (after.out_uj - before.out_uj, true_after[1] - true_before[1]),
    ):
        assert measured == pytest.approx(true, rel=0.02)


def test_energy_never_goes_backwards(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    last = bmc.energy()
    for _ in range(40):
        bench.clock.sleep(0.25)
        now = bmc.energy()
        assert now.epoch == last.epoch
        assert now.in_uj >= last.in_uj
        assert now.out_uj >= last.out_uj
        last = now


@pytest.mark.long("rp2040")
@pytest.mark.needs(RESET)
def test_a_reset_loses_no_energy(bench: Bench, insert: Insert) -> None:
    """The sensor counts on while the BMC restarts; what it counted is added."""
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(70)  # at least one total was saved
    before, true_before = bmc.energy(), truth(bench, 1)
    bench.reset_bmc(1)
    bench.clock.sleep(10)
    after, true_after = bmc.energy(), truth(bench, 1)
    assert after.epoch == before.epoch
    counted, true = after.out_uj - before.out_uj, true_after[1] - true_before[1]
    assert counted == pytest.approx(true, rel=0.2)
    assert after.out_uj > before.out_uj


def test_energy_and_epoch_travel_with_the_unit(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(30)
    before = bmc.energy()
    bench.remove(1)
    bench.clock.sleep(1)
    bmc = insert(1)
    after = bmc.energy()
    assert after.epoch > before.epoch, "a power cut may have lost something: that is a new epoch"
    assert after.out_uj >= before.out_uj * 9 // 10
