"""Peaks: extremes of a window, and what a power-on took, each with its time."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.power import PowerCommand
from racklet_bench.bench import FAULTS, HANDS, STEPPED, TRACE, Bench

pytestmark = pytest.mark.needs(HANDS, STEPPED)

Insert = Callable[..., Bmc]


@pytest.mark.needs(FAULTS)
def test_a_window_shows_the_load_that_came_and_went(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.control("load", slot=1, ma=600)
    bench.clock.sleep(2)
    begin = bmc.energy().taken_ms
    bench.control("load", slot=1, ma=2_400)
    bench.clock.sleep(1.5)
    end = bmc.energy().taken_ms
    bench.control("load", slot=1, ma=600)
    bench.clock.sleep(2)
    window = next(w for w in bmc.windows(under_way=True) if w.quantity == "iout_ma")
    assert window.highest == pytest.approx(2_400, rel=0.02)
    assert begin - 1_000 <= window.highest_ms <= end + 1_000  # `taken_ms` is up to 1 s old
    assert window.lowest < 20, "before it was switched on"
    assert window.lowest_ms < window.highest_ms
    assert window.lowest < window.mean < window.highest
    assert window.begin_ms <= window.lowest_ms
    assert window.highest_ms <= window.end_ms


@pytest.mark.needs(TRACE)
def test_a_power_on_leaves_its_inrush_energy_and_times(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bench.clock.sleep(1)
    own_mw, before = bmc.telemetry().pin_mw, bmc.energy()
    assert own_mw is not None
    enable, good, current = (bench.trace(1, net) for net in ("EN", "PG_ALL", "IOUT"))
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(2)
    bmc.power(PowerCommand.OFF)
    bench.clock.sleep(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(2)
    second, first = bmc.power_ons()[:2]
    assert (first.number, second.number) == (1, 2)
    assert second.begin_ms - first.begin_ms > 3_000
    set_ns = next(ns for ns, level in enable if level)
    good_ns = next(ns for ns, level in good if level and ns > set_ns)
    assert first.rise_ms is not None
    late_ms = first.rise_ms - (good_ns - set_ns) / 1e6
    assert -2 < late_ms < 50, "the rise ends when the firmware sees it"
    true_peak_ma = max(ma for ns, ma in current if set_ns <= ns <= good_ns + 50_000_000)
    assert first.inrush_ma is not None
    assert 0 < first.inrush_ma <= true_peak_ma * 1.02 + 5, "more than there was"
    assert first.inrush_ms is not None
    assert first.own_mw == pytest.approx(own_mw, rel=0.05)
    assert first.rise_in_uj is not None and first.rise_out_uj is not None
    used = bmc.energy()
    assert 0 < first.rise_out_uj < used.out_uj - before.out_uj
    assert first.rise_out_uj < first.rise_in_uj < used.in_uj - before.in_uj
