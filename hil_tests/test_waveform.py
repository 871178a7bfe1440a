"""The waveform recorder: what it shows is what the circuit did, on both sides of the trigger."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.errors import Absent, Refused
from racklet.power import PowerCommand
from racklet.waveform import Waveform
from racklet_bench.bench import FAULTS, HANDS, RESET, TRACE, Bench
from racklet_wire import power, waveform

pytestmark = pytest.mark.needs(HANDS)

Insert = Callable[..., Bmc]

# Longer than until a capture is shown: it takes 48 ms, and a reply may lag 100 ms behind
# (racklet_base/handlers/dispatcher.py).
CAPTURE_S = 0.25


def captured(bench: Bench, bmc: Bmc) -> Waveform:
    bench.clock.sleep(CAPTURE_S)
    capture = bmc.waveform()
    assert capture is not None
    return capture


def at(capture: Waveform, name: str, ms: float) -> int:
    """The sample at that time from the trigger."""
    status = capture.status
    return capture.samples[name][status.before + round(ms * 1000 / status.frame_us)]


def test_an_armed_recorder_keeps_nothing(bench: Bench, insert: Insert) -> None:
    assert insert(1).waveform() is None


@pytest.mark.needs(TRACE)
def test_a_power_on_is_seen_from_before_it_to_the_risen_rail(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    current, rail = bench.trace(1, "IMON"), bench.trace(1, "V5")
    bmc.power(PowerCommand.ON)
    capture = captured(bench, bmc)
    assert capture.status.cause == waveform.POWER_ON
    times = capture.times_us
    assert times[0] <= -30_000
    assert times[-1] >= 45_000
    before = capture.status.before
    assert max(capture.samples["vout_mv"][: before - 4]) < 50
    assert max(capture.samples["efuse_ma"][: before - 4]) < 50
    # The inrush is the circuit's, to a count of the converter and a frame of its movement.
    window_ns = capture.times_us[-1] * 1000
    began = next(ns for ns, ma in current if ma > 100)
    true_peak = max(ma for ns, ma in current if began <= ns <= began + window_ns)
    assert max(capture.samples["efuse_ma"]) == pytest.approx(true_peak, abs=4)
    assert capture.samples["vout_mv"][-1] == pytest.approx(rail[-1][1], abs=20)
    # And it lies where it was: the eFuse conducts at once, the interrupt may take half a ms.
    first = next(k for k, ma in enumerate(capture.samples["efuse_ma"]) if ma > 100)
    assert -3 <= first - before <= 1


@pytest.mark.needs(FAULTS)
def test_a_short_circuit_shows_the_fall_and_what_was_before(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(1)
    bench.control("short", slot=1)
    bench.clock.sleep(0.5)
    assert bmc.power_state().state == power.FAULT
    capture = captured(bench, bmc)
    assert (capture.status.cause, capture.status.fault_text) == (waveform.FAULT, "short circuit")
    assert capture.samples["vout_mv"][0] > 4_900, "what was before is not there"
    assert at(capture, "vout_mv", -2) > 4_900, "the trigger is not where the rail fell"
    assert at(capture, "vout_mv", 1) < 500
    assert at(capture, "efuse_ma", 2) < 50
    assert min(capture.samples["vin_mv"]) > 10_000


@pytest.mark.needs(FAULTS)
def test_the_first_fault_is_kept_until_it_is_let_go(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.control("short", slot=1)
    bench.clock.sleep(0.5)
    first = captured(bench, bmc)
    bench.control("release", slot=1)
    bmc.power(PowerCommand.ON)
    assert captured(bench, bmc) == first
    with pytest.raises(Refused, match="keeps capture .* of a fault .short circuit."):
        bmc.waveform(trigger=True)
    with pytest.raises(Refused, match="holds capture"):
        bmc.arm_waveform(first.status.number - 1)
    assert bmc.waveform() == first
    bmc.arm_waveform(first.status.number)
    assert bmc.waveform() is None
    assert bmc.waveform(trigger=True) is not None


def test_a_capture_by_command(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(3)
    capture = bmc.waveform(trigger=True)
    assert capture is not None
    assert capture.status.cause == waveform.COMMAND
    measured = bmc.telemetry()
    assert measured.vout_mv is not None
    assert at(capture, "vout_mv", 0) == pytest.approx(measured.vout_mv, rel=0.02)
    assert measured.vin_mv is not None
    assert at(capture, "vin_mv", 0) == pytest.approx(measured.vin_mv, rel=0.02)
    again = bmc.waveform(trigger=True)
    assert again is not None
    assert again.status.number == capture.status.number + 1


def test_a_download_shows_no_mixture_when_another_trigger_comes(
    bench: Bench, insert: Insert
) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    one = captured(bench, bmc)
    other = Bmc(bench.bus, 1, bench.clock)
    transfer, left = bench.bus.transfer, 60

    def disturbed(messages):  # type: ignore[no-untyped-def]
        nonlocal left
        left -= 1
        if left == 0:
            bench.bus.transfer = transfer  # type: ignore[method-assign]
            other.waveform(trigger=True)
        return transfer(messages)

    bench.bus.transfer = disturbed  # type: ignore[method-assign]
    read = bmc.waveform()
    assert left <= 0
    assert read is not None
    assert read.status.number == one.status.number + 1
    assert read == bmc.waveform()


@pytest.mark.needs(RESET)
def test_a_reset_of_the_bmc_forgets_the_capture_and_samples_on(
    bench: Bench, insert: Insert
) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(1)
    bench.reset_bmc(1)
    bench.clock.sleep(2)
    assert bmc.waveform() is None
    capture = bmc.waveform(trigger=True)
    assert capture is not None
    assert at(capture, "vout_mv", 0) > 4_900


def test_a_unit_that_was_pulled_shows_no_sample(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.remove(1)
    bench.clock.sleep(0.5)
    with pytest.raises(Absent, match="slot 1"):
        bmc.waveform()
    with pytest.raises(Absent, match="slot 1"):
        bmc.waveform(trigger=True)
