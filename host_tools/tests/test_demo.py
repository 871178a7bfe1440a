"""The demo as `make demo | cat` shows it: the whole story, on real MicroPython."""

import os
import subprocess
import sys

import pytest

LIMIT_S = 240  # only met when something hangs


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """One run of the demo, piped: its process, and the picture it drew."""
    picture = tmp_path_factory.mktemp("demo") / "new folder" / "demo.svg"
    done = subprocess.run(
        [sys.executable, "-m", "racklet", "demo", "--svg", str(picture)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT_S,
        env=os.environ | {"LC_ALL": "C"},
        check=False,
    )
    return done, picture


def test_it_ends_well_and_says_nothing_else(demo):
    done, _ = demo
    assert done.stderr.decode() == ""
    assert done.returncode == 0


def test_one_plain_line_an_event_without_control_codes(demo):
    text = demo[0].stdout.decode("ascii")
    assert all(line.startswith(("[", "== ")) for line in text.splitlines())
    assert max(map(len, text.splitlines())) <= 80
    assert all(c == "\n" or " " <= c <= "~" for c in text)


@pytest.mark.parametrize(
    ("words", "times"),
    [
        ("absent", 1),
        ("inserted; BMC", 5),
        ("on, 5.", 12),  # five at first, two again, five in the summary
        ("ABSENT after", 1),
        ("came along", 1),
        ("short circuit;", 1),
        ("neighbours do not notice", 2),
        ("accepted", 2),  # once more in the summary
        ("refused:", 2),
        ("refused: digest mismatch", 1),
        ("refused: sequence too old (rollback)", 1),
        ("10 times faster than life", 1),
    ],
)
def test_the_story_is_told(demo, words, times):
    assert demo[0].stdout.decode().count(words) == times


def test_the_picture_shows_the_fault_and_loads_nothing(demo):
    svg = demo[1].read_text()
    assert "short&#160;circuit" in svg
    assert "</svg>" in svg
    assert "url(http" not in svg
