"""`racklet factory-reset`: asks first, and believes only what the BMC's log tells."""

import io
import json
import sys
from typing import Any

import pytest
from racklet.cli import main, options
from racklet_wire import blocks, cbor, events


@pytest.fixture
def run(bus, clock, monkeypatch, capsys):
    monkeypatch.setattr(options, "open_bus", lambda spec: bus)
    monkeypatch.setattr(options, "clock", clock)
    monkeypatch.setenv("RACKLET_BUS", "i2c:/fake")
    monkeypatch.setenv("RACKLET_SLOTS", "5")

    def run(*words):
        code = main(["factory-reset", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def asked(bus):
    """A BMC in slot 2 that resets and logs it; the requests that it got."""
    bmc, asked = bus.insert(2), []
    bmc.blocks["LOG_STATUS"] = dict.fromkeys(blocks.fields("LOG_STATUS"), 0)
    bmc.blocks["LOG_WINDOW"] = {"sequence": 0, "offset": 0, "size": 0, "data": b""}
    records = {}

    def write(name, data):
        fields: dict[str, Any] = dict(blocks.unpack(name, data))
        if name == "FACTORY_RESET":
            asked.append(fields)
            records[1] = cbor.encode(
                {
                    events.SEQUENCE: 1,
                    events.KIND: events.FACTORY_RESET,
                    "transaction": fields["transaction_id"],
                }
            )
            bmc.blocks["LOG_STATUS"] |= {"first": 1, "last": 1}
        else:
            record = records[fields["sequence"]]
            piece = record[fields["offset"] :][:24]
            bmc.blocks["LOG_WINDOW"] |= fields | {"size": len(record), "data": piece}

    bmc.on_write = write
    return asked


def answer(monkeypatch, text, tty=True):
    class Terminal(io.StringIO):
        def isatty(self):
            return tty

    monkeypatch.setattr(sys, "stdin", Terminal(text))


def test_it_is_said_with_magic_and_generation_and_done(run, asked):
    code, out, _ = run("2", "--yes")
    assert (code, out) == (0, "slot 2: settings are the defaults (virtual:/fake)\n")
    (request,) = asked
    assert (request["magic"], request["generation"]) == (blocks.FACTORY_RESET_MAGIC, 7)
    assert request["transaction_id"]


@pytest.mark.parametrize(("text", "count"), [("y\n", 1), ("n\n", 0), ("", 0), ("\n", 0)])
def test_a_person_is_asked_first(run, asked, monkeypatch, text, count):
    answer(monkeypatch, text)
    code, _, err = run("2")
    assert (len(asked), code) == (count, 1 - count)
    assert "Forget the settings of slot 2 on virtual:/fake?" in err


def test_nobody_to_ask_is_a_refusal(run, asked, monkeypatch):
    answer(monkeypatch, "y\n", tty=False)
    code, out, err = run("2", "--json")
    assert (code, asked) == (1, [])
    assert json.loads(out)["error"]["code"] == "refused"
    assert err == ""


def test_a_bmc_that_does_not_do_it_and_one_that_is_absent(run, bus, asked, clock):
    bus.bmcs[2].on_write = lambda name, data: None
    bus.bmcs[2].registers["WRITE_PROTECT"] = b"\x80"
    code, out, err = run("2,3", "--yes")
    assert (code, out) == (1, "")
    assert "slot 2: the BMC at 0x12 did not reset" in err
    assert "its WRITE_PROTECT is set" in err
    assert "slot 3 does not answer" in err
    code, out, _ = run("2", "--yes", "--json")
    document = json.loads(out)
    assert document["slots"][0]["reset"] is False
    assert document["error"]["code"] == "refused"
