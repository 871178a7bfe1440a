"""Compute payloads as a person signs them and has them judged."""

import hashlib
import json
from typing import Any

import pytest
from racklet.cli import main, options
from racklet.images.envelope import class_id, read_image
from racklet_wire import blocks, image

DISK = b"what a compute unit boots" * 1000
DIGEST = hashlib.sha256(DISK).digest()


class Judge:
    """A fake BMC that says what it was told to, and notes what it was sent."""

    def __init__(self, bmc):
        self.data = b""
        self.reason = image.R_NONE
        self.confirmations = 0
        self.status: dict[str, Any] = dict.fromkeys(blocks.fields("IMAGE_STATUS"), 0)
        bmc.blocks["IMAGE_STATUS"] = self.status
        bmc.on_write = self.write

    def write(self, name, data):
        fields: dict[str, Any] = dict(blocks.unpack(name, data))
        status = self.status
        if name == "IMAGE_BEGIN":
            self.data = b""
            status |= {name: fields[name] for name in ("component", "size", "transfer_id")}
            status |= {"state": image.RECEIVING, "received": 0}
        elif name == "IMAGE_CHUNK":
            self.data = (self.data + fields["data"])[: status["size"]]
            status["received"] = len(self.data)
        elif fields["command"] == image.COMMAND_FINISH:
            status["reason"] = self.reason
            status["state"] = image.REFUSED if self.reason else image.VERIFIED
            status["sequence"] = 3
        elif fields["command"] == image.COMMAND_CONFIRM:
            self.confirmations += 1
            status["state"] = image.CONFIRMED


@pytest.fixture
def run(bus, clock, tmp_path, monkeypatch, capsys):
    """Run a command line in a folder with a key and a signed payload: (code, stdout, stderr)."""
    monkeypatch.setattr(options, "open_bus", lambda spec: bus)
    monkeypatch.setattr(options, "clock", clock)
    monkeypatch.setenv("RACKLET_BUS", "i2c:/fake")
    monkeypatch.setenv("RACKLET_SLOTS", "5")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "os.img").write_bytes(DISK)
    (tmp_path / "pass").write_text("secret\n")

    def run(words):
        code = main(words.split())
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    assert run("key new release --passphrase-file pass")[0] == 0
    sign = "image sign-payload os.img --key release --family pi-os --sequence 3 -o os.suit"
    assert run(f"{sign} --passphrase-file pass")[0] == 0
    return run


@pytest.fixture
def judge(bus):
    return Judge(bus.insert(1))


def test_a_manifest_says_what_was_measured(run, tmp_path):
    found = read_image((tmp_path / "os.suit").read_bytes())
    manifest = found.manifest
    assert (manifest.component, manifest.sequence) == (image.COMPUTE, 3)
    assert (manifest.size, manifest.digest) == (len(DISK), DIGEST)
    assert manifest.class_id == class_id("pi-os")
    assert found.payload == b""
    assert "compute payload" in run("image inspect os.suit")[1]
    assert run("image verify os.suit --key release.pub")[0] == 0


def test_the_bmc_gets_manifest_and_digest(run, judge, tmp_path):
    code, out, _ = run("image verify-payload 1 os.suit os.img")
    assert (code, out) == (0, "slot 1: payload verified, number 3 (virtual:/fake)\n")
    assert judge.data == (tmp_path / "os.suit").read_bytes() + DIGEST
    assert judge.confirmations == 0


def test_a_digest_measured_elsewhere_will_do(run, judge):
    assert run(f"image verify-payload 1 os.suit --digest {DIGEST.hex()}")[0] == 0
    assert judge.data.endswith(DIGEST)


def test_confirmation_is_asked_for(run, judge):
    code, out, _ = run("image verify-payload 1 os.suit os.img --confirm --json")
    (row,) = json.loads(out)["slots"]
    assert (code, row["confirmed"], judge.confirmations) == (0, True, 1)


def test_a_refusal_is_a_no_with_its_reason(run, judge):
    judge.reason = image.R_ROLLBACK
    code, out, _ = run("image verify-payload 1 os.suit os.img --confirm --json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "sequence_too_old")
    assert judge.confirmations == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("1 os.suit", "FILE, or --digest HEX"),
        ("1 os.suit os.img --digest 00", "FILE, or --digest HEX"),
        ("1 os.suit --digest 00", "no SHA-256"),
        ("1,2 os.suit os.img", "one slot at a time"),
        ("1 os.suit nothing", "cannot read nothing"),
    ],
)
def test_wrong_usage_sends_nothing(run, judge, words, says):
    code, _, err = run(f"image verify-payload {words}")
    assert (code, judge.data) == (2, b"")
    assert says in err
