"""The event log: records out of windows, what a record says, and noise."""

import hashlib
import json
from typing import Any

import pytest
from racklet.bmc import Bmc
from racklet.cli import main, options
from racklet.cli.log import log_line
from racklet.errors import BadReply, NotReachable, StandsStill
from racklet.eventlog import LogRecord
from racklet_wire import blocks, cbor, events, image, power


class Log:
    """The log service of a fake BMC. `late` counts looks that still show the old window."""

    def __init__(self, bmc, records):
        self.records = {n: cbor.encode(r) for n, r in records.items()}
        self.late = 0
        self.wanted = (0, 0)
        self.acknowledged = []
        self.times = []
        bmc.on_write = self.write
        bmc.blocks["LOG_STATUS"] = dict.fromkeys(blocks.fields("LOG_STATUS"), 0) | {
            "first": min(records, default=1),
            "last": max(records, default=0),
        }
        bmc.blocks["LOG_WINDOW"] = {"sequence": 0, "offset": 0, "size": 0, "data": b""}
        self.status = bmc.blocks["LOG_STATUS"]
        self.window = bmc.blocks["LOG_WINDOW"]

    def write(self, name, data):
        fields: dict[str, Any] = dict(blocks.unpack(name, data))
        if name == "LOG_ACKNOWLEDGE":
            self.acknowledged.append(fields["sequence"])
            self.note()
            return
        if name == "TIME_SET":
            self.times.append(fields["unix_ms"])
            return
        record = self.records.get(fields["sequence"], b"")
        piece = record[fields["offset"] : fields["offset"] + 24]
        self.window |= fields | {"size": len(record), "data": piece}

    def note(self):
        self.status["acknowledged"] = max(self.acknowledged)


def record(sequence, kind=events.FAULT, **more):
    return {
        events.SEQUENCE: sequence,
        events.GENERATION: 2,
        events.UPTIME_MS: 12_345,
        events.KIND: kind,
        **more,
    }


@pytest.fixture
def bmc(bus):
    return bus.insert(1)


def test_records_come_whole_and_in_order(bus, bmc, clock):
    Log(bmc, {n: record(n, reason="short circuit", vout_mv=12) for n in (3, 4, 5)})
    found = list(Bmc(bus, 1, clock).log())
    assert [r.sequence for r in found] == [3, 4, 5]
    assert found[0].kind == "fault"
    assert found[0].fields == {"reason": "short circuit", "vout_mv": 12}
    assert [r.sequence for r in Bmc(bus, 1, clock).log(after=4)] == [5]


def test_an_empty_log(bus, bmc, clock):
    Log(bmc, {})
    assert list(Bmc(bus, 1, clock).log()) == []


def test_a_record_overwritten_meanwhile_is_left_out(bus, bmc, clock):
    log = Log(bmc, {n: record(n) for n in (1, 2)})
    del log.records[1]
    assert [r.sequence for r in Bmc(bus, 1, clock).log()] == [2]


def test_a_window_that_someone_else_keeps_moving(bus, bmc, clock):
    Log(bmc, {1: record(1)})
    bmc.on_write = lambda name, data: None

    def time_goes_on():
        bmc.blocks["TIME"]["uptime_ms"] += 100
        clock.after(0.1, time_goes_on)

    clock.after(0.1, time_goes_on)
    with pytest.raises(BadReply, match="does not show record 1") as caught:
        list(Bmc(bus, 1, clock).log())
    assert "another client reads its log" in caught.value.hint


def test_a_bmc_whose_firmware_stands_still_is_named_so(bus, bmc, clock):
    Log(bmc, {1: record(1)})
    bmc.on_write = lambda name, data: None
    with pytest.raises(StandsStill, match="BMC in slot 1 stands still") as caught:
        list(Bmc(bus, 1, clock).log())
    assert caught.value.exit_code == 3
    assert "watchdog" in caught.value.hint
    assert clock.now_s < 1.0


@pytest.mark.parametrize("data", [b"\xff", b"\x80", b"\xa0", b"\xa1\x01"])
def test_a_damaged_record_is_an_error_and_no_crash(data):
    with pytest.raises(BadReply):
        LogRecord.of(data)


def test_a_kind_that_this_host_does_not_know():
    assert LogRecord.of(cbor.encode(record(1, kind=200))).kind == "unknown (200)"


def test_a_record_as_a_line():
    line = log_line(2, LogRecord.of(cbor.encode(record(7, reason="short circuit"))))
    assert line == "slot 2  #7     boot 2 +12.345 s           fault reason=short circuit"
    change = record(9, kind=events.STATE, state=power.FAULT, before=power.ON, reason=2)
    line = log_line(2, LogRecord.of(cbor.encode(change)))
    assert line.endswith("state state=fault before=on reason='short circuit'")
    refused = record(9, kind=events.IMAGE_REFUSED, reason=image.R_BAD_SIGNATURE)
    assert log_line(2, LogRecord.of(cbor.encode(refused))).endswith("reason='bad signature'")
    crash = record(9, events.CRASH, of=2, text="in step\n  x\x1b\\\n", piece=0, service="energy")
    line = log_line(2, LogRecord.of(cbor.encode(crash)))
    assert line.endswith(r"crash of=2 piece=0 service=energy text=in step\n  x\x1b\\n")
    for pc, shown in ((0x1002_3456, "pc=0x10023456 fed_ms=7"), (0, "fed_ms=7")):
        bite = record(9, events.WATCHDOG, service="energy", fed_ms=7, pc=pc)
        line = log_line(2, LogRecord.of(cbor.encode(bite)))
        assert line.endswith(f"watchdog {shown} service=energy")
    flood = {**record(8), events.COUNT: 40, events.LAST_MS: 2_345}
    many = LogRecord.of(cbor.encode({**flood, events.UNIX_MS: 86_400_007}))
    assert "1970-01-02 00:00:00.007 UTC" in log_line(2, many)
    assert "fault (40 times, the last 10.0 s before)" in log_line(2, many)
    cut = LogRecord.of(cbor.encode({**flood, "boot": 1}))
    assert "fault (40 times, the last at +2.3 s) boot=1" in log_line(2, cut)


def test_the_command_shows_and_follows(bus, bmc, clock, monkeypatch, capsys):
    log = Log(bmc, {1: record(1)})
    monkeypatch.setattr(options, "open_bus", lambda spec: bus)
    monkeypatch.setattr(options, "clock", clock)
    monkeypatch.setenv("RACKLET_BUS", "i2c:/fake")
    assert main(["log", "1"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "event log of slot 1 on virtual:/fake"
    assert "#1" in out.splitlines()[1]

    def more():
        log.records[2] = cbor.encode(record(2))
        bmc.blocks["LOG_STATUS"]["last"] = 2

    clock.after(0.5, more)
    clock.after(2.5, interrupt)
    assert main(["log", "1", "--follow", "--json"]) == 130
    lines = capsys.readouterr().out.splitlines()
    assert [line.count('"sequence": ') for line in lines] == [1, 1, 0]
    assert '"sequence": 2' in lines[1]


def interrupt():
    raise KeyboardInterrupt


@pytest.mark.parametrize("words", [["1"], ["all"]])
def test_follow_waits_for_what_is_away_and_begins_anew_with_another_unit(
    run, bus, bmc, clock, words
):
    log = Log(bmc, {1: record(1)})

    def come_back():
        log.records[2] = cbor.encode(record(2))
        log.status["last"] = 2
        bus.bmcs[1] = bmc

    def change():
        other = bus.insert(1)
        other.blocks["IDENTIFY"]["serial"] = b"another!"
        Log(other, {1: record(1, kind=events.BOOT)})

    clock.after(1.5, bus.bmcs.clear)
    clock.after(4.5, come_back)
    clock.after(6.5, change)
    clock.after(8.5, interrupt)
    code, out, err = run("log", *words, "--follow")
    assert code == 130
    assert [line.split()[2] for line in out.splitlines()[1:]] == ["#1", "#2", "#1"]
    absent, interrupted = err.splitlines()
    assert "slot 1 does not answer" in absent
    assert "interrupted" in interrupted


def test_follow_ends_when_the_bus_itself_is_gone(run, bus, bmc, clock, monkeypatch):
    Log(bmc, {1: record(1)})

    def vanish():
        monkeypatch.setattr(bus, "transfer", gone)

    def gone(messages):
        raise NotReachable("no rack")

    clock.after(1.5, vanish)
    code, _, err = run("log", "1", "--follow")
    assert (code, "no rack" in err) == (3, True)


def test_the_log_of_the_recovery_service_has_no_uncertainties(run, bmc):
    Log(bmc, {1: record(1, vout_mv=5_000, inrush_ma=900)})
    bmc.blocks["IDENTIFY"]["flags"] = blocks.IDENTIFY_RECOVERY
    bmc.refused_items = bmc.pages  # it measures nothing
    code, out, _ = run("log", "1", "--json")
    assert code == 0
    ((row,),) = (slot["records"] for slot in json.loads(out)["slots"])
    assert row["uncertainty"] == {"vout_uncertainty_mv": None, "inrush_uncertainty_ma": None}


@pytest.fixture
def log(bus, clock, monkeypatch):
    bmc = bus.insert(1)
    log = Log(bmc, {n: record(n) for n in range(1, 7)})
    before = bytes(8)
    for n in log.records:
        log.records[n] = cbor.encode(record(n) | {events.PREVIOUS: before})
        before = hashlib.sha256(log.records[n]).digest()[:8]
    monkeypatch.setattr(options, "open_bus", lambda spec: bus)
    monkeypatch.setattr(options, "clock", clock)
    monkeypatch.setenv("RACKLET_BUS", "i2c:/fake")
    return log


def test_verify_says_that_a_log_is_whole(log, capsys):
    assert main(["log", "1", "--verify"]) == 0
    assert capsys.readouterr().out == "slot 1: whole, records 1 to 6 (virtual:/fake)\n"
    assert log.acknowledged == []


def test_verify_names_every_problem_and_exits_with_1(log, capsys):
    log.records[2] = b""
    log.records[5] = cbor.encode(record(5) | {events.PREVIOUS: bytes(8)})
    assert main(["log", "1", "--verify"]) == 1
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "slot 1: record 2 is missing",
        "slot 1: record 5 does not follow record 4",
        "slot 1: record 6 does not follow record 5",
        "slot 1: NOT whole, records 1 to 6 (virtual:/fake)",
    ]
    assert shown.err.count("\n") == 1
    assert main(["log", "1", "--verify", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["error"]["code"] == "log_broken"
    assert document["slots"][0]["whole"] is False
    assert [p["sequence"] for p in document["slots"][0]["problems"]] == [2, 5, 6]


def test_a_record_that_made_room_while_the_log_was_read_is_no_gap(log, bus, capsys):
    status = bus.bmcs[1].blocks["LOG_STATUS"]
    show = bus.bmcs[1].on_write

    def make_room(name, data):
        log.records[1] = b""
        status["first"] = 2
        show(name, data)

    bus.bmcs[1].on_write = make_room
    assert main(["log", "1", "--verify"]) == 0
    assert "records 2 to 6" in capsys.readouterr().out


def test_only_acknowledge_acknowledges_and_tells_the_time(log, capsys, monkeypatch):
    monkeypatch.setattr("time.time_ns", lambda: 1_790_000_000_123_456_789)
    assert main(["log", "1"]) == 0
    assert (log.acknowledged, log.times) == ([], [])
    assert main(["log", "1", "--acknowledge"]) == 0
    assert main(["log", "1", "--acknowledge", "--json"]) == 0
    assert log.acknowledged == [6, 6]
    assert log.times == [1_790_000_000_123] * 2


def test_what_is_acknowledged_has_been_noted_when_that_is_over(log, bus, clock):
    note, log.note = log.note, lambda: clock.after(0.4, note)  # an erase came between
    Bmc(bus, 1, clock).acknowledge_log(6)
    assert log.status["acknowledged"] == 6


def test_an_acknowledgement_that_is_not_noted_is_an_error(log, clock, capsys):
    log.note = lambda: None
    assert main(["log", "1", "--acknowledge"]) == 4
    assert "did not note that record 6 is kept elsewhere" in capsys.readouterr().err
    assert clock.now_s < 3.0


def test_the_uncertainty_travels_with_the_readings_of_a_record(log, capsys):
    measured = record(6, vout_mv=5_000, vin_mv=12_000, inrush_ma=1_000)
    log.records[6] = cbor.encode(measured)
    assert main(["log", "1", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["slots"]
    offs = [shown["uncertainty"] for shown in row["records"]]
    assert offs[:-1] == [{}] * 5
    assert offs[-1] == {
        "vout_uncertainty_mv": 192,
        "vin_uncertainty_mv": 585,
        "inrush_uncertainty_ma": 15,
    }


def test_verify_stands_alone(log, capsys):
    assert main(["log", "1", "--verify", "--follow"]) == 2
    assert main(["log", "1", "--verify", "--acknowledge"]) == 2
