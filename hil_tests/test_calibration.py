"""Calibration of a unit against a known load: closer to the truth, and kept."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.calibration import Correction, Point, Reference, correct, mean_of
from racklet.errors import Refused
from racklet.measure import Calibration
from racklet.power import PowerCommand
from racklet.uncertainty import of_telemetry
from racklet_bench.bench import FAULTS, HANDS, RESET, STEPPED, TRACE, Bench

pytestmark = pytest.mark.needs(HANDS, FAULTS, STEPPED, TRACE)

Insert = Callable[..., Bmc]

DAY = 20_783


def loaded(bench: Bench, bmc: Bmc, ma: int) -> tuple[int, list[int]]:
    """The current through the shunt, with such a load, and readings of it."""
    bench.control("load", slot=bmc.slot, ma=ma)
    bench.clock.sleep(1)
    true_ma = bench.trace(bmc.slot, "IOUT")[0][1]
    readings = []
    for _ in range(4):
        reading = bmc.telemetry().iout_ma
        assert reading is not None
        readings.append(reading)
        bench.clock.sleep(0.25)
    return true_ma, readings


def most_off(bench: Bench, bmc: Bmc, ma: int) -> int:
    true_ma, readings = loaded(bench, bmc, ma)
    return max(abs(reading - true_ma) for reading in readings)


def calibrated(bench: Bench, bmc: Bmc) -> Correction:
    before = bmc.calibrations()["iout"]
    points = []
    for ma in (0, 1_000, 2_500):
        true_ma, readings = loaded(bench, bmc, ma)
        points.append(Point(true_ma, *mean_of(readings, before.gain_ppm, before.offset_milli)))
    found = correct("iout", points, Reference(500, 0.5), before)
    bmc.calibrate("iout", found, DAY)
    return found


def test_readings_come_closer_to_the_truth(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    as_delivered = most_off(bench, bmc, 3_000)
    calibrated(bench, bmc)
    assert most_off(bench, bmc, 3_000) <= 2 < as_delivered


@pytest.mark.long("rp2040")
def test_the_uncertainty_travels_with_the_readings(bench: Bench, insert: Insert) -> None:
    """Of a unit as delivered and of a calibrated one: the truth lies within."""
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    widths: list[int] = []
    for _ in range(2):
        for ma in (100, 1_000, 3_000):
            off = most_off(bench, bmc, ma)
            width = of_telemetry(bmc.telemetry(), bmc.calibrations())["iout_uncertainty_ma"] or 0
            assert off <= width
        widths.append(width)
        calibrated(bench, bmc)
    assert widths[1] < widths[0] / 3


@pytest.mark.needs(RESET)
def test_it_is_kept_and_counts_for_energy(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    found = calibrated(bench, bmc)
    bench.reset_bmc(1)
    bench.clock.sleep(5)
    kept = bmc.calibrations()["iout"]
    assert (kept.gain_ppm, kept.offset_milli) == (found.gain_ppm, found.offset_milli)
    assert (kept.day, kept.uncertainty_ppm) == (DAY, found.uncertainty_ppm)
    bmc.calibrate("iout", None, 0)
    delivered = bmc.calibrations()["iout"]
    assert delivered == Calibration(0, 0, 0, 13_500, 200, 5_000)


@pytest.mark.long("rp2040")
def test_a_refused_correction_leaves_what_was_stored(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.calibrate("iout", Correction(1_000, 1, 2_000, 300), DAY)
    before = bmc.calibrations()
    with pytest.raises(Refused, match="iout_uncertainty_ppm cannot be 200000"):
        bmc.calibrate("iout", Correction(-2_000, 2, 200_000, 300), DAY + 1)
    bench.clock.sleep(1)
    assert bmc.calibrations() == before
