"""What is behind a port is asked, by the real mpremote, before anything is written to it."""

import os
import sys
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial
from racklet_uf2 import BuildError, flash, uf2

BOARD = "bmc_rp2040_r1"


class Board:
    """Raw REPL enough for mpremote: runs nothing, answers every program with `says`."""

    def __init__(self, says: bytes) -> None:
        self._says = says
        self.programs: list[bytes] = []
        self.on_bootloader: Callable[[], object] = lambda: None
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
                self.programs.append(typed)
                if b"bootloader" in typed:
                    self.on_bootloader()
                self._answer(b"OK" + self._says + b"\x04\x04>")
            else:
                continue
            typed = b""

    def _answer(self, data: bytes) -> None:
        os.write(self._master, data)

    def close(self) -> None:
        os.close(self._slave)  # which ends the thread, before the other number is somebody else's
        self._thread.join(60)
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


IMAGE = uf2.wrap(b"bmc_rp2040_r1\0")


@pytest.fixture
def drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the boot drive will be; the UF2 that is to be flashed lies ready."""
    (tmp_path / f"{BOARD}.uf2").write_bytes(IMAGE)
    monkeypatch.setattr(flash, "OUTPUT", tmp_path)
    monkeypatch.setenv("DRIVE", str(tmp_path / "drive"))
    return tmp_path / "drive"


def boot_drive(folder: Path) -> None:
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text("Board-ID: RPI-RP2\n")


def test_a_running_board_is_sent_to_its_boot_rom(
    board: Callable[[bytes], Board], drive: Path
) -> None:
    running = board(b"BOARD bmc_rp2040_r1\r\n")
    running.on_bootloader = lambda: boot_drive(drive)
    assert "copied to" in flash.flash(BOARD, running.path)
    assert (drive / f"{BOARD}.uf2").read_bytes() == IMAGE


def test_another_board_in_bootsel_is_left_alone(
    board: Callable[[bytes], Board], drive: Path
) -> None:
    running = board(b"BOARD bmc_rp2040_r1\r\n")
    boot_drive(drive)
    with pytest.raises(BuildError, match="another RP2040 in BOOTSEL: nothing was written"):
        flash.flash(BOARD, running.path)
    assert len(running.programs) == 1  # it was only asked
    assert [file.name for file in drive.iterdir()] == ["INFO_UF2.TXT"]


def test_files_need_a_port_and_the_right_board(
    board: Callable[[bytes], Board], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILES", "1")
    with pytest.raises(BuildError, match="say PORT="):
        flash.flash(BOARD, None)
    other = board(b"BOARD pico_breadboard\r\n")
    with pytest.raises(BuildError, match="nothing was written"):
        flash.flash(BOARD, other.path)
    assert len(other.programs) == 1
