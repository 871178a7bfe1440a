"""Parameters and rules: what cannot be built is refused with the rule it breaks. No CAD."""

import tomllib

import pytest
from racklet_enclosure import boards, hardware, rules
from racklet_enclosure.layout import Layout
from racklet_enclosure.parameters import FILE, Refused, load


def refused(**changes):
    with pytest.raises(Refused) as caught:
        rules.require(Layout(load(**changes)))
    return str(caught.value)


def test_the_shipped_parameters_break_no_rule():
    assert list(rules.findings(Layout())) == []


def test_every_parameter_states_unit_bounds_and_reason():
    for entries in tomllib.loads(FILE.read_text()).values():
        for entry in entries.values():
            assert entry["why"]
            assert "of" in entry or {"unit", "min", "max"} <= entry.keys()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"fit__slide": 0.05}, "fit.slide = 0.05 mm: outside 0.15 to 0.5 mm"),
        ({"fit__slide": "wide"}, "must be a number of mm"),
        ({"fit__slide": True}, "must be a number of mm"),
        ({"fit__glide": 0.3}, "no such parameter"),
        ({"case__wall": 99}, "outside 2.4 to 5.0"),
        ({"choice__compute": "pi1"}, "must be one of pi3, pi4, pi5"),
    ],
)
def test_a_bad_value_is_refused(changes, text):
    with pytest.raises(Refused, match=text.replace("(", r"\(")):
        load(**changes)


def test_an_entry_without_bounds_is_refused(tmp_path):
    file = tmp_path / "parameters.toml"
    file.write_text('[fit]\nslide = { value = 0.3, unit = "mm" }\nlift = 0.4\n')
    with pytest.raises(Refused, match=r"fit.slide: lacks max, min, why"):
        load(file)
    file.write_text("[fit]\nlift = 0.4\n")
    with pytest.raises(Refused, match=r"fit.lift: wants"):
        load(file)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"printer__nozzle": 0.6, "printer__layer": 0.3}, "thinner than two lines"),
        ({"printer__nozzle": 0.25, "printer__layer": 0.3}, "75 % of the 0.25 nozzle"),
        ({"printer__nozzle": 0.8, "printer__min_wall": 1.6, "case__rail_wall": 1.5}, "rail_wall"),
        ({"printer__bed_x": 180, "printer__bed_y": 180}, "larger than the bed"),
        ({"tray__plate": 4.0}, "thick with clearance, the slot pitch is 40"),
        ({"tray__plate": 3.6}, "would bite"),
        ({"case__flange": 7.6, "printer__min_wall": 1.2}, "too narrow for an M3 nut"),
        ({"case__rail_height": 3.0}, "too low for an M3 nut"),
        ({"case__plenum": 15.0}, "high, the limit is 140"),
        ({"tray__pull": 25.0, "case__rear_gap": 12.0}, "deep, the limit is 140"),
        ({"limits__width": 240}, "wide, the limit is 240"),
    ],
)
def test_a_combination_that_cannot_be_made_is_refused(changes, text):
    assert text in refused(**changes)


def test_all_broken_rules_are_listed_at_once():
    text = refused(case__plenum=15.0, limits__width=240)
    assert "high" in text and "wide" in text


def test_a_heat_sink_higher_than_the_stack_is_refused(monkeypatch):
    tall = {"pi4": boards.vendor()["pi4"] | {"boxes": [["cooler", 20, 20, 0, 30, 30, 13.0]]}}
    data = boards.vendor() | tall
    monkeypatch.setattr(boards, "vendor", lambda: data)
    assert "cooler of Raspberry Pi 4 Model B is 13.0 high" in refused()


def test_screws_reach_their_nuts_and_no_further_than_there_is_room():
    assert list(hardware.short_or_long(Layout())) == []
    thick = list(hardware.short_or_long(Layout(load(case__panel=5.0, case__wall=5.0))))
    assert any("panel_screw" in text for text in thick)


def test_a_rack_takes_fasteners_for_every_slot():
    lay = Layout()
    counts = hardware.totals(lay)
    assert counts["standoff"] == 4 * len(lay.slot_x) and counts["thumb_screw"] == len(lay.slot_x)
    assert "ssd_screw" not in hardware.totals(Layout(load(choice__storage="none")))
