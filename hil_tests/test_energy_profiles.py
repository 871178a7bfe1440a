"""Energy over the loads of a day, against an ideal reader of the sensors' registers.

The whole firmware on the bench, seconds of each load (ENERGY_S); the long lives are in
firmware/tests/metering.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from racklet.bmc import Bmc
from racklet.power import PowerCommand
from racklet.records import Energy
from racklet_bench.bench import FAULTS, HANDS, STEPPED, Bench

pytestmark = pytest.mark.needs(HANDS, FAULTS, STEPPED)

Insert = Callable[..., Bmc]

SECONDS = float(os.environ.get("ENERGY_S", "0"))  # of each profile, instead of what it takes here
_ROUNDING_UJ = 10_000  # both times are in whole ms

CYCLE_US = 1_102  # of the output monitor's converter: shunt 1,052 us, bus 50 us
SCRIPTS = {
    "idle": ([[1_000_000, 600]], 20),
    "bursts of 1 ms": ([[1_000, 2_000], [49_000, 600]], 20),
    "square wave at the sampling rate": ([[CYCLE_US, 1_340], [CYCLE_US, 600]], 5),
}


@dataclass(frozen=True)
class Look:
    """One count of the BMC's, and what the ideal reader had when it was seen on the bus."""

    energy: Energy
    ideal_uj: tuple[int, int]
    seen_ms: float
    power_mw: tuple[int, int]


def ideal(bench: Bench, slot: int) -> tuple[int, int]:
    """What an ideal reader of the registers has totalled by now, in uJ."""
    state = bench.control("state")
    assert isinstance(state, dict)
    unit = next(row for row in state["slots"] if row["slot"] == slot)
    return unit["ideal_in_uj"], unit["ideal_out_uj"]


def fresh(bench: Bench, bmc: Bmc) -> Look:
    """The next count of the BMC's, soon after it was made."""
    old = bmc.energy().taken_ms
    for _ in range(200):
        energy = bmc.energy()
        if energy.taken_ms != old:
            ideal_uj, seen_ms = ideal(bench, bmc.slot), bench.clock.monotonic() * 1000
            now = bmc.telemetry()
            return Look(energy, ideal_uj, seen_ms, (now.pin_mw or 0, now.pout_mw or 0))
        bench.clock.sleep(0.010)
    raise AssertionError("the BMC has not counted for 2 s")


def agree(before: Look, after: Look) -> None:
    """Within 0.1 % of the ideal reader.

    Some ms pass from a count until it is seen; by how much more at one end than at the other
    the BMC's own time tells, and that at the power of the end is taken off. So the power has to
    be about the same at both ends.
    """
    now, then = after.energy, before.energy
    assert now.epoch == then.epoch
    late_ms = (after.seen_ms - before.seen_ms) - (now.taken_ms - then.taken_ms)
    pairs = ((now.in_uj, then.in_uj), (now.out_uj, then.out_uj))
    for side, (has, had) in enumerate(pairs):
        flowed = after.ideal_uj[side] - before.ideal_uj[side]
        expected = flowed - late_ms * after.power_mw[side]
        assert expected > 0
        assert has - had == pytest.approx(expected, rel=0.001, abs=_ROUNDING_UJ)


def start(bench: Bench, bmc: Bmc) -> None:
    """On, and past the boot, which draws more: the same power at both ends."""
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(3)


@pytest.mark.long("rp2040")
def test_a_boot(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    before = fresh(bench, bmc)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(SECONDS or 40)
    bmc.power(PowerCommand.OFF)  # the same power at both ends, so that `agree` is exact
    agree(before, fresh(bench, bmc))


@pytest.mark.parametrize(
    "load",
    [
        "idle",
        pytest.param("bursts of 1 ms", marks=pytest.mark.long("rp2040")),
        pytest.param("square wave at the sampling rate", marks=pytest.mark.long("rp2040")),
    ],
)
def test_a_load_that_repeats(bench: Bench, insert: Insert, load: str) -> None:
    steps, seconds = SCRIPTS[load]
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.control("script", slot=1, steps=steps)
    before = fresh(bench, bmc)
    bench.clock.sleep(SECONDS or seconds)
    agree(before, fresh(bench, bmc))


def test_a_register_that_wraps(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    start(bench, bmc)
    bench.control("counts", slot=1, name="output", energy=2**40 - 10_000)  # 8 J to the wrap
    before = fresh(bench, bmc)
    bench.clock.sleep(SECONDS or 20)
    agree(before, fresh(bench, bmc))


@pytest.mark.long("rp2040")
def test_a_current_that_flows_backwards_counts_as_the_register_has_it(
    bench: Bench, insert: Insert
) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.control("load", slot=1, ma=20)
    bench.control("backfeed", slot=1, mv=5_300, ohm=1)
    bench.clock.sleep(1)
    assert (bmc.telemetry().iout_ma or 0) < -50
    before = fresh(bench, bmc)
    bench.clock.sleep(SECONDS or 20)
    agree(before, fresh(bench, bmc))


@pytest.mark.long("rp2040")
def test_a_sensor_that_is_reset_loses_a_look_and_invents_nothing(
    bench: Bench, insert: Insert
) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.control("load", slot=1, ma=600)
    before = fresh(bench, bmc)
    bench.clock.sleep(0.7)
    bench.control("sensor", slot=1, name="output", fault="reset")
    bench.clock.sleep(SECONDS or 10)
    after = fresh(bench, bmc)
    assert after.energy.epoch == before.energy.epoch + 1
    counted = after.energy.out_uj - before.energy.out_uj
    lost = after.ideal_uj[1] - before.ideal_uj[1] - counted
    assert -_ROUNDING_UJ < lost < 5_000_000  # 3 W for a second and what it was at


def test_errors_on_the_local_bus_lose_nothing(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    start(bench, bmc)
    before = fresh(bench, bmc)
    for count in (1, 3, 8, 20, 2, 5):
        bench.clock.sleep(SECONDS / 6 or 2.3)
        bench.control("local_bus", slot=1, count=count)
    bench.clock.sleep(5)
    agree(before, fresh(bench, bmc))


def test_a_power_cut_takes_no_more_than_its_bound(bench: Bench, insert: Insert) -> None:
    """A minute, or 1 kJ; and what came after it is a new epoch."""
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(SECONDS or 7)
    before = fresh(bench, bmc).energy
    bench.remove(1)
    bench.clock.sleep(3)
    bmc = insert(1)
    look = fresh(bench, bmc)
    after = look.energy
    assert after.epoch > before.epoch
    for had, has, most in zip(
        (before.in_uj, before.out_uj), (after.in_uj, after.out_uj), look.ideal_uj, strict=True
    ):
        assert had - has <= min(1_000_000_000, had)
        assert has <= most
