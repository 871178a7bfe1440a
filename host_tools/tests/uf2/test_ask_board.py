"""What is behind a port is asked before anything is written to it, and runs on."""

import os
import sys
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial
from racklet.errors import Busy
from racklet_uf2 import BuildError, flash, uf2

BOARD = "bmc_rp2040_r1"


class Board:
    """REPL enough to be asked, and for mpremote: runs nothing, answers every line and program
    with `says`, and Ctrl-C with `stopped`."""

    def __init__(self, says: bytes) -> None:
        self._says = says
        self.stopped = b"Traceback\r\nKeyboardInterrupt: \r\n>>> "
        self.typed: list[bytes] = []
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
            if typed.endswith(b"\x03"):
                self._answer(self.stopped)
            elif typed.endswith(b"\x02"):
                self._answer(b"\r\n>>> ")
            elif typed.endswith(b")\r"):
                self.typed.append(typed)
                self._answer(typed + b"\n" + self._says + b">>> ")
            elif typed == b"\x04":
                self.typed.append(typed)
            elif typed.endswith(b"\r\x01"):
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
        """May be called twice."""
        if not self._thread.is_alive():
            return
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


RESTART = b"import main; main.start()\r"


@pytest.mark.parametrize(
    ("says", "stopped", "restart"),
    [
        (b"BOARD pico_breadboard\r\n", b"KeyboardInterrupt: \r\n>>> ", [RESTART]),
        (b"BOARD pico_breadboard\r\n", b"KeyboardInterrupt: \r\n\x04>", [RESTART]),  # raw
        (b"BOARD none\r\n", b"KeyboardInterrupt: \r\n>>> ", [b"\x04"]),  # a soft reset
        (b"BOARD pico_breadboard\r\n", b"\r\n>>> ", []),  # it was at its prompt
    ],
)
def test_what_ran_runs_on(
    board: Callable[[bytes], Board], says: bytes, stopped: bytes, restart: list[bytes]
) -> None:
    asked = board(says)
    asked.stopped = stopped
    with pytest.raises(BuildError):
        flash.ask_board(asked.path, BOARD)
    asked.close()
    assert asked.typed[0].startswith(b"exec(")
    assert asked.typed[1:] == restart


def test_a_port_in_use_is_refused(board: Callable[[bytes], Board]) -> None:
    path = board(b"BOARD bmc_rp2040_r1\r\n").path
    with serial.Serial(path, exclusive=True), pytest.raises(Busy, match="in use"):
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
    assert not running.programs  # it was only asked
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
    assert not other.programs
