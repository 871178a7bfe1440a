"""Updates: what is refused before a byte is sent, trial, watch, confirmation, and the rollout."""

import hashlib
import json
import sys
from typing import Any

import pytest
from racklet.bmc import Bmc
from racklet.cli import main, options
from racklet.errors import Absent, Busy, Refused, UsageError, VerificationFailed
from racklet.images import romfs
from racklet.images.envelope import class_id, sign_image, sign_manifest
from racklet.images.key_manifest import sign_keys
from racklet.keys import SigningKey
from racklet.rack import Rack
from racklet.update import Package, Phase
from racklet_wire import blocks, image, power
from racklet_wire.suit_manifest import Manifest

KEY = SigningKey.generate()
PAYLOAD = bytes(range(256)) * 8
NEW = sign_image(PAYLOAD, KEY, 8, "virtual")
OLD_SEQUENCE, NEW_SEQUENCE = 5, 8


class Receiver:
    """The images of a fake BMC: takes chunks, restarts, runs on trial, confirms, reverts.

    `crashes` are how often the new image crashes on trial, `crash_s` how soon; with `verdict`
    the image is refused. `test` is called when the new image starts.
    """

    def __init__(self, bmc, clock):
        self.bmc, self.clock = bmc, clock
        self.data = b""
        self.writes = 0
        self.verdict = image.R_NONE
        self.crashes = 0
        self.crash_s = 1.0
        self.attempts = 0
        self.start_new = lambda: None
        self.confirmed = None
        bmc.on_write = self.write
        self.status: dict[str, Any] = dict.fromkeys(blocks.fields("IMAGE_STATUS"), 0)
        self.status |= {"active_sequence": OLD_SEQUENCE, "minimum_sequence": OLD_SEQUENCE}
        bmc.blocks["IMAGE_STATUS"] = self.status
        bmc.blocks["SELF_TEST"] = {
            "done": 0xFFFF,
            "failed": 0,
            "generation": 7,
            "taken_ms": 0,
            "detail": 0,
        }

    def write(self, name, data):
        fields: dict[str, Any] = dict(blocks.unpack(name, data))
        status = self.status
        self.writes += 1
        if name == "IMAGE_BEGIN":
            self.data = b""
            status |= {
                "transfer_id": fields["transfer_id"],
                "component": fields["component"],
                "size": fields["size"],
                "received": 0,
                "state": image.RECEIVING,
            }
        elif name == "IMAGE_CHUNK":
            if fields["number"] == len(self.data) // image.CHUNK:
                self.data = (self.data + fields["data"])[: status["size"]]
                status["received"] = len(self.data)
        else:
            assert fields["generation"] == self.bmc.blocks["IDENTIFY"]["generation"]
            self.command(fields["command"])

    def command(self, command):
        status = self.status
        if command == image.COMMAND_FINISH:
            refused = self.verdict != image.R_NONE
            status["state"] = image.REFUSED if refused else image.VERIFIED
            status["reason"] = self.verdict
        elif command == image.COMMAND_ACTIVATE:
            status["state"] = image.ACTIVATING
            self.clock.after(0.2, self.start_trial)
        elif command == image.COMMAND_CONFIRM:
            self.confirmed = self.clock.now_s
            status |= {
                "state": image.CONFIRMED,
                "reason": image.R_NONE,
                "flags": 0,
                "minimum_sequence": status["active_sequence"],
            }
        elif command == image.COMMAND_REVERT:
            self.clock.after(0.2, lambda: self.revert(image.R_ABORTED))
        elif command == image.COMMAND_ABORT:
            status |= {"state": image.IDLE, "reason": image.R_ABORTED}

    def restart(self):
        self.bmc.blocks["IDENTIFY"]["generation"] += 1
        self.status |= {"size": 0, "received": 0, "sequence": 0}

    def start_trial(self):
        self.restart()
        self.attempts += 1
        self.status |= {
            "state": image.TRIAL,
            "flags": blocks.IMAGE_TRIAL,
            "active_sequence": NEW_SEQUENCE,
        }
        self.start_new()
        if self.attempts <= self.crashes:
            after = self.start_trial if self.attempts < 3 else lambda: self.revert(image.R_CRASHED)
            self.clock.after(self.crash_s, after)

    def revert(self, reason):
        self.restart()
        self.status |= {
            "state": image.IDLE,
            "reason": reason,
            "flags": 0,
            "transfer_id": 0,
            "active_sequence": OLD_SEQUENCE,
        }


@pytest.fixture
def receiver(bus, clock):
    return Receiver(bus.insert(1), clock)


def update(bus, clock, data=NEW, **more):
    return Bmc(bus, 1, clock).update(Package.of(data), **more)


def test_an_update_is_sent_watched_and_confirmed(bus, clock, receiver):
    phases = []
    done = update(bus, clock, on_progress=lambda progress: phases.append(progress.phase))
    assert (done.sequence, done.before, done.is_resumed) == (NEW_SEQUENCE, OLD_SEQUENCE, False)
    assert receiver.data == NEW
    steps = (Phase.SENDING, Phase.VERIFIED, Phase.RESTARTING, Phase.TRIAL)
    assert tuple(dict.fromkeys(phases)) == steps
    assert receiver.confirmed > 10.2  # not before it was watched for ten seconds


def test_the_same_number_is_installed_again(bus, clock, receiver):
    receiver.status["active_sequence"] = receiver.status["minimum_sequence"] = NEW_SEQUENCE
    assert update(bus, clock).before == NEW_SEQUENCE
    assert receiver.confirmed is not None


@pytest.fixture
def refused_unsent(bus, clock, receiver):
    """The error that a file earns without a byte being sent."""

    def refused_unsent(data, error, words):
        with pytest.raises(error, match=words) as caught:
            update(bus, clock, data)
        assert receiver.writes == 0
        return caught.value

    return refused_unsent


def test_another_board_s_image_is_not_sent(refused_unsent):
    data = sign_image(PAYLOAD, KEY, 8, "pico_breadboard")
    error = refused_unsent(data, Refused, "wrong class.*virtual")
    assert error.code == "wrong_class"


def test_an_older_image_is_not_sent(refused_unsent):
    data = sign_image(PAYLOAD, KEY, 4, "virtual")
    error = refused_unsent(data, Refused, "number 4, .* takes 5 or later")
    assert error.code == "sequence_too_old"


def test_a_damaged_file_is_not_sent(refused_unsent):
    data = NEW[:-1] + bytes([NEW[-1] ^ 1])
    refused_unsent(data, VerificationFailed, "damaged")


def test_a_compute_payload_is_no_firmware(refused_unsent):
    digest = hashlib.sha256(PAYLOAD).digest()
    about = Manifest(
        8, digest, 9, class_id=class_id("virtual"), component=image.COMPUTE, uri="payload"
    )
    data = sign_manifest(about, None, KEY)
    refused_unsent(data, UsageError, "compute payload")


def test_a_bmc_that_runs_from_files_takes_no_images(bus, refused_unsent):
    bus.bmcs[1].blocks["IDENTIFY"]["flags"] = blocks.IDENTIFY_DEVELOPER
    refused_unsent(NEW, Refused, "developer mode")


def test_a_refusal_has_its_reason(bus, clock, receiver):
    receiver.verdict = image.R_REVOKED_KEY
    with pytest.raises(Refused, match="slot 1 refused the image: revoked key") as caught:
        update(bus, clock)
    assert caught.value.code == "revoked_key"
    assert receiver.attempts == 0


def test_what_rotted_in_a_slot_is_sent_anew(bus, clock, receiver):
    """The BMC went on with what lay there, and forgot it when its digest was wrong."""
    sent = []

    def progress(step):
        if step.phase is Phase.SENDING and not step.done:
            sent.append(step)
            receiver.verdict = image.R_NONE if len(sent) > 1 else image.R_DIGEST_MISMATCH

    update(bus, clock, on_progress=progress)
    assert len(sent) == 2
    assert receiver.confirmed is not None


def test_a_flash_that_rots_again_is_not_written_for_ever(bus, clock, receiver):
    receiver.verdict = image.R_DIGEST_MISMATCH
    with pytest.raises(Refused, match="slot 1 refused the image: digest mismatch"):
        update(bus, clock)


def test_a_base_that_is_too_old_is_to_be_flashed(bus, clock, receiver):
    receiver.verdict = image.R_BASE
    payload = romfs.pack({"image.json": b'{"base": 3}'})
    with pytest.raises(Refused, match="slot 1 refused the image: base too old") as caught:
        update(bus, clock, sign_image(payload, KEY, 8, "virtual"))
    assert caught.value.code == "base_too_old"
    assert "needs base 3" in caught.value.hint
    assert "UF2" in caught.value.hint


def test_new_keys_are_in_force_without_a_restart(bus, clock, receiver):
    keys = sign_keys(KEY, 2, "virtual", trusted=[KEY.public])
    assert update(bus, clock, keys).sequence == 2
    assert receiver.status["component"] == image.KEYS
    assert bus.bmcs[1].blocks["IDENTIFY"]["generation"] == 7


@pytest.mark.parametrize(
    ("verdict", "hint"),
    [
        (image.R_ROLLBACK, "sign with a higher one"),
        (image.R_REVOKED_KEY, "a key in force must sign them"),
    ],
)
def test_refused_keys_say_what_to_do(bus, clock, receiver, verdict, hint):
    receiver.verdict = verdict
    with pytest.raises(Refused, match="slot 1 refused the keys") as caught:
        update(bus, clock, sign_keys(KEY, 2, "virtual", trusted=[KEY.public]))
    assert hint in caught.value.hint


def test_an_interrupted_trial_is_taken_up(bus, clock, receiver):
    receiver.status["transfer_id"] = Package.of(NEW).transfer_id
    receiver.start_trial()
    assert update(bus, clock).is_resumed
    assert receiver.data == b""
    assert receiver.confirmed is not None


def test_a_trial_of_another_image_is_left_alone(bus, clock, receiver):
    receiver.status["transfer_id"] = 77
    receiver.start_trial()
    with pytest.raises(Busy, match="another image on trial, number 8"):
        update(bus, clock)
    assert receiver.writes == 0


def test_a_crash_loop_is_reported_as_what_it_was(bus, clock, receiver):
    receiver.crashes = 3
    with pytest.raises(Refused, match="went back.*crashed on trial") as caught:
        update(bus, clock)
    assert caught.value.code == "crashed_on_trial"
    assert (receiver.attempts, receiver.confirmed) == (3, None)


def test_one_crash_is_forgiven_but_the_watch_begins_anew(bus, clock, receiver):
    receiver.crashes, receiver.crash_s = 1, 8.5
    update(bus, clock)
    assert receiver.attempts == 2
    assert receiver.confirmed > 0.2 + 8.5 + 10


def test_a_failed_self_test_sends_the_image_back(bus, clock, receiver):
    bit = 1 << blocks.SELF_TESTS.index("input monitor")
    receiver.start_new = lambda: bus.bmcs[1].blocks["SELF_TEST"].update(failed=bit)
    with pytest.raises(Refused, match="self-test failed: input monitor; it runs its earlier image"):
        update(bus, clock)
    assert receiver.confirmed is None
    assert receiver.status["active_sequence"] == OLD_SEQUENCE


def test_what_failed_before_is_no_reason(bus, clock, receiver):
    bit = 1 << blocks.SELF_TESTS.index("fru eeprom")
    bus.bmcs[1].blocks["SELF_TEST"]["failed"] = bit
    update(bus, clock)
    assert receiver.confirmed is not None


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ({"state": power.OFF}, "its power went off"),
        ({"state": power.FAULT, "fault": power.R_OVERCURRENT}, "power fault: overcurrent"),
    ],
)
def test_a_rail_that_moved_sends_the_image_back(bus, clock, receiver, after, words):
    bus.bmcs[1].power(state=power.ON)
    receiver.start_new = lambda: bus.bmcs[1].power(**after)
    with pytest.raises(Refused, match=words):
        update(bus, clock)
    assert receiver.confirmed is None


def test_a_bmc_that_stays_away_is_said_to_be_gone(bus, clock, receiver):
    receiver.start_trial = lambda: bus.bmcs.pop(1)
    with pytest.raises(Exception, match="did not come back after its restart"):
        update(bus, clock)


def test_silence_during_the_trial_is_waited_for(bus, clock, receiver):
    receiver.start_new = lambda: bus.silent.update({1: 60})
    update(bus, clock)
    assert receiver.confirmed is not None


# --- several units ---------------------------------------------------------------------------


@pytest.fixture
def receivers(bus, clock):
    return {slot: Receiver(bus.insert(slot), clock) for slot in (1, 2, 3)}


def test_units_take_turns_and_the_first_unhealthy_one_ends_it(bus, clock, receivers):
    receivers[2].crashes = 3
    result = Rack(bus, 5, clock).update(Package.of(NEW), [1, 2, 3])
    assert [one.slot for one in result.updated] == [1]
    assert (result.stopped_at, result.untouched) == (2, [3])
    assert "crashed on trial" in str(result.error)
    assert receivers[3].writes == 0


def test_nothing_is_sent_when_one_unit_is_absent(bus, clock, receivers):
    with pytest.raises(Absent, match="slot 4"):
        Rack(bus, 5, clock).update(Package.of(NEW), [1, 2, 4])
    assert receivers[1].writes == 0


def test_nothing_is_sent_when_one_unit_would_refuse(bus, clock, receivers):
    receivers[3].status["minimum_sequence"] = 9
    with pytest.raises(Refused, match="slot 3"):
        Rack(bus, 5, clock).update(Package.of(NEW), [1, 2, 3])
    assert receivers[1].writes == 0


# --- the command -----------------------------------------------------------------------------


@pytest.fixture
def run(bus, clock, monkeypatch, capsys, tmp_path):
    """Run `racklet update` on the fake rack: (exit code, stdout, stderr)."""
    monkeypatch.setattr(options, "open_bus", lambda spec: bus)
    monkeypatch.setattr(options, "clock", clock)
    monkeypatch.setenv("RACKLET_BUS", "i2c:/fake")
    monkeypatch.setenv("RACKLET_SLOTS", "5")
    (tmp_path / "new.suit").write_bytes(NEW)

    def run(*words):
        code = main(["update", *words, str(tmp_path / "new.suit")])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_the_command_says_what_it_did_and_how_it_went(run, receivers):
    code, out, err = run("all", "--yes")
    assert code == 0
    assert out.splitlines()[2] == "slot 3: updated to number 8, before 5 (virtual:/fake)"
    assert f"slot 1: sending {len(NEW)} bytes\nslot 1: verified\n" in err
    assert "\x1b" not in err


def test_without_a_terminal_it_wants_yes(run, receivers):
    code, _, err = run("1")
    assert (code, receivers[1].writes) == (1, 0)
    assert "Install firmware number 8 in slot 1" in err and "--yes" in err


def test_what_can_be_known_is_said_before_it_asks(run, receivers):
    receivers[1].status["minimum_sequence"] = 9
    code, _, err = run("1")
    assert code == 1
    assert "sequence too old" in err and "--yes" not in err


def test_a_stopped_rollout_names_who_was_updated_and_who_was_not(run, receivers):
    receivers[2].verdict = image.R_DENIED
    code, out, err = run("1-3", "--yes")
    assert code == 1
    assert "slot 1: updated" in out and "not updated: slot 3" in out
    assert "slot 2 refused the image: denied version" in err


def test_json_is_one_document_in_both_cases(run, receivers):
    receivers[2].verdict = image.R_DENIED
    code, out, _ = run("1-3", "--yes", "--json")
    document = json.loads(out)
    assert code == 1
    rows = document["slots"]
    assert [row["result"] for row in rows] == ["updated", "failed", "not updated"]
    assert rows[0]["sequence_before"] == OLD_SEQUENCE
    assert rows[1]["error"]["code"] == document["error"]["code"] == "denied_version"


def test_ctrl_c_tells_who_was_updated_and_how_to_go_on(run, receivers):
    def ctrl_c():
        raise KeyboardInterrupt

    receivers[2].start_new = ctrl_c
    code, out, err = run("1-3", "--yes")
    assert code == 130
    assert "slot 1: updated to number 8" in out and "not updated: slot 3" in out
    assert "interrupted at slot 2; the same command goes on" in err
    receivers[3].start_new = ctrl_c
    code, out, _ = run("2,3", "--yes", "--json")
    document = json.loads(out)
    assert (code, document["error"]["code"]) == (130, "interrupted")
    assert [row["result"] for row in document["slots"]] == ["updated", "failed"]
    assert run("3", "--yes")[0] == 0


def test_an_absent_unit_is_not_reachable(run, receivers):
    code, _, err = run("4", "--yes")
    assert (code, "slot 4 does not answer" in err) == (3, True)


def test_on_a_terminal_each_unit_has_one_line(run, receivers, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _, _, err = run("1-2", "--yes")
    assert err.count("\n") == 2
    assert f"slot 1: sending 100 % of {len(NEW)} bytes" in err
