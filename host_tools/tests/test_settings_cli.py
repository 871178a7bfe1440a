"""`racklet settings` as a person or a script runs it: all or nothing, and kept unless told."""

import json

import pytest
from racklet_wire import blocks

# name, lowest, highest, default; the warning must be below the fault
SCHEMA = (
    ("settle_ms", 20, 2_000, 100),
    ("hot_warn_mc", 30_000, 100_000, 75_000),
    ("hot_fault_mc", 30_000, 100_000, 85_000),
    ("hot_response", 0, 255, 0x80),
    ("name_1", -(2**31), 2**31 - 1, 0),
)
NAMES = [row[0] for row in SCHEMA]


class Unit:
    """Settings behind their window; what contradicts is not taken, without a word."""

    def __init__(self, bmc):
        self.bmc = bmc
        self.values = {name: default for name, _, _, default in SCHEMA}
        self.stored = dict(self.values)
        self.number = 0
        bmc.registers |= {"STATUS_WORD": b"\x00\x00", "STATUS_CML": b"\x00"}
        bmc.on_write = self.write
        self.select(0)

    def write(self, name, data):
        if name == "SETTING_SELECT":
            self.select(int.from_bytes(data, "little"))
        elif name == "SETTING_WRITE":
            number, value = blocks.unpack(name, data).values()
            wanted = self.values | {NAMES[int(number)]: int(value)}
            if wanted["hot_warn_mc"] < wanted["hot_fault_mc"]:
                self.values = wanted
            self.select(self.number)
        elif name == "STORE_USER_ALL":
            self.stored = dict(self.values)

    def select(self, number):
        self.number = number
        name, minimum, maximum, default = SCHEMA[number]
        self.bmc.blocks["SETTING"] = {
            "number": number,
            "count": len(SCHEMA),
            "value": self.values[name],
            "minimum": minimum,
            "maximum": maximum,
            "default": default,
        }
        self.bmc.blocks["SETTING_NAME"] = {"number": number, "name": name.encode()}


@pytest.fixture
def unit(bus):
    return Unit(bus.insert(3))


@pytest.fixture
def settings(run):
    return lambda *words: run("settings", *words)


def test_all_are_shown_with_their_bounds(settings, unit):
    code, out, _ = settings("3")
    lines = [line.split() for line in out.splitlines()]
    assert code == 0
    assert ["settle_ms", "100", "100", "20", "2000"] in lines
    assert ["hot_response", "0x80", "0x80", "0x00", "0xFF"] in lines
    assert "name_1" not in out  # a text in four numbers: racklet name


def test_those_named_are_shown_in_that_order(settings, unit):
    code, out, _ = settings("all", "name_1", "settle_ms", "--json")
    document = json.loads(out)
    (row,) = document["slots"]
    assert (code, row["slot"]) == (0, 3)
    assert [one["name"] for one in row["settings"]] == ["name_1", "settle_ms"]
    assert row["settings"][1] == {
        "name": "settle_ms",
        "value": 100,
        "minimum": 20,
        "maximum": 2_000,
        "default": 100,
    }


def test_what_is_set_is_shown_and_kept(settings, unit):
    code, out, _ = settings("3", "settle_ms=200", "hot_response=0xC0")
    assert (code, unit.stored) == (0, unit.values)
    assert (unit.values["settle_ms"], unit.values["hot_response"]) == (200, 0xC0)
    assert "200" in out
    assert "0xC0" in out


def test_until_restart_keeps_nothing(settings, unit):
    assert settings("3", "settle_ms=200", "--until-restart")[0] == 0
    assert (unit.values["settle_ms"], unit.stored["settle_ms"]) == (200, 100)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(("warn", "fault"), [(90_000, 95_000), (40_000, 50_000)])
def test_two_limits_move_past_each_other_in_any_order(settings, unit, order, warn, fault):
    words = [f"hot_warn_mc={warn}", f"hot_fault_mc={fault}"]
    assert settings("3", *words[::order])[0] == 0
    assert (unit.stored["hot_warn_mc"], unit.stored["hot_fault_mc"]) == (warn, fault)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("hot_response=256", "it must be between 0 and 255"),
        ("hot_response=99999999999", "it must be between 0 and 255"),
        ("hot_warn_mc=85000", "it contradicts another"),
        ("hot_wram_mc=80000", "has no setting hot_wram_mc; racklet settings shows"),
    ],
)
def test_one_that_is_refused_changes_none(settings, unit, word, why):
    before = dict(unit.values)
    code, _, err = settings("3", "settle_ms=200", word)
    assert (code, why in err) == (1, True)
    assert unit.values == unit.stored == before


@pytest.mark.parametrize(
    "words",
    [
        ("settle_ms=",),
        ("settle_ms=fast",),
        ("settle_ms=1.5",),
        ("settle_ms=1", "settle_ms=2"),
        ("settle_ms", "--until-restart"),
    ],
)
def test_what_cannot_be_meant_is_a_wrong_use(settings, unit, words):
    code, _, err = settings("3", *words)
    assert (code, len(err.splitlines())) == (2, 1)
    assert unit.values == unit.stored


def test_one_slot_that_fails_does_not_hide_the_others(settings, unit):
    code, out, err = settings("2-3", "settle_ms=200")
    assert (code, unit.stored["settle_ms"]) == (3, 200)
    assert "slot 3 on" in out
    assert err.startswith("racklet: slot 2 does not answer")
    code, out, _ = settings("2-3", "settle_ms=300", "--json")
    document = json.loads(out)
    assert (code, document["error"]["code"]) == (3, "absent")
    assert [sorted(row) for row in document["slots"]] == [["settings", "slot"], ["error", "slot"]]


def test_nobody_there(settings, bus):
    assert "no unit is inserted" in settings("all")[1]
    assert settings("all", "settle_ms=200")[0] == 3
