"""Chaos scenarios: what is read and refused, and playing them where nothing is simulated.

Playing on a virtual rack is in `test_rack_live.py`.
"""

import json
from functools import partial

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from racklet.chaos import Player, Scenario, Step, built_in, parse
from racklet.errors import BusTimeout, FileProblem, Refused, UsageError
from racklet.rack import Rack
from racklet_wire import blocks, events, power


def read(document):
    return parse(yaml.safe_dump(document).encode(), "mine", "mine.yaml")


def test_what_comes_with_racklet():
    scenarios = built_in()
    faults = {"brown-out", "yank", "short", "bus-hold", "crash-loop"}
    assert faults < set(scenarios)
    assert {name for name, s in scenarios.items() if s.needs_simulation} == faults


def test_on_and_off_are_states_and_no_truth_values():
    (step, other) = parse(
        b"about: x\nsteps: [{power: on, slot: 2}, {expect: off, slot: 2, within_s: 0.5}]", "a", "a"
    ).steps
    assert (step.action, step.name, step.slot) == ("power", "on", 2)
    assert (other.action, other.name, other.within_s) == ("expect", "off", 0.5)


def test_a_control_keeps_its_arguments():
    (step,) = read(
        {"about": "x", "steps": [{"control": "brownout", "mv": 0, "ms": 5, "wait_s": 1}]}
    ).steps
    assert step == Step("control", "brownout", None, {"mv": 0, "ms": 5}, wait_s=1.0)


@pytest.mark.parametrize(
    ("change", "clue"),
    [
        ({"power": "explode", "slot": 1}, "there are: on, off, shutdown, cycle"),
        ({"control": "meteor", "slot": 1}, "there are: backfeed, brownout, "),
        ({"expect": "happy", "slot": 1}, "there are: absent, "),
        ({"control": "short", "slot": 1, "ohms": 1}, "short has no 'ohms'"),
        ({"control": "short", "slot": "1"}, "slot must be a number"),
        ({"control": "short", "slot": True}, "slot must be a number"),
        ({"control": "short"}, "short needs 'slot'"),
        ({"control": "brownout", "mv": float("nan"), "ms": 1}, "mv must be finite"),
        ({"control": "repl", "slot": 1}, "repl takes slot, and typed"),
        ({"power": "on"}, "power needs a slot"),
        ({"power": "on", "slot": 1, "within_s": 1}, "has no 'within_s'"),
        ({"power": "on", "expect": "on", "slot": 1}, "needs one of power, control, expect"),
        ({"slot": 1}, "needs one of power, control, expect"),
        ({"power": "on", "slot": 1, "wait_s": -1}, "wait_s must be 0 to 3600"),
        ({"power": "on", "slot": 1, "wait_s": float("nan")}, "wait_s must be 0 to 3600"),
        ({"power": "on", "slot": 1, "times": 0}, "times must be 1 to 1000"),
        ("on", "step 1 must be names and values"),
    ],
)
def test_a_bad_step_is_refused_with_what_is_known(change, clue):
    with pytest.raises(FileProblem) as error:
        read({"about": "x", "steps": [change]})
    assert clue in error.value.message
    assert error.value.message.startswith("mine.yaml is no scenario: ")


@pytest.mark.parametrize(
    ("data", "clue"),
    [
        (b"", "must be names and values"),
        (b"about: x\nsteps: []", "steps must be a list"),
        (b"about: ''\nsteps: [{power: on, slot: 1}]", "about must be"),
        (b"about: x\nstep: []", "has no 'step'; it takes: about, steps"),
        (b"about: x\nsteps: [{power: on, slot: 1, slot: 2}]", "line 2: slot is there twice"),
        (b"about: x\nsteps: [", "line 2"),
        (b"about: !!python/name:os.system x", "could not determine a constructor"),
        (b"about: x\nsteps: &a [*a]", "line 2: aliases"),
        (b"[" * 60_000, "nests too deeply"),
        (b"\xff\x00", "is no scenario"),
        (b"#" * 70_000, "longer than 65536"),
    ],
)
def test_a_bad_file_is_refused(data, clue):
    with pytest.raises(FileProblem) as error:
        parse(data, "mine", "mine.yaml")
    assert clue in error.value.message
    assert "\n" not in error.value.message


_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_words = st.sampled_from(["power", "control", "expect", "slot", "on", "short", "wait_s", "times"])
_anything = st.recursive(
    _scalars | _words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words | _scalars, inner),
    max_leaves=12,
)


def is_read_or_refused(data):
    try:
        scenario = parse(data, "mine", "mine.yaml")
    except FileProblem:
        return
    assert isinstance(scenario, Scenario)
    assert scenario.steps
    json.dumps([step.arguments for step in scenario.steps], allow_nan=False)


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_noise_is_refused_in_one_way(data):
    is_read_or_refused(data)


@given(st.lists(_anything, min_size=1, max_size=3))
def test_any_document_is_read_or_refused(steps):
    is_read_or_refused(yaml.safe_dump({"about": "x", "steps": steps}).encode())


# --- on a rack that is real, as far as anybody can tell --------------------------


@pytest.fixture
def run(run):
    return partial(run, "chaos")


TAKEN_S = 0.02  # so much later is done what was written


@pytest.fixture
def bmc(bus, clock):
    """A BMC that carries out each power command after a tenth of a second."""
    bmc = bus.insert(1)
    bmc.notes = []
    bmc.blocks["LOG_WINDOW"] = {"sequence": 0, "offset": 0, "size": 0, "data": b""}

    def begin(name, data):
        if name == "LOG_NOTE":
            bmc.notes.append(blocks.unpack(name, data))
            return
        if name == "LOG_SELECT":
            clock.after(TAKEN_S, lambda: bmc.blocks["LOG_WINDOW"].update(blocks.unpack(name, data)))
            return
        bmc._power_command(name, data)
        state = power.ON if bmc.commands[-1]["command"] == power.COMMAND_ON else power.OFF
        clock.after(0.1, lambda: bmc.power(state=state, result=power.DONE))

    bmc.on_write = begin
    return bmc


def test_list(run):
    code, out, _ = run("list")
    assert (code, "\nshort " in out) == (0, True)
    rows = json.loads(run("list", "--json")[1])["scenarios"]
    assert {row["name"]: row["real_rack"] for row in rows} == {
        name: not s.needs_simulation for name, s in built_in().items()
    }


def test_an_unknown_name_is_refused_with_what_is_known(run):
    code, _, err = run("run", "earthquake")
    assert (code, "bus-hold" in err) == (2, True)


def test_a_file_that_is_not_there(run, tmp_path):
    assert run("run", str(tmp_path / "no.yaml"))[0] == 2


def test_what_needs_a_simulated_world_is_refused_even_with_yes(run, bmc):
    code, _, err = run("run", "yank", "--yes")
    assert (code, "real hardware" in err, bmc.commands) == (1, True, [])


def test_power_on_a_real_rack_waits_for_yes(run, bmc):
    code, _, err = run("run", "power-loop")
    assert (code, "--yes" in err, bmc.commands) == (1, True, [])
    code, out, _ = run("run", "power-loop", "--yes")
    assert (code, len(bmc.commands)) == (0, 6)
    assert out.splitlines()[1] == "step 1/7: power on slot 1: on"
    assert len(out.splitlines()) == 8


def test_every_step_is_noted_in_the_log_before_it_happens(run, bmc):
    seen = []
    begin = bmc.on_write

    def watch(name, data):
        seen.append(name)
        begin(name, data)

    bmc.on_write = watch
    _, out, _ = run("run", "power-loop", "--yes", "--json")
    assert seen == ["LOG_NOTE", "LOG_SELECT", "POWER_COMMAND"] * 6 + ["LOG_NOTE", "LOG_SELECT"]
    assert {note["kind"] for note in bmc.notes} == {events.CHAOS}
    texts = [note["text"][: note["size"]] for note in bmc.notes]
    assert (texts[0], texts[-1]) == (b"power on", b"expect off")
    assert [step["logged"] for step in json.loads(out)["steps"]] == [[1]] * 7


def test_a_long_step_is_cut_to_what_a_note_holds(bus, bmc, clock):
    Rack(bus, 5, clock).bmc(1).note(events.CHAOS, "brownout, mv 11000, ms 5, and ä more")
    assert bmc.notes[0]["size"] == 28
    assert bmc.notes[0]["text"] == b"brownout, mv 11000, ms 5, an"


def test_slot_moves_a_scenario(run, bus, bmc):
    assert run("run", "power-loop", "--yes", "--slot", "2")[0] == 3  # nobody there
    bus.bmcs[2] = bus.bmcs.pop(1)
    code, out, _ = run("run", "power-loop", "--yes", "--slot", "2")
    assert (code, "power on slot 2" in out) == (0, True)
    code, _, err = run("run", "power-loop", "--yes", "--slot", "9")
    assert (code, "slot 9" in err) == (3, True)


def test_moved_a_scenario_plays_the_same_steps_elsewhere():
    for scenario in built_in().values():
        moved = scenario.moved_to(4)
        assert moved.slots == [4]
        assert moved.moved_to(scenario.slots[0]) == scenario
    two = read({"about": "x", "steps": [{"expect": "on", "slot": 1}, {"expect": "on", "slot": 2}]})
    with pytest.raises(UsageError, match="plays on slots 1-2"):
        two.moved_to(3)


def test_json_is_one_document(run, bmc):
    code, out, _ = run("run", "power-loop", "--yes", "--json")
    document = json.loads(out)
    assert (code, document["scenario"], len(document["steps"])) == (0, "power-loop", 7)
    assert document["steps"][0]["power"] == "on"
    assert document["steps"][0]["result"]["state"] == "on"
    assert document["steps"][0]["result"]["vout_uncertainty_mv"] > 0


def test_a_step_that_fails_ends_the_run_and_is_named(run, bmc, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "about: x\nsteps: [{power: on, slot: 1}, {expect: fault, slot: 1, within_s: 3},"
        " {power: off, slot: 1}]"
    )
    code, out, err = run("run", str(path), "--yes")
    assert (code, len(bmc.commands)) == (1, 1)
    assert "step 2 (expect fault slot 1): slot 1 is on after 3 s" in err
    code, out, _ = run("run", str(path), "--yes", "--json")
    document = json.loads(out)
    assert (code, document["error"]["code"], len(document["steps"])) == (1, "unexpected", 1)


def test_absent_and_missing_slots(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("about: x\nsteps: [{expect: absent, slot: 4}]")
    assert run("run", str(path), "--yes")[0] == 0
    path.write_text("about: x\nsteps: [{power: on, slot: 4}]")
    assert run("run", str(path), "--yes")[0] == 3
    path.write_text("about: x\nsteps: [{power: on, slot: 6}]")
    code, _, err = run("run", str(path), "--yes")
    assert (code, "slot 6" in err) == (3, True)


def test_a_held_bus_is_no_reason_to_end(bus, bmc, clock, monkeypatch):
    bmc.registers["CAPABILITY"] = b"\xa0"
    transfer = bus.transfer

    def held(messages):
        if clock.now_s < 1:
            raise BusTimeout("held")
        return transfer(messages)

    monkeypatch.setattr(bus, "transfer", held)
    scenario = read({"about": "x", "steps": [{"expect": "off", "slot": 1, "within_s": 5}]})
    (step,) = Player(Rack(bus, 5, clock), None, clock).play(scenario)
    assert (step.result["state"], step.logged) == ("off", [])


def test_waits_and_repetitions(bus, bmc, clock):
    player = Player(Rack(bus, 5, clock), None, clock)
    scenario = read(
        {"about": "x", "steps": [{"expect": "off", "slot": 1, "wait_s": 2, "times": 3}]}
    )
    with pytest.raises(Refused):
        player.check(scenario, is_agreed=False)
    assert [p.number for p in player.play(scenario)] == [1, 2, 3]
    assert 3 * (2 + TAKEN_S) <= clock.now_s < 6.2
