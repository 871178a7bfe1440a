"""Put a UF2 on a board: `python -m racklet_uf2.flash BOARD [PORT]`.

With a port the board is asked what it is and sent to its boot ROM; without one a board that
is held in BOOTSEL already is looked for. Everything that can be wrong is found out before the
first byte is written. The board keeps its images and keys, unless FACTORY is set: then it gets
the application and the key of the factory image, and forgets which images it confirmed.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from racklet_uf2 import BOARDS, OUTPUT, BuildError, uf2
from racklet_uf2.factory import file_of

_DRIVES = ("/media/*/RPI-RP2", "/run/media/*/RPI-RP2", "/Volumes/RPI-RP2", "/mnt/RPI-RP2")
_DRIVE_WAIT_S = 20
_ASK = "try:\n import board;print('BOARD',board.NAME)\nexcept ImportError:\n print('BOARD none')"


def image_of(board: str) -> Path:
    """The UF2 of a board, looked through; raises BuildError when it must not be flashed."""
    if board not in BOARDS:
        raise BuildError(f"no board {board!r}; BOARD is one of {', '.join(BOARDS)}")
    file = file_of(board) if os.environ.get("FACTORY") else OUTPUT / f"{board}.uf2"
    if not file.exists():
        raise BuildError(f"{file} is not there; say make firmware BOARD={board}")
    try:
        image = uf2.unwrap(file.read_bytes())
    except uf2.NotUf2 as error:
        raise BuildError(f"{file}: {error}") from None
    if board.encode() + b"\0" not in image:
        raise BuildError(f"{file} holds the firmware of another board")
    return file


def ask_board(port: str, board: str) -> None:
    """Make sure that the firmware on a port is ours for this board."""
    if "://" not in port and not Path(port).exists():
        raise BuildError(f"{port}: no such port; is the board plugged in?")
    done = _mpremote(port, "exec", _ASK)
    answer = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("BOARD ")]
    if done.returncode or not answer:
        text = (done.stderr or done.stdout).strip()
        if "in use" in text:
            raise BuildError(f"{port} is in use by another program")
        raise BuildError(f"{port}: nothing there that speaks MicroPython ({text or 'no answer'})")
    if answer[0] == "none":
        raise BuildError(
            f"{port}: MicroPython, but not this project's firmware. To replace it, hold BOOTSEL "
            f"while plugging the board in and say make flash BOARD={board} without PORT"
        )
    if answer[0] != board:
        raise BuildError(f"{port} is a {answer[0]}, not a {board}: nothing was written")


def bootsel_drive(drives: tuple[str, ...] = _DRIVES) -> Path | None:
    """The mounted drive of an RP2040 in its boot ROM; refuses that of another chip."""
    if given := os.environ.get("DRIVE"):
        drives = (given,)
    for pattern in drives:
        for drive in Path("/").glob(pattern.lstrip("/")):
            info = drive / "INFO_UF2.TXT"
            text = info.read_text(errors="replace") if info.exists() else ""
            if "RPI-RP2" not in text:
                raise BuildError(f"{drive} is not the boot drive of an RP2040: nothing was written")
            return drive
    return None


def flash(board: str, port: str | None) -> str:
    """Flash one board; returns what was done."""
    file = image_of(board)
    if port:
        ask_board(port, board)
        _mpremote(port, "bootloader")
    limit = time.monotonic() + (_DRIVE_WAIT_S if port else 0)
    while True:
        if drive := bootsel_drive():
            shutil.copy(file, drive / file.name)
            return f"{file.name} copied to {drive}; the board starts it by itself"
        if shutil.which("picotool"):
            done = subprocess.run(["picotool", "load", "-x", file], check=False)
            if done.returncode == 0:
                return f"{file.name} loaded by picotool and started"
        if time.monotonic() >= limit:
            break
        time.sleep(0.5)
    raise BuildError(
        "no RP2040 in BOOTSEL: hold BOOTSEL while plugging the board in, mount its drive "
        "RPI-RP2 (or say DRIVE=path), and try again"
    )


def _mpremote(port: str, *command: str) -> "subprocess.CompletedProcess[str]":
    """mpremote without its soft reset: what runs on the board goes on until it is known."""
    try:
        return subprocess.run(
            [sys.executable, "-m", "mpremote", "connect", port, "resume", *command],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BuildError(f"{port}: no answer within 30 s") from None


def main() -> int:
    """Flash BOARD through PORT."""
    if len(sys.argv) < 2 or not sys.argv[1]:
        print("say make flash BOARD=bmc_rp2040_r1 PORT=/dev/ttyACM0", file=sys.stderr)
        return 2
    try:
        print(flash(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
    except BuildError as error:
        print(f"make flash: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
