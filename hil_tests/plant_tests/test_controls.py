"""The hands in the simulated world: argument checks, results, refusals that change nothing."""

import json
import math
from typing import Any

import pytest
from racklet_plant import ControlError, Rack, World
from racklet_plant.controls import CONTROLS, run

MS, S = 1_000_000, 1_000_000_000


def do(rack: Rack, name: str, /, **arguments: Any) -> dict[str, Any]:
    result = run(rack, name, arguments)
    json.dumps(result)
    return result


@pytest.fixture
def rack(world: World) -> Rack:
    rack = Rack(world, slots=3, tolerance=0.0)
    do(rack, "insert", slot=1, bounce=False)
    world.advance(500 * MS)
    return rack


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("explode", {}, "no control 'explode'; there are: backfeed"),
        ("insert", {}, "insert needs 'slot'"),
        ("insert", {"slot": "1"}, "slot is int, not '1'"),
        ("insert", {"slot": True}, "slot is int, not True"),
        ("insert", {"slot": 4}, "no slot 4; this rack has 1 to 3"),
        ("insert", {"slot": 2, "serial": "RK9"}, "no unit 'RK9'"),
        ("insert", {"slot": 1, "colour": "red"}, "insert has no 'colour'; it takes: slot"),
        ("short", {"slot": 2}, "slot 2 is empty; insert a unit first"),
        ("short", {"slot": 1, "where": "moon"}, "where is one of output, input, not 'moon'"),
        ("short", {"slot": 1, "milliohm": 0}, "above 0"),
        ("load", {"slot": 1, "ma": -1}, "ma cannot be negative"),
        ("load", {"slot": 1, "cores": 9}, "has 4 cores"),
        ("brownout", {"mv": 1.5, "ms": 1}, "mv is int, not 1.5"),
        ("sensor", {"slot": 1, "name": "board", "fault": "wrong"}, "no id to be wrong"),
        ("sensor", {"slot": 1, "name": "board", "fault": "reset"}, "no power monitor"),
        ("bus", {"fault": "ok", "hz": 5}, "10 kHz to 1 MHz"),
        ("flicker", {"slot": 1, "contact": "earth"}, "contact is one of"),
        ("shutdown_time", {"slot": 1, "factor": 0}, "above 0"),
        ("backfeed", {"slot": 1, "ohm": 1e-300}, "at least 0.001"),
        ("supply", {"mode": "fast"}, "mode is one of hiccup, latch, constant or null, not 'fast'"),
        ("supply", {"mv": 10**400}, "mv holds a number beyond 1e"),
        ("surge", {"mv": 20_000, "ms": math.inf}, "ms holds a number beyond 1e"),
        ("surge", {"mv": 20_000, "ms": math.nan}, "ms holds a number beyond 1e"),
        ("script", {"slot": 1, "steps": [[1, 10**400]]}, "steps holds a number beyond 1e"),
    ],
)
def test_refusals_say_why_and_change_nothing(
    rack: Rack, name: str, arguments: dict[str, Any], words: str
) -> None:
    before = do(rack, "state")
    with pytest.raises(ControlError, match=words.replace("?", r"\?")):
        run(rack, name, arguments)
    assert do(rack, "state") == before


def test_an_argument_of_some_words_may_be_left_out_or_null(rack: Rack) -> None:
    for mode in ("latch", None):
        do(rack, "supply", mode=mode)
        assert rack.supply.mode == "latch"


def test_every_control_has_a_line_of_help() -> None:
    assert all(fn.__doc__ for fn in CONTROLS.values())


def test_insert_of_an_inserted_unit_changes_nothing(rack: Rack) -> None:
    assert do(rack, "insert", slot=1) == {"slot": 1, "serial": "RK000001", "changed": False}


def test_the_unit_that_was_pulled_comes_back(world: World, rack: Rack) -> None:
    assert do(rack, "remove", slot=1)["serial"] == "RK000001"
    world.advance(100 * MS)
    assert do(rack, "remove", slot=1)["changed"] is False
    assert do(rack, "insert", slot=1)["serial"] == "RK000001"


def test_another_slot_gets_another_unit_or_the_one_named(world: World, rack: Rack) -> None:
    do(rack, "remove", slot=1)
    world.advance(100 * MS)
    assert do(rack, "insert", slot=2)["serial"] == "RK000002"
    assert do(rack, "insert", slot=3, serial="RK000001")["serial"] == "RK000001"
    with pytest.raises(ControlError, match="sits in slot 3"):
        do(rack, "insert", slot=1, serial="RK000001")
    assert do(rack, "insert", slot=1)["serial"] == "RK000003"


def test_load_and_release(world: World, rack: Rack) -> None:
    unit = rack.slots[1].unit
    assert unit is not None
    unit.port.drive(unit.board.pins["LATCH_SET"], 1)
    world.advance(50 * MS)
    assert do(rack, "load", slot=1, ma=2000)["iout_ma"] == 2000
    do(rack, "sensor", slot=1, name="output", fault="absent")
    do(rack, "compute", slot=1, do="stick")
    do(rack, "release", slot=1)
    assert not unit.parts.monitors["output"].absent
    assert not unit.compute.stuck
    assert unit.compute.override_ua is None


def test_short_for_a_while(world: World, rack: Rack) -> None:
    unit = rack.slots[1].unit
    assert unit is not None
    unit.port.drive(unit.board.pins["LATCH_SET"], 1)
    world.advance(50 * MS)
    do(rack, "short", slot=1, ms=2)
    world.advance(1 * MS)
    assert unit.node("V5") < 500
    world.advance(300 * MS)
    assert unit.node("V5") > 5000


def test_brownout_of_the_rack_and_of_one_slot(world: World, rack: Rack) -> None:
    do(rack, "insert", slot=2, bounce=False)
    world.advance(500 * MS)
    one, two = (rack.slots[n].unit for n in (1, 2))
    assert one is not None
    assert two is not None
    do(rack, "brownout", mv=12_000, ms=100, slot=1)
    world.advance(50 * MS)
    assert one.node("VBUS") == 12_000
    assert two.node("VBUS") > 18_900
    world.advance(100 * MS)
    assert one.node("VBUS") > 18_900
    do(rack, "brownout", mv=12_000, ms=500)
    world.advance(400 * MS)
    assert one.node("VBUS") == pytest.approx(12_000, abs=300)
    assert two.node("VBUS") == pytest.approx(12_000, abs=300)


def test_supply_and_surge(world: World, rack: Rack) -> None:
    unit = rack.slots[1].unit
    assert unit is not None
    do(rack, "supply", mv=15_000)
    world.advance(1 * S)
    assert unit.node("VBUS") == pytest.approx(15_000, abs=50)
    do(rack, "surge", mv=20_000, ms=100)
    world.advance(50 * MS)
    assert unit.node("VBUS") == pytest.approx(20_000, abs=50)
    do(rack, "supply", on=False)
    world.advance(1 * S)
    assert unit.node("VBUS") == 0


def test_usb_keeps_the_bmc_up_without_the_busbar(world: World, rack: Rack) -> None:
    unit = rack.slots[1].unit
    assert unit is not None
    do(rack, "usb", slot=1)
    do(rack, "remove", slot=1)
    world.advance(10 * S)
    assert unit.power.standby.up
    unit.power.standby.usb = False
    unit.power.changed()
    world.advance(1 * S)
    assert not unit.power.standby.up


def test_other_hands(world: World, rack: Rack) -> None:
    unit = rack.slots[1].unit
    assert unit is not None
    button, presence = unit.trace("BTN_FACTORY_N"), unit.trace("PRES_N")
    do(rack, "press", slot=1, ms=20)
    do(rack, "flicker", slot=1, contact="presence", ms=2)
    do(rack, "temperature", slot=1, mc=45_000)
    world.advance(100 * MS)
    assert button.levels == [1, 0, 1]
    assert presence.levels == [0, 1, 0]
    assert unit.parts.sensor.read(2) == b"\x2d\x00"
    do(rack, "local_bus", slot=1, count=3)
    do(rack, "shutdown_time", slot=1, factor=2)
    assert (unit.port.i2c_nacks, unit.compute.halt_factor) == (3, 2)
    for fault in ("sda_low", "scl_low", "nack", "flip", "arbitration"):
        do(rack, "bus", fault=fault, ms=1000)
    do(rack, "hold_bus", slot=1, line="scl")
    assert rack.bus.scl_low
    do(rack, "bus", fault="ok", hz=400_000)
    assert rack.bus.hz == 400_000
    assert not rack.bus.scl_low
    assert not rack.bus.sda_low
