"""Standard streams that are not what a command expects: closed, full, or left by their reader.

In processes of their own, since it is the end of a process that writes what was buffered.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RACKLET = [sys.executable, "-m", "racklet"]
FULL = Path("/dev/full")
NO_RACK = ["status", "--bus", "virtual:/no/rack"]


def run(words, redirect="", **options):
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirect}', "sh", *RACKLET, *words],
        env=os.environ | options.pop("env", {}),
        text=True,
        timeout=60,
        check=False,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("buffering", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "not"])
def test_a_reader_that_left_is_no_error_to_speak_of(buffering):
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        assert run(["chaos", "list"], stdout=theirs, env=buffering) == (141, None, "")
    finally:
        os.close(theirs)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [["chaos", "list"], [*NO_RACK, "--json"]])
def test_a_full_disk_is_said_in_one_line(words):
    code, _, err = run(words, f">{FULL}")
    assert (code, err) == (2, "racklet: input or output failed: No space left on device\n")


def test_without_stderr_its_lines_do_not_go_to_stdout():
    assert run(NO_RACK, "2>&-") == (3, "", "")


def test_without_stdout():
    assert run(["chaos", "list"], ">&-") == (0, "", "")


def test_without_stdin_nobody_is_there_to_ask():
    code, _, err = run(["key", "new", "mine"], "<&-")
    assert (code, err.count("\n")) == (2, 1)
    assert "no terminal" in err
