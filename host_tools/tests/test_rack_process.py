"""`racklet rack` as a process: what it prints, serves and leaves behind, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest
from racklet.cli import main

RACKLET = [sys.executable, "-m", "racklet"]
LIMIT_S = 60  # only met when something hangs


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """The folder that holds this test's sockets; nothing of the user's rack is touched."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("RACKLET_BUS", raising=False)
    return tmp_path / "racklet"


@pytest.fixture
def start():
    """Start `racklet WORDS` in its own process group; killed at the end if it still runs."""
    begun = []

    def start(*words, **options):
        process = subprocess.Popen(
            [*RACKLET, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **options,
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


class Done:
    """How a command ended that ran in this very process, to save the start of a Python."""

    def __init__(self, code, captured):
        self.returncode, self.stdout, self.stderr = code, captured.out, captured.err


@pytest.fixture
def run(capsys):
    def run(*words):
        capsys.readouterr()
        code = main(words)
        return Done(code, capsys.readouterr())

    return run


def left_in_group(process):
    """Whether any process of the group is still alive."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def ask(path, *lines):
    """Send lines on one connection; the replies."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(LIMIT_S)
        client.connect(str(path))
        client.sendall(b"".join(line + b"\n" for line in lines))
        client.shutdown(socket.SHUT_WR)
        with client.makefile() as replies:
            return [json.loads(reply) for reply in replies]


@pytest.fixture
def empty_rack(place, start):
    """A running rack without units, and its process."""
    process = start("rack", "--empty")
    assert process.stdout.readline() == f"ready: {place / 'rack.sock'}, 5 slots\n"
    return process


def test_the_bus_answers_as_its_contract_says(place, empty_rack):
    replies = ask(
        place / "rack.sock",
        b'{"msgs":[{"addr":17,"write":"88"},{"addr":17,"read":3}]}',
        b"no json",
        b'{"op":"start","addr":17,"read":false}',
        b'{"op":"stop"}',
    )
    assert replies[0] == {"error": "nack", "msg": 0}
    assert replies[1]["error"].startswith("bad request: ")
    assert replies[2:] == [{"ack": False}, {}]


def test_commands_find_the_running_rack(run, place, empty_rack):
    done = run("status", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["bus"] == f"virtual:{place / 'rack.sock'}"
    assert {row["state"] for row in json.loads(done.stdout)["slots"]} == {"absent"}
    done = run("power", "on", "2")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    done = run("sim", "remove", "2")
    assert (done.returncode, "changes nothing" in done.stdout) == (0, True)
    done = run("sim", "short", "2")
    assert (done.returncode, "empty" in done.stderr) == (1, True)
    done = run("sim", "insert", "7")
    assert (done.returncode, "there is no slot 7" in done.stderr) == (3, True)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)],
    ids=["INT", "TERM", "HUP"],
)
def test_a_signal_ends_it_and_nothing_is_left(place, empty_rack, number, code):
    empty_rack.send_signal(number)
    out, err = empty_rack.communicate(timeout=LIMIT_S)
    assert (empty_rack.returncode, out) == (code, "")
    assert "Traceback" not in err
    assert list(place.iterdir()) == []
    assert not left_in_group(empty_rack)


def test_ctrl_c_while_it_still_boots(place, start):
    process = start("rack")
    assert process.stderr.readline() == "starting a virtual rack of 5 slots\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, out) == (130, "")
    assert err.count("\n") == 1
    assert list(place.iterdir()) == []
    assert not left_in_group(process)


def test_a_second_rack_at_the_same_place(run, place, empty_rack):
    done = run("rack", "--empty")
    assert done.returncode == 4
    assert "already running" in done.stderr
    assert done.stderr.count("\n") == 1
    assert run("rack", "--empty", "--socket", str(place / "rack.sock")).returncode == 4
    assert empty_rack.poll() is None


def test_a_rack_that_was_killed_leaves_no_lasting_trace(run, place, empty_rack, start):
    os.killpg(empty_rack.pid, signal.SIGKILL)
    empty_rack.wait()
    assert (place / "rack.sock").exists()
    done = run("status")
    assert done.returncode == 3
    assert "racklet rack" in done.stderr
    again = start("rack", "--empty")
    assert again.stdout.readline().startswith("ready: ")


@pytest.mark.parametrize(
    ("socket_name", "code", "clue"),
    [("x" * 120, 2, "bytes long"), ("no/such/folder/rack", 2, "cannot serve"), ("", 2, "socket")],
)
def test_a_socket_path_that_cannot_be(run, tmp_path, socket_name, code, clue):
    done = run("rack", "--empty", "--socket", str(tmp_path / socket_name))
    assert done.returncode == code
    assert clue in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_in_the_way_is_kept(run, place, tmp_path):
    file = tmp_path / "notes"
    file.write_text("mine")
    done = run("rack", "--empty", "--socket", str(file))
    assert (done.returncode, file.read_text()) == (2, "mine")


def test_no_rack_at_that_socket(run, place, tmp_path):
    done = run("status", "--bus", f"virtual:{tmp_path / 'nobody'}")
    assert done.returncode == 3
    assert "start one with" in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_rack_anywhere(run, place):
    done = run("sim", "insert", "1")
    assert (done.returncode, "racklet rack" in done.stderr) == (3, True)


@pytest.mark.parametrize("slots", ["0", "15", "five"])
def test_a_number_of_slots_that_cannot_be(run, place, slots):
    done = run("rack", "--slots", slots)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("binary", ["/no/such/micropython", "/bin/true", "/etc/passwd"])
def test_no_micropython_for_this_machine(run, place, monkeypatch, binary):
    monkeypatch.setenv("RACKLET_MICROPYTHON", binary)
    done = run("rack")
    assert done.returncode == 2
    assert "RACKLET_MICROPYTHON" in done.stderr
    assert done.stderr.count("\n") <= 2  # "starting ..." may come first
    assert "Traceback" not in done.stderr
    assert list(place.iterdir()) == []
