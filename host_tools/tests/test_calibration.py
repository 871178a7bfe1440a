"""What follows from a reference's values beside readings, and what makes no sense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet.calibration import Point, Reference, correct, mean_of
from racklet.errors import Refused, UsageError
from racklet.measure import Calibration

DELIVERED = Calibration(0, 0, 0, 13_500, 200, 5_000)
METER = Reference(1_000, 1)


def points_of(gain_ppm, offset, *values):
    """A unit that is off so: what it reads when the reference says `values`."""
    return [Point(value, (value - offset) / (1 + gain_ppm / 1e6), 0.1) for value in values]


@pytest.mark.parametrize(
    ("text", "ppm", "milli"),
    [
        ("0.1%", 1_000, 0),
        ("0.1 % + 2 mA", 1_000, 2),
        ("500ppm+0.002A", 500, 2),
        (".5mA", 0, 0.5),
    ],
)
def test_an_uncertainty_as_people_write_it(text, ppm, milli):
    reference = Reference.parse(text, "mA")
    assert (reference.ppm, reference.milli) == pytest.approx((ppm, milli))


@pytest.mark.parametrize("text", ["", "1", "2mV", "0.1%+", "-1%", "1%2mA", "0%", "nan%"])
def test_what_is_no_uncertainty(text):
    with pytest.raises(UsageError):
        Reference.parse(text, "mA")


def test_a_reference_worse_than_the_unit():
    with pytest.raises(Refused, match="no better than the unit"):
        Reference.parse("2%", "mA")


@given(st.integers(-15_000, 15_000), st.integers(-90, 90))
def test_gain_and_offset_are_found(gain_ppm, offset):
    found = correct("iout", points_of(gain_ppm, offset, 0, 1_000, 3_000), METER, DELIVERED)
    assert abs(found.gain_ppm - gain_ppm) <= 1
    assert found.offset_milli == offset


@given(
    st.integers(-15_000, 15_000),
    st.floats(-90, 90),
    st.floats(-1, 1),
    st.floats(-1, 1),
    st.integers(0, 5_000),
)
def test_the_truth_lies_within_the_uncertainty(gain_ppm, offset, gain_off, zero_off, load):
    """Whatever the unit is off by, and however the reference is within its own bounds."""
    points = points_of(gain_ppm, offset, 0, 1_000, 3_000)
    seen = [
        Point(p.reference * (1 + gain_off * METER.ppm / 1e6) + zero_off * METER.milli, p.raw, 0.1)
        for p in points
    ]
    found = correct("iout", seen, METER, DELIVERED)
    (true,) = points_of(gain_ppm, offset, load)
    off = abs(true.raw * (1 + found.gain_ppm / 1e6) + found.offset_milli - load)
    assert off <= load * found.uncertainty_ppm / 1e6 + found.uncertainty_micro / 1e3


def test_without_load_only_the_offset_changes():
    before = Calibration(-4_000, 3, 20_000, 2_000, 300, 5_000)
    found = correct("iout", points_of(0, 7, 0, 0.5), METER, before)
    assert (found.gain_ppm, found.offset_milli, found.uncertainty_ppm) == (-4_000, 7, 2_000)


def test_one_load_changes_the_gain_and_keeps_the_doubt_about_the_offset():
    found = correct("vout", points_of(1_200, 0, 5_100), Reference(100, 0), DELIVERED)
    assert (found.gain_ppm, found.offset_milli) == (1_200, 0)
    assert found.uncertainty_ppm >= 100
    assert found.uncertainty_micro >= DELIVERED.uncertainty_micro


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([], "no point"),
        (points_of(25_000, 0, 0, 1_000), r"off by \+2.5 %"),
        (points_of(0, 150, 0, 1_000), r"off by \+150 mA without load"),
        ([Point(0, 0, 0), Point(1, 1_000, 0)], "without load"),  # amperes typed for milliamperes
        ([*points_of(0, 0, 0, 1_000, 3_000), Point(2_000, 2_050, 0)], "lie on no line"),
        ([Point(0, 500, 0), Point(1_000, 500, 0)], "reads the same"),
        ([Point(1_000, 0, 0)], "more than any good one"),
    ],
)
def test_nonsense_is_refused(points, words):
    with pytest.raises(Refused, match=words):
        correct("iout", points, METER, DELIVERED)


def test_a_mean_takes_the_correction_out_and_tells_its_noise():
    mean, noise = mean_of([1_005, 1_007], 2_000, 4)
    assert mean == pytest.approx(1_002 / 1.002)
    assert noise == pytest.approx(2 * (2 / 1.002) / 2**0.5 / 2**0.5)
    assert mean_of([3], 0, 0) == (3, 0)
