"""`make` on a machine that lacks something: one clear line, and nothing is begun."""

import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[2]


def make(target, tmp_path, python):
    """Run a make target with a Python and a .venv of the test's own."""
    return subprocess.run(
        ["make", "--no-print-directory", target, f"PYTHON={python}", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def python_that(tmp_path, script):
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize("target", ["demo"])
@pytest.mark.parametrize(
    ("script", "clue"),
    [
        ('[ "$1" = -V ] && { echo Python 3.9.2; exit; }; exit 1', "3.11 or newer"),
        ('case "$2" in *venv*) exit 1;; esac', "python3-venv"),
    ],
    ids=["old Python", "no venv module"],
)
def test_what_is_missing_is_named(tmp_path, target, script, clue):
    done = make(target, tmp_path, python_that(tmp_path, script))
    assert done.returncode == 2
    assert clue in done.stdout + done.stderr
    assert not (tmp_path / "venv").exists()


def test_make_alone_lists_the_targets(tmp_path):
    done = make("help", tmp_path, "/no/such/python")
    assert done.returncode == 0
    for target in ("demo", "rack", "test", "heavy", "clean"):
        assert f"  {target} " in done.stdout


def test_no_example_of_a_property_is_random_or_judged_by_the_clock():
    assert settings().derandomize
    assert settings().deadline is None
