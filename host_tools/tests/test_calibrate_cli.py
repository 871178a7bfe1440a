"""`racklet calibrate` as a person or a script runs it, over a unit that reads 0.4 % low."""

import json

import pytest
from racklet_wire import blocks, status

NAMES = [
    f"iout_{name}"
    for name in (
        "gain_ppm",
        "offset_ma",
        "uncertainty_ppm",
        "uncertainty_ua",
        "calibrated_day",
    )
]


METER = ("3", "--yes", "--reference", "1mA")


class Unit:
    """Settings behind their window, and a load."""

    def __init__(self, bmc, clock):
        self.bmc = bmc
        self.values = dict.fromkeys(NAMES, 0)
        self.stored = None
        self.number = 0
        bmc.registers |= {"STATUS_WORD": b"\x00\x00", "STATUS_CML": b"\x00"}
        bmc.on_write = self.write
        self.load(0)
        self.select(0)

    def load(self, ma):
        self.bmc.blocks["TELEMETRY"]["iout_ma"] = round(ma * 0.996)

    def write(self, name, data):
        if name == "SETTING_SELECT":
            self.select(int.from_bytes(data, "little"))
        elif name == "SETTING_WRITE":
            number, value = blocks.unpack(name, data).values()
            self.values[NAMES[int(number)]] = int(value)
            self.select(self.number)
        elif name == "STORE_USER_ALL":
            self.stored = dict(self.values)

    def select(self, number):
        self.number = number
        self.bmc.blocks["SETTING"] = {
            "number": number,
            "count": len(NAMES),
            "value": self.values[NAMES[number]],
            "minimum": -20_000,
            "maximum": 100_000,
            "default": 0,
        }
        self.bmc.blocks["SETTING_NAME"] = {"number": number, "name": NAMES[number].encode()}


@pytest.fixture
def unit(bus, clock):
    return Unit(bus.insert(3), clock)


@pytest.fixture
def calibrate(run):
    """Run `racklet calibrate` with these words."""
    return lambda *words, typed="": run("calibrate", *words, typed=typed)


def test_a_script_sets_the_loads_and_the_tool_follows(calibrate, unit, clock):
    clock.after(10, lambda: unit.load(1_000))
    clock.after(20, lambda: unit.load(3_000))
    points = ("--point", "0", "--point", "1000", "--point", "3000")
    code, out, err = calibrate("3", *points, "--reference", "0.1%+1mA", "--yes", "--json")
    (row,) = json.loads(out)["slots"]
    assert code == 0
    assert row["gain_ppm"] == unit.stored["iout_gain_ppm"] == pytest.approx(4_016, abs=2)
    assert row["offset_ma"] == 0
    assert [point["reference_ma"] for point in row["points"]] == [0, 1_000, 3_000]
    assert unit.stored["iout_calibrated_day"] > 20_000
    assert unit.stored["iout_uncertainty_ppm"] == row["uncertainty_ppm"] < 13_500
    assert "waiting until the unit reads about 1000 mA" in err


def test_a_person_is_asked(calibrate, unit):
    unit.load(2_000)
    code, out, err = calibrate("3", "--yes", typed="0.2%\ntwo ampere\n2000\n\n")
    assert code == 0
    assert out.startswith("slot 3: iout calibrated on 20")
    assert "How far may the reference be off?" in err
    assert "'two ampere' is no number" in err
    assert "off by at most 0.25 %" in err


def test_without_a_terminal_and_without_yes_nothing_is_touched(calibrate, unit):
    code, _, err = calibrate("3", "--point", "0", "--reference", "1mA")
    assert (code, unit.stored) == (1, None)
    assert "say --yes" in err


@pytest.mark.parametrize(
    ("words", "typed", "code", "says"),
    [
        (("1-2",), "", 2, "name one slot"),
        (("4", "--yes"), "", 3, "slot 4 does not answer"),
        (("3", "--yes", "--reference", "often"), "", 2, "is no uncertainty"),
        ((*METER, "--point", "900", "--wait", "5"), "", 1, "it reads 0"),
        (METER, "\n", 1, "no point was taken"),
        (METER, "0\n1000\n\n", 1, "reads the same at every point"),
        (("3", "--yes", "--channel", "power"), "", 2, "power"),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(calibrate, unit, *, words, typed, code, says):
    before = dict(unit.values)
    result, out, err = calibrate(*words, typed=typed)
    assert (result, out) == (code, "")
    assert says in err
    assert (unit.values, unit.stored) == (before, None)


def test_a_lost_sensor_cannot_be_calibrated(calibrate, unit):
    unit.bmc.blocks["TELEMETRY"]["iout_ma"] = blocks.UNKNOWN
    code, _, err = calibrate("3", "--yes", "--reference", "1mA", typed="0\n")
    assert code == 1
    assert "slot 3 has no reading of iout" in err


def test_what_flash_did_not_take_is_said(calibrate, unit):
    unit.bmc.registers["STATUS_CML"] = bytes([status.CML_MEMORY])
    code, _, err = calibrate("3", "--yes", "--reference", "0.1%", "--point", "0")
    assert code == 1
    assert "could not write its settings to flash" in err


def test_show_names_every_channel(calibrate, unit):
    code, out, _ = calibrate("3", "--show")
    assert code == 0
    assert all(name in out for name in blocks.CHANNELS)
    assert "as delivered" in out
    channels = json.loads(calibrate("3", "--show", "--json")[1])["slots"][0]["channels"]
    assert channels["iout"] == {
        "gain_ppm": 0,
        "offset_ma": 0,
        "uncertainty_ppm": 13_500,
        "uncertainty_ua": 200,
        "calibrated": None,
    }


def test_reset_goes_back_to_as_delivered(calibrate, unit):
    unit.values["iout_gain_ppm"] = 4_000
    assert calibrate("3", "--reset", "--yes")[0] == 0
    assert unit.stored["iout_gain_ppm"] == 0
