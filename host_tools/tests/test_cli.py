"""The command line as a shell sees it: output, one clear line for errors, exit codes.

Runs `racklet.cli.main` with a double where the bus would be opened; what needs a real process
is in `test_cli_process.py`.
"""

import json

import pytest
import typer
from racklet.cli import options
from racklet.cli.app import app
from racklet_wire import blocks, boot, image, power


@pytest.fixture
def bmc(bus):
    return bus.insert(2)


def switches_on(bmc, clock):
    """The BMC carries out any power command after a tenth of a second."""

    def begin(name, data):
        bmc._power_command(name, data)
        clock.after(0.1, lambda: bmc.power(state=power.ON, result=power.DONE, vout_mv=5101))

    bmc.on_write = begin


def test_racklet_alone_shows_its_commands(run):
    code, out, _ = run()
    assert code == 0
    assert all(f"\n  {word} " in out for word in ("status", "power", "energy", "log", "sim"))


@pytest.mark.parametrize("group", ["power", "sim"])
def test_a_group_alone_shows_its_commands(run, group):
    code, out, _ = run(group)
    assert (code, "Commands:" in out) == (0, True)


def test_version(run):
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("racklet ")


def test_status_shows_every_slot_and_the_bus(run, bmc):
    bmc.power(state=power.ON)
    code, out, err = run("status")
    assert (code, err) == (0, "")
    assert "virtual:/fake" in out
    rows = [line.split() for line in out.splitlines() if line.strip()[:1].isdigit()]
    assert [row[:2] for row in rows] == [[str(n), "on" if n == 2 else "absent"] for n in FIVE]
    assert rows[1][2:5] == ["5.10", "0.60", "3.06"]


FIVE = range(1, 6)


def test_status_fits_80_columns_even_with_a_fault(run, bmc, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    bmc.power(state=power.FAULT, fault=power.R_POWER_GOOD_TIMEOUT)
    bmc.blocks["TELEMETRY"] |= {"pout_mw": 12_345, "temperature_mc": -10_500}
    bmc.blocks["ENERGY"] |= {"out_uj": 9_999_900_000}
    _, out, _ = run("status")
    assert "fault: power good timeout" in out
    assert "9999.9 J" in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("columns", ["80", "40"])
@pytest.mark.parametrize("reason", [power.R_POWER_GOOD_TIMEOUT, power.R_LATCH])
def test_no_figure_is_cut_however_narrow_the_terminal(run, bmc, monkeypatch, columns, reason):
    monkeypatch.setenv("COLUMNS", columns)
    bmc.power(state=power.FAULT, fault=reason)
    (row,) = [line for line in run("status", "2")[1].splitlines() if line.startswith("2 ")]
    fault = f"fault: {power.REASON_TEXT[reason]}".split()
    assert row.split() == ["2", *fault, "5.10", "0.60", "3.06", "3600.0", "J", "19.00", "-"]


@pytest.mark.parametrize("name", ["LC_ALL", "LANG"])
def test_an_ascii_locale_gets_ascii(run, bmc, monkeypatch, name):
    for other in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, "C")
    assert run("status")[1].isascii()


def test_no_control_codes_where_no_terminal_is(run, bmc):
    assert "\x1b" not in run("status")[1]


def test_status_as_json(run, bmc):
    code, out, _ = run("status", "--json")
    document = json.loads(out)
    assert (code, document["bus"], len(document["slots"])) == (0, "virtual:/fake", 5)
    assert document["slots"][1] == {
        "slot": 2,
        "state": "off",
        "vin_mv": 19000,
        "iin_ma": 250,
        "pin_mw": 4750,
        "vout_mv": 5103,
        "iout_ma": 600,
        "pout_mw": 3062,
        "temperature_mc": None,
        "energy_uj": 3_600_000_000,
        "fault": None,
        "vin_uncertainty_mv": 13,
        "iin_uncertainty_ma": 5,
        "pin_uncertainty_mw": 68,
        "vout_uncertainty_mv": 7,
        "iout_uncertainty_ma": 10,
        "pout_uncertainty_mw": 44,
        "temperature_uncertainty_mc": None,
        "energy_uncertainty_uj": 51_857_498,
        "sensors": {"output": None, "input": None, "temperature": "no answer"},
    }
    assert document["slots"][0] | {"slot": 2} == dict.fromkeys(document["slots"][1]) | {
        "slot": 2,
        "state": "absent",
    }


def test_status_names_a_sensor_that_is_not_believed(run, bmc):
    code, out, _ = run("status")
    assert code == 0
    assert "slot 2: temperature sensor: no answer" in out


def test_one_unit_that_garbles_does_not_hide_the_others(run, bus, bmc):
    bus.insert(4).garble = 1000
    code, out, _ = run("status")
    assert code == 0
    assert "no answer: bad reply" in out
    assert "off" in out


def test_status_aimed_at_an_absent_slot_says_so_with_3(run, bmc):
    assert run("status", "2")[0] == 0
    assert run("status", "1-2")[0] == 3
    assert run("status", "all")[0] == 0


@pytest.mark.parametrize(
    ("words", "code", "clue"),
    [
        (["status", "9"], 3, "there is no slot 9; this rack has slots 1-5"),
        (["power", "on", "0"], 3, "there is no slot 0"),
        (["power", "on", "x"], 2, "'x' is not a slot"),
        (["power", "on"], 2, "missing argument"),
        (["power", "up", "1"], 2, "no such command"),
        (["status", "--fast"], 2, "no such option"),
        (["status", "--interval", "soon"], 2, "valid number"),
        (["frobnicate"], 2, "no such command"),
        (["identify", "1"], 3, "slot 1 does not answer"),
        (["energy", "1"], 3, ""),
        (["log", "1"], 3, "slot 1 does not answer"),
        (["power", "on", "1"], 3, "slot 1 does not answer"),
        (["sim", "insert", "1"], 1, "real hardware"),
        (["repl", "1"], 1, "real hardware"),
        (["repl"], 2, "--port of a real board"),
        (["repl", "1", "--port", "/dev/null"], 2, "--port of a real board"),
        (["repl", "--port", "/dev/ttyACM-none"], 3, "cannot be opened"),
    ],
)
def test_bad_input_gets_one_clear_line_and_its_exit_code(run, words, code, clue):
    got, _, err = run(*words)
    assert got == code
    assert clue in err
    assert err.count("\n") <= 1


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (["status", "9"], 3, "no_such_slot"),
        (["power", "on", "x"], 2, "usage"),
        (["power"], 0, None),
        (["identify", "1"], 3, "absent"),
        (["power", "on", "1"], 3, "absent"),
        (["sim", "short", "1"], 1, "refused"),
    ],
)
def test_errors_are_one_json_document_too(run, words, code, kind):
    got, out, err = run(*words, *(["--json"] if kind else []))
    assert got == code
    if kind:
        assert json.loads(out)["error"].keys() == {"code", "message", "hint"}
        assert json.loads(out)["error"]["code"] == kind
        assert err == ""


def test_power_on_waits_and_says_what_was_measured(run, bmc, clock):
    switches_on(bmc, clock)
    code, out, err = run("power", "on", "2")
    assert (code, out) == (0, "slot 2: on, 5101 mV (virtual:/fake)\n")
    assert "slot 2: on" in err


def test_power_on_of_a_running_unit_changes_nothing(run, bmc):
    bmc.power(state=power.ON, vout_mv=5099)
    code, out, _ = run("power", "on", "2")
    assert (code, "as before" in out, bmc.commands) == (0, True, [])


def test_power_all_means_all_that_are_there(run, bmc, clock):
    switches_on(bmc, clock)
    assert run("power", "on", "all")[0] == 0
    assert len(bmc.commands) == 1
    assert run("power", "on", "1-2")[0] == 3


@pytest.mark.parametrize(
    "words",
    [
        ["power", "on", "all"],
        ["factory-reset", "all", "--yes"],
        ["image", "require-payload", "all", "on"],
    ],
)
def test_what_is_done_to_all_of_an_empty_rack_is_done_to_nobody(run, words):
    code, out, err = run(*words)
    assert (code, out) == (3, "")
    assert "no unit is inserted" in err


@pytest.mark.parametrize("command", ["identify", "name", "peaks"])
def test_who_is_in_an_empty_rack(run, command):
    assert run(command, "all") == (0, "no unit is inserted (virtual:/fake)\n", "")
    assert json.loads(run(command, "all", "--json")[1])["slots"] == []


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["off"], power.COMMAND_SHUTDOWN),
        (["off", "--now"], power.COMMAND_OFF),
        (["cycle"], power.COMMAND_CYCLE),
    ],
)
def test_the_commands_that_a_unit_gets(run, bmc, clock, words, command):
    bmc.power(state=power.ON)
    goal = power.ON if words == ["cycle"] else power.OFF
    bmc.on_write = lambda name, data: (
        bmc._power_command(name, data),
        clock.after(1, lambda: bmc.power(state=goal, result=power.DONE)),
    )
    assert run("power", *words, "2")[0] == 0
    assert [c["command"] for c in bmc.commands] == [command]


def test_power_as_json_has_a_row_for_each_slot_and_the_first_error(run, bmc, clock):
    switches_on(bmc, clock)
    code, out, _ = run("power", "on", "1,2", "--json")
    document = json.loads(out)
    assert code == 3
    assert [row["state"] for row in document["slots"]] == [None, "on"]
    assert document["slots"][0]["error"]["code"] == document["error"]["code"] == "absent"
    assert document["slots"][0]["vout_uncertainty_mv"] is None
    # 3.5 % of 5.101 V, 16 mV, the last digit.
    assert document["slots"][1]["vout_uncertainty_mv"] == 196


def test_a_bmc_that_does_not_know_its_converter_leaves_the_uncertainty_open(run, bmc, clock):
    switches_on(bmc, clock)
    bmc.refused_items = (0x25, 0x26, 0x27)
    row = json.loads(run("power", "on", "2", "--json")[1])["slots"][0]
    assert (row["vout_mv"], row["vout_uncertainty_mv"]) == (5_101, None)


def test_a_refusal_is_1_with_its_reason(run, bmc):
    bmc.on_write = lambda name, data: (
        bmc._power_command(name, data),
        bmc.power(result=power.REFUSED, reason=power.R_INPUT_UNDERVOLTAGE),
    )
    code, _, err = run("power", "on", "2")
    assert code == 1
    assert "slot 2 refused power on: input undervoltage" in err


def test_identify(run, bmc):
    code, out, _ = run("identify", "2")
    assert code == 0
    assert "e6613852831f2a2b" in out
    assert json.loads(run("identify", "2", "--json")[1])["slots"][0]["protocol_current"] == 1


def test_identify_says_which_image_runs_and_who_signed_it(run, bmc):
    out = run("identify", "2")[1]
    assert "image B     number 12, signed by key 5a094beed8b6345e; it runs" in out
    assert "takes       number 11 and later" in out
    said = bmc.blocks["BOOT_STATUS"]
    said |= {"mode": boot.RECOVERY, "running": boot.NO_SLOT, "sequence": 0}
    said |= {"reason_a": image.R_DIGEST_MISMATCH, "reason": image.R_CRASHED}
    out = run("identify", "2")[1]
    assert "image A     refused: digest mismatch" in out
    assert "last trial  ended: crashed on trial" in out
    assert "signed by" not in out
    (row,) = json.loads(run("identify", "2", "--json")[1])["slots"]
    assert row["boot"]["running"] is row["boot"]["key_id"] is row["boot"]["sequence"] is None
    assert row["boot"]["refused"] == {"A": "digest mismatch"}
    assert (row["boot"]["mode"], row["boot"]["minimum_sequence"]) == ("recovery", 11)


def test_a_unit_in_recovery_is_said_to_be(run, bus, bmc):
    bus.insert(3)
    bmc.unsupported = ("POWER_STATE", "TELEMETRY", "ENERGY")
    damaged = "POWER_STATE came damaged"
    assert damaged in run("power", "on", "2")[2]
    bmc.blocks["IDENTIFY"]["flags"] = blocks.IDENTIFY_RECOVERY
    rows = json.loads(run("status", "--json")[1])["slots"]
    assert [row["state"] for row in rows[1:3]] == ["recovery", "off"]
    code, _, err = run("power", "on", "2")
    assert (code, damaged in err) == (3, False)
    assert "slot 2 runs its recovery service" in err
    assert "racklet update 2 FILE" in err


def test_the_bus_may_stand_before_the_command(run, bus, bmc, monkeypatch):
    asked = []

    def open_bus(spec):
        asked.append(spec)
        return bus

    monkeypatch.setattr(options, "open_bus", open_bus)
    run("--bus", "i2c:/dev/i2c-7", "status")
    run("status", "--bus", "i2c:/dev/i2c-8")
    assert asked == ["i2c:/dev/i2c-7", "i2c:/dev/i2c-8"]


@pytest.mark.parametrize(
    "words",
    [
        ["status", "--watch", "--interval", "inf"],
        ["energy", "--record", "x.csv", "--interval", "inf"],
        ["calibrate", "2", "--reference", "0.1%", "--point", "nan", "--yes"],
    ],
)
def test_times_and_values_are_finite(run, bmc, words):
    assert run(*words)[0] == 2


def commands(group, path=""):
    """(name, command) of all that can be called."""
    for name, command in group.commands.items():
        inside = hasattr(command, "commands")
        yield from commands(command, f"{name} ") if inside else [(path + name, command)]


def test_everything_that_can_be_said_is_explained():
    for name, command in commands(typer.main.get_command(app)):
        assert command.help, name
        for parameter in command.params:
            assert parameter.help, (name, parameter.opts)


def test_every_command_that_answers_can_answer_in_json():
    without = {
        name
        for name, command in commands(typer.main.get_command(app))
        if not any("--json" in parameter.opts for parameter in command.params)
    }
    assert without == {"demo", "rack", "repl", "i2c-run"}


def test_a_setting_that_the_firmware_does_not_have(run, bmc):
    fields = ("number", "count", "value", "minimum", "maximum", "default")
    bmc.blocks["SETTING"] = dict.fromkeys(fields, 0)
    code, _, err = run("name", "2")
    assert (code, "the BMC has no setting name_1; racklet settings shows" in err) == (1, True)


def test_a_wrong_number_of_slots_in_the_environment(run, monkeypatch):
    monkeypatch.setenv("RACKLET_SLOTS", "many")
    code, _, err = run("status")
    assert (code, "RACKLET_SLOTS=many" in err) == (2, True)


def test_a_bug_is_one_line_too(run, bus, monkeypatch):
    def broken(spec):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(options, "open_bus", broken)
    code, _, err = run("status")
    assert code == 1
    assert "internal error: ZeroDivisionError: oops" in err
    assert err.count("\n") == 1


def test_ctrl_c_is_130(run, monkeypatch):
    def interrupted(spec):
        raise KeyboardInterrupt

    monkeypatch.setattr(options, "open_bus", interrupted)
    code, _, err = run("status")
    assert code == 130
    assert err.count("\n") <= 1


def test_peaks_of_a_window_and_of_power_ons(run, bmc):
    bmc.blocks["ENERGY"]["taken_ms"] = 62_000
    code, out, _ = run("peaks")
    assert code == 0
    assert "slot 2 on virtual:/fake, last whole window" in out
    (row,) = [line.split() for line in out.splitlines() if line.startswith("output A")]
    assert row[2:] == ["0.012", "60.8", "s", "0.612", "1.850", "31.5", "s"]
    (on,) = [line.split() for line in out.splitlines() if line.startswith("1 ")]
    assert on == ["1", "57.0", "s", "19", "ms", "1.32", "6", "ms", "41", "0.64", "9.2", "s", "0.45"]
    assert "stagger: 30 ms" in out
    document = json.loads(run("peaks", "2", "--json")[1])
    assert document["stagger_ms"] == 30
    (slot,) = document["slots"]
    assert slot["windows"]["iout_ma"]["highest_ms"] == 30_500
    assert slot["windows"]["iout_ma"]["uncertainty"] == 27  # 1.35 % of 1.85 A, 0.2 mA, the digit
    (on,) = slot["power_ons"]
    assert (on["rise_out_uj"], on["rise_out_uncertainty_uj"]) == (40_800, 588)
    assert (on["inrush_ma"], on["inrush_uncertainty_ma"]) == (1_320, 20)
    assert (on["own_mw"], on["own_uncertainty_mw"]) == (450, 8)
    assert slot["sensors"]["temperature"] == {"reason": "no answer", "errors": 17}
    assert "temperature sensor: 17 failed reads since the start, no answer" in out


def test_peaks_before_the_first_window(run, bmc):
    del bmc.pages[0x04]
    assert "there is none yet; --now" in run("peaks", "2")[1]
    assert json.loads(run("peaks", "2", "--json")[1])["slots"][0]["windows"] == {}
    assert run("peaks", "3")[0] == 3
