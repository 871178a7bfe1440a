"""Put a UF2 on a board: `python -m racklet_uf2.flash BOARD [PORT]`.

With a port the board is asked what it is and sent to its boot ROM; without one a board that
is held in BOOTSEL already is looked for. Everything that can be wrong is found out before the
first byte is written. The board keeps its images and keys, unless FACTORY is set: then it gets
the application and the key of the factory image, and forgets which images it confirmed.

With FILES set nothing is written: the application of this tree goes to the board's RAM and runs
there, unsigned, until the next reset.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from racklet.errors import RackletError
from racklet.images import build_image
from racklet.serial_port import SerialRepl

from racklet_uf2 import BOARDS, OUTPUT, BuildError, uf2
from racklet_uf2.factory import file_of

_DRIVES = ("/media/*/RPI-RP2", "/run/media/*/RPI-RP2", "/Volumes/RPI-RP2", "/mnt/RPI-RP2")
_DRIVE_WAIT_S = 20
_INFO = "INFO_UF2.TXT"
_MPREMOTE_S = 60
_ANSWER_S = 5
_PAUSE_S = 0.02
_INTERRUPT, _FRIENDLY, _SOFT_RESET = "\x03", "\x02", "\x04"
_PROMPT, _RAW_PROMPT = ">>> ", "\x04>"
_ASK = "try:\n import board;print('BOARD',board.NAME)\nexcept ImportError:\n print('BOARD none')"
# The watchdog off, until the services start: RP2040 data sheet 4.7.6, WATCHDOG_CTRL, ENABLE.
_UNWATCHED = "import machine; machine.mem32[0x4005B000] = 1 << 30"
# An image is compiled code in a ROMFS, which can be mounted from RAM.
_LOAD = """import sys, vfs
vfs.mount(vfs.VfsRom(open('/remote/app.romfs', 'rb').read()), '/app')
sys.path.append('/app')
from racklet_bmc import app
"""
_START = "import main; main.start()"


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
    """Make sure that the firmware on a port is ours for this board. What ran there runs on."""
    if not Path(port).exists():
        raise BuildError(f"{port}: no such port; is the board plugged in?")
    with closing(SerialRepl(port)) as repl:
        stopped = _answer(repl, _INTERRUPT)
        if not stopped.endswith(_PROMPT):  # raw, as a program left it
            _answer(repl, _FRIENDLY)
        said = _answer(repl, f"exec({_ASK!r})")
        answer = [line.split()[1] for line in said.splitlines() if line.startswith("BOARD ")]
        if "KeyboardInterrupt" in stopped:  # else it was at its prompt
            repl.exchange(_SOFT_RESET if answer == ["none"] else _START)
    if not answer:
        raise BuildError(f"{port}: nothing there that speaks MicroPython")
    if answer[0] == "none":
        raise BuildError(
            f"{port}: MicroPython, but not this project's firmware. To replace it, hold BOOTSEL "
            f"while plugging the board in and say make flash BOARD={board} without PORT"
        )
    if answer[0] != board:
        raise BuildError(f"{port} is a {answer[0]}, not a {board}: nothing was written")


def _answer(repl: SerialRepl, typed: str) -> str:
    """What is printed up to the next prompt: MicroPython drops what is typed before it."""
    printed = repl.exchange(typed)
    end = time.monotonic() + _ANSWER_S
    while not printed.endswith((_PROMPT, _RAW_PROMPT)) and time.monotonic() < end:
        time.sleep(_PAUSE_S)
        printed += repl.exchange("")
    return printed


def bootsel_drive(drives: tuple[str, ...] = _DRIVES) -> Path | None:
    """The mounted drive of an RP2040 in its boot ROM; refuses that of another chip."""
    if given := os.environ.get("DRIVE"):
        drives = (given,)
    for pattern in drives:
        for drive in Path("/").glob(pattern.lstrip("/")):
            info = drive / _INFO
            text = info.read_text(errors="replace") if info.exists() else ""
            if "RPI-RP2" not in text:
                raise BuildError(f"{drive} is not the boot drive of an RP2040: nothing was written")
            return drive
    return None


def flash(board: str, port: str | None) -> str:
    """Flash one board; returns what was done."""
    if os.environ.get("FILES"):
        return run_files(board, port)
    file = image_of(board)
    if port:
        ask_board(port, board)
        if drive := bootsel_drive():
            raise BuildError(
                f"{drive} is another RP2040 in BOOTSEL: nothing was written. Unplug it, or say "
                f"make flash BOARD={board} without PORT to flash that one"
            )
        _mpremote(port, "resume", "bootloader")
    limit = time.monotonic() + (_DRIVE_WAIT_S if port else 0)
    said = ""
    while True:
        if drive := bootsel_drive():
            _copy(file, drive)
            return f"{file.name} copied to {drive}; the board starts it by itself"
        if shutil.which("picotool"):
            command: list[str | Path] = ["picotool", "load", "-x", file]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return f"{file.name} loaded by picotool and started"
            said = f" (picotool: {(done.stderr or done.stdout).strip()})"
        if time.monotonic() >= limit:
            break
        time.sleep(0.5)
    raise BuildError(
        "no RP2040 in BOOTSEL: hold BOOTSEL while plugging the board in, mount its drive "
        f"RPI-RP2 (or say DRIVE=path), and try again{said}"
    )


def run_files(board: str, port: str | None) -> str:
    """Developer mode: the application of this tree in the board's RAM, beside the base that it
    has; returns what was done."""
    if not port:
        raise BuildError("FILES=1 goes through the REPL; say PORT=/dev/ttyACM0, too")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.romfs").write_bytes(build_image(board))
        ask_board(port, board)
        stop = ("resume", "exec", _UNWATCHED, "soft-reset")  # an empty RAM, and off the bus
        load = ("mount", folder, "exec", _LOAD, "umount")
        done = _mpremote(port, *stop, *load)
    if done.returncode:
        _mpremote(port, "resume", "reset")
        raise BuildError(f"{port}: the application did not start\n{done.stdout}{done.stderr}")
    with closing(SerialRepl(port)) as repl:
        repl.exchange(_START)
    return f"{board} runs the application of this tree, unsigned, until its next reset"


def _copy(file: Path, drive: Path) -> None:
    """Write the UF2 to the drive, which is gone as soon as the board has its last block."""
    try:
        with (drive / file.name).open("wb") as target:
            target.write(file.read_bytes())
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        if (drive / _INFO).exists():
            raise BuildError(f"{drive} cannot be written: {error.strerror}") from None


def _mpremote(port: str, *command: str) -> "subprocess.CompletedProcess[str]":
    """mpremote; after `resume` it does not begin with a soft reset."""
    try:
        return subprocess.run(
            [sys.executable, "-m", "mpremote", "connect", port, *command],
            capture_output=True,
            text=True,
            timeout=_MPREMOTE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BuildError(f"{port}: no answer within {_MPREMOTE_S} s") from None


def main() -> int:
    """Flash BOARD through PORT."""
    if len(sys.argv) < 2 or not sys.argv[1]:
        print("say make flash BOARD=bmc_rp2040_r1 PORT=/dev/ttyACM0", file=sys.stderr)
        return 2
    try:
        print(flash(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
    except (BuildError, RackletError) as error:
        print(f"make flash: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
