"""What is behind a port is asked, by the real mpremote, before anything is written to it."""

import os
import sys
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial
from racklet_uf2 import BuildError, flash

BOARD = "bmc_rp2040_r1"


class Board:
    """Raw REPL enough for mpremote: runs nothing, answers every program with `says`."""

    def __init__(self, says: bytes) -> None:
        self._says = says
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        typed = b""
        while True:
            try:
                typed += os.read(self._master, 4096)
            except OSError:
                return
            if typed.endswith(b"\r\x01"):
                self._answer(b"raw REPL; CTRL-B to exit\r\n>")
            elif typed.endswith(b"\x05A\x01"):
                self._answer(b"R\x00")  # no raw paste
            elif typed.endswith(b"\x04"):
                self._answer(b"OK" + self._says + b"\x04\x04>")
            else:
                continue
            typed = b""

    def _answer(self, data: bytes) -> None:
        os.write(self._master, data)

    def close(self) -> None:
        os.close(self._slave)
        os.close(self._master)


@pytest.fixture
def board() -> Iterator[Callable[[bytes], Board]]:
    boards: list[Board] = []

    def make(says: bytes) -> Board:
        boards.append(Board(says))
        return boards[-1]

    yield make
    for made in boards:
        made.close()


def test_the_right_board_is_let_through(board: Callable[[bytes], Board]) -> None:
    flash.ask_board(board(b"BOARD bmc_rp2040_r1\r\n").path, BOARD)


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (b"BOARD pico_breadboard\r\n", "is a pico_breadboard, not a bmc_rp2040_r1: nothing was"),
        (b"BOARD none\r\n", "not this project's firmware.*hold BOOTSEL"),
        (b"", "nothing there that speaks MicroPython"),
    ],
)
def test_what_must_not_be_flashed_is_refused(
    board: Callable[[bytes], Board], says: bytes, reason: str
) -> None:
    with pytest.raises(BuildError, match=reason):
        flash.ask_board(board(says).path, BOARD)


def test_a_port_in_use_is_refused(board: Callable[[bytes], Board]) -> None:
    path = board(b"BOARD bmc_rp2040_r1\r\n").path
    with serial.Serial(path, exclusive=True), pytest.raises(BuildError, match="in use"):
        flash.ask_board(path, BOARD)


def test_without_a_board_nothing_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(flash, "image_of", lambda board: tmp_path / f"{board}.uf2")
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setenv("DRIVE", str(tmp_path / "no drive"))
    monkeypatch.setattr(sys, "argv", ["flash", BOARD])
    assert flash.main() == 1
    assert "no RP2040 in BOOTSEL" in capsys.readouterr().err
