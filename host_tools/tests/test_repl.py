"""What `racklet repl` sends and how long it listens, against boards that take their time."""

import os

import pytest
from racklet.cli import repl


@pytest.fixture
def talk(monkeypatch, capsys):
    """Pipe a text into the REPL of a board, a function of what is sent; what was shown."""

    def talk(typed, board):
        ours, theirs = os.pipe()
        os.write(theirs, typed.encode())
        os.close(theirs)
        monkeypatch.setattr(repl, "_PAUSE_S", 0.0)
        with os.fdopen(ours) as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            repl._talk(board, [])
        return capsys.readouterr().out

    return talk


class Board:
    """Answers each line after so many looks, in these pieces, and takes none before its prompt."""

    def __init__(self, looks, pieces):
        self._looks, self._pieces = looks, pieces
        self._coming = []
        self.taken, self.lost = [], []

    def __call__(self, typed):
        if typed:
            (self.lost if self._coming else self.taken).append(typed)
            if not self.lost:
                self._coming = [""] * self._looks + list(self._pieces)
        return self._coming.pop(0) if self._coming else ""


def test_a_slow_answer_to_the_last_line_is_awaited(talk):
    assert talk("6 * 7\n", Board(60, ["42\n>>> "])) == "42\n>>> \n"


def test_lines_wait_for_the_prompt_after_ctrl_c_even_one_that_comes_in_pieces(talk):
    board = Board(80, ["\n>>", "> "])
    talk("\x03\n6 * 7\n", board)
    assert (board.taken, board.lost) == (["\x03", "6 * 7"], [])


def test_a_firmware_that_never_comes_back_to_its_prompt_is_left_all_the_same(talk):
    assert talk("start()\n", Board(10_000, [])) == "\n"


def test_without_input_what_is_there_is_shown(talk):
    board = Board(0, [])
    board._coming = ["boot\n", "on\n"]
    assert talk("", board) == "boot\non\n\n"
