"""Windows, power-ons and uncertainties as the client reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet import measure, uncertainty
from racklet.bmc import Bmc
from racklet.errors import BadReply
from racklet.measure import PowerOn, stagger_ms
from racklet_wire import blocks


@pytest.fixture
def unit(bus):
    return bus.insert(1)


@pytest.fixture
def bmc(bus, unit, clock):
    return Bmc(bus, 1, clock)


def test_windows_are_those_with_values(bmc):
    (window,) = bmc.windows()
    assert (window.quantity, window.lowest, window.highest) == ("iout_ma", 12, 1_850)
    assert window.highest_ms == 30_500
    assert bmc.windows(under_way=True) == []


def test_times_are_those_of_the_whole_uptime(bmc, unit):
    """60 days up: the 32-bit times of the window have wrapped."""
    uptime_ms = 60 * 86_400_000
    unit.blocks["ENERGY"]["taken_ms"] = uptime_ms
    unit.pages[0x04][1].update(end_ms=(uptime_ms - 500) % 2**32)
    assert bmc.windows()[0].end_ms == uptime_ms - 500


@given(st.integers(0, 2**50), st.integers(-(2**30), 2**30))
def test_a_short_time_is_found_again(uptime_ms, before_ms):
    when = max(uptime_ms - before_ms, 0)
    assert measure._long(when % 2**32, uptime_ms) == when


def test_power_ons_and_the_stagger_they_ask_for(bmc, unit):
    (first,) = bmc.power_ons()
    assert (first.rise_ms, first.inrush_ma, first.own_mw) == (19, 1_320, 450)
    assert stagger_ms([first]) == 30
    unit.pages[0x10][1].update(rise_ms=blocks.UNKNOWN_U16, rise_in_uj=blocks.UNKNOWN_U32)
    (failed,) = bmc.power_ons()
    assert (failed.rise_ms, failed.rise_in_uj) == (None, None)
    assert stagger_ms([failed]) is None


def test_the_slowest_of_all_units_sets_the_stagger():
    ons = [
        PowerOn(1, 0, rise_ms, None, None, None, None, None, None, None)
        for rise_ms in (15, None, 41)
    ]
    assert stagger_ms(ons) == 70


def test_sensors_and_why_they_are_not_believed(bmc):
    sensors = bmc.sensors()
    assert sensors["output"].reason is None
    assert (sensors["temperature"].reason, sensors["temperature"].errors) == ("no answer", 17)


def test_a_picture_that_does_not_come_is_not_waited_for_for_ever(bmc, unit, clock):
    unit.refused_items = (0x10,)
    with pytest.raises(BadReply, match="does not show what was selected"):
        bmc.power_ons()
    assert clock.now_s < 1


def test_uncertainty_of_every_reading(bmc):
    """iout: 1.35 % of 600 mA, 0.2 mA, the last digit; power: both in quadrature."""
    off = uncertainty.of_telemetry(bmc.telemetry(), bmc.calibrations())
    assert off["vout_uncertainty_mv"] == 7  # 2.55 + 2.5 -> 6, and the digit
    assert off["iout_uncertainty_ma"] == 10  # 8.1 + 0.2 -> 9, and the digit
    assert off["pout_uncertainty_mw"] == 44  # hypot(5.103 * 8.3, 0.6 * 5.05) -> 43, and the digit
    assert off["temperature_uncertainty_mc"] is None  # its reading is unknown
    energy = uncertainty.of_energy(bmc.energy(), bmc.calibrations())
    assert energy["out_uncertainty_uj"] == pytest.approx(3.6e9 * 0.014404, rel=1e-4)
