"""The virtual rack as its users have it: real firmware behind the socket, at wall speed."""

import json
import math
import os
import signal
import subprocess
import sys

import pytest
from racklet.cli import main
from racklet.errors import Refused
from racklet.sim import SimClient

RACKLET = [sys.executable, "-m", "racklet"]
LIMIT_S = 120  # only met when something hangs


def start(*words, **options):
    return subprocess.Popen(
        [*RACKLET, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


@pytest.fixture(scope="module")
def bus(tmp_path_factory):
    """The bus of a rack with two units, both inserted and off."""
    path = tmp_path_factory.mktemp("rack") / "rack.sock"
    rack = start("rack", "--slots", "2", "--socket", str(path))
    try:
        assert rack.stdout.readline() == f"ready: {path}, 2 slots\n", rack.stderr.read()
        yield f"virtual:{path}"
        rack.send_signal(signal.SIGTERM)
        assert rack.wait(timeout=LIMIT_S) == 0
    finally:
        if rack.poll() is None:
            os.killpg(rack.pid, signal.SIGKILL)
        rack.communicate()
    assert list(path.parent.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(rack.pid, 0)


@pytest.fixture(autouse=True)
def environment(bus, monkeypatch):
    monkeypatch.setenv("RACKLET_BUS", bus)


@pytest.fixture
def run(capsys):
    """Run a command in this process: (exit code, JSON document)."""

    def run(*words):
        capsys.readouterr()
        code = main([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def wait_for(slot, state):
    """Watch the rack until the slot is in that state; its row."""
    watch = start("status", str(slot), "--watch", "--interval", "0.1", "--json")
    try:
        for line in watch.stdout:
            (row,) = json.loads(line)["slots"]
            if row["state"] == state:
                return row
        raise AssertionError(watch.stderr.read())
    finally:
        watch.send_signal(signal.SIGINT)
        watch.communicate(timeout=LIMIT_S)


def test_every_inserted_slot_answers_and_is_off(run):
    assert [row["state"] for row in run("status")[1]["slots"]] == ["off", "off"]
    code, document = run("identify", "all")
    assert code == 0
    assert [row["slot"] for row in document["slots"]] == [1, 2]
    assert len({row["serial"] for row in document["slots"]}) == 2


def test_power_on_returns_with_a_measured_voltage_and_again_changes_nothing(run):
    code, document = run("power", "on", "1")
    (row,) = document["slots"]
    assert (code, row["state"], row["changed"]) == (0, "on", True)
    assert 4_900 < row["vout_mv"] < 5_300
    code, document = run("power", "on", "1")
    assert (code, document["slots"][0]["changed"]) == (0, False)
    assert run("status", "2")[1]["slots"][0]["vout_mv"] < 100


def test_inserting_an_inserted_unit_changes_nothing(run):
    before = run("identify", "1")[1]
    code, document = run("sim", "insert", "1")
    assert (code, document["slots"][0]["changed"]) == (0, False)
    assert run("identify", "1")[1] == before


def test_a_short_circuit_is_named_and_logged_and_the_neighbour_stays_on(run):
    run("power", "on", "1,2")
    assert run("sim", "short", "2")[0] == 0
    assert wait_for(2, "fault")["fault"] == "short circuit"
    assert run("status", "1")[1]["slots"][0]["state"] == "on"
    assert "fault" in [r["kind"] for r in run("log", "2")[1]["slots"][0]["records"]]
    run("sim", "release", "2")
    assert run("power", "on", "2")[0] == 0


def test_a_unit_removed_while_a_command_runs(run):
    run("power", "on", "2")
    off = start("power", "off", "2")
    assert "shutting down" in off.stderr.readline()
    run("sim", "remove", "2")
    _, err = off.communicate(timeout=LIMIT_S)
    assert off.returncode == 3
    assert "was the unit removed?" in err
    assert err.count("\n") == 1
    assert run("status", "2")[0] == 3
    run("sim", "insert", "2")
    assert run("power", "on", "2")[0] == 0


def test_ctrl_c_ends_a_waiting_command_and_the_rack_lives_on(run):
    run("power", "on", "1")
    off = start("power", "off", "1")
    assert "shutting down" in off.stderr.readline()
    off.send_signal(signal.SIGINT)
    _, err = off.communicate(timeout=LIMIT_S)
    assert (off.returncode, err) == (130, "racklet: interrupted\n")
    assert run("power", "off", "1", "--now")[0] == 0


def test_a_chaos_scenario_plays_and_the_log_explains_it_and_is_whole(run):
    code, document = run("chaos", "run", "short")
    assert (code, [step["step"] for step in document["steps"]]) == (0, [1, 2, 3, 4, 5, 6, 7])
    assert document["steps"][3]["result"] == {"state": "fault"}
    code, document = run("log", "1", "--verify")
    assert (code, document["slots"][0]["problems"]) == (0, [])
    records = run("log", "1")[1]["slots"][0]["records"]
    notes = [r["fields"]["text"] for r in records if r["kind"] == "chaos"]
    assert notes == [
        "insert",
        "power on",
        "short",
        "expect fault",
        "release",
        "power on",
        "expect on",
    ]
    newest = [r["kind"] for r in records if r["kind"] != "chaos"][-5:]
    assert newest == ["fault", "state", "command", "state", "state"]


def test_a_factory_reset_is_in_the_log_and_moves_no_rail(run):
    run("power", "on", "1")
    code, document = run("factory-reset", "1", "--yes")
    assert (code, document["slots"]) == (0, [{"slot": 1, "reset": True}])
    newest = run("log", "1")[1]["slots"][0]["records"][-1]
    assert (newest["kind"], newest["fields"]["by"]) == ("factory reset", "bus")
    assert run("status", "1")[1]["slots"][0]["state"] == "on"


def test_what_the_world_refuses_ends_a_scenario(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("about: x\nsteps: [{control: brownout, mv: -1, ms: 1}]")
    code, document = run("chaos", "run", str(path))
    assert (code, document["steps"]) == (1, [])
    assert "step 1 (brownout, mv -1, ms 1): mv cannot be negative" in document["error"]["message"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("brownout", {"mv": 6_000, "ms": math.nan}),
        ("surge", {"mv": 10**400, "ms": 1}),
        ("repl", {"slot": 1, "typed": 5}),
        ("repl", {"slot": [1], "typed": ""}),
    ],
)
def test_nonsense_for_the_world_is_refused_and_the_rack_lives_on(run, bus, name, arguments):
    sim = SimClient.of_bus(bus)
    with pytest.raises(Refused):
        sim.control(name, **arguments)
    assert run("status", "1")[0] == 0


def test_half_a_character_is_typed_as_a_question_mark(run, bus):
    sim = SimClient.of_bus(bus)
    sim.control("repl", slot=1, typed="\ud800")
    sim.control("compute", slot=1, do="type", text="\ud800")
    assert run("status", "1")[0] == 0


def test_the_repl_runs_python_on_the_bmc():
    repl = start("repl", "1", stdin=subprocess.PIPE)
    out, _ = repl.communicate("\x03\nimport sys\nsys.implementation.name\n6 * 7\n", LIMIT_S)
    assert repl.returncode == 0
    assert "'micropython'" in out
    assert ">>> 42" in out
