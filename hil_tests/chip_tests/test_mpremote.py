"""Unmodified mpremote against the emulated board over a pseudo-terminal."""

import os
import re
import select
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from racklet.errors import RackletError
from racklet.records import Identity
from racklet_bench.rp2040 import EmulatedRack
from racklet_bench.rp2040.bench import BOARD
from racklet_bench.rp2040.chip import Chip
from racklet_bench.rp2040.flash_load import client
from racklet_bench.rp2040.serial_port import SerialPort
from racklet_uf2 import REPOSITORY
from racklet_uf2.build import flash_map

MS = 1_000_000
PYTHON = sys.executable
UNWATCHED = "import machine; machine.mem32[0x4005B000] = 1 << 30"  # as on the page of the REPL
REPL = (PYTHON, "-m", "racklet", "repl", "--port")
DOCS = REPOSITORY / "docs"


@pytest.fixture
def rack() -> EmulatedRack:
    rack = EmulatedRack()
    rack.plant.slots[1].insert()
    assert rack.wait_for(lambda: rack.bmc(1).answering, 3_000 * MS)
    rack.run_until(rack.world.now_ns + 2_000 * MS)  # verified, imported and serving
    return rack


@pytest.fixture
def port(rack: EmulatedRack) -> Iterator[SerialPort]:
    port = SerialPort(rack, 1)
    yield port
    port.close()


def mpremote(port: SerialPort, *command: str) -> str:
    """Run it to its end while the board's time passes; what it printed."""
    return run(port, PYTHON, "-m", "mpremote", "connect", port.path, *command)


def serve(port: SerialPort, done: Callable[[], bool]) -> None:
    """Until it is done; a minute of the board's time is longer than anything here takes."""
    end = port.now_ns + 60_000 * MS
    while not done() and port.now_ns < end:
        port.serve()


def run(port: SerialPort, *command: str, typed: str = "", code: int = 0) -> str:
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as program:
        assert program.stdin is not None
        program.stdin.write(typed)
        program.stdin.close()
        serve(port, lambda: program.poll() is not None)
        program.kill()  # when it has not ended
        assert program.stdout is not None
        printed = program.stdout.read()
        assert program.returncode == code, printed
        return printed


def started(rack: EmulatedRack, generation: int) -> Identity:
    """Wait until the firmware serves, after the start that had this generation."""
    end = rack.world.now_ns + 15_000 * MS  # the watchdog's eight seconds, and a start
    while rack.world.now_ns < end:
        rack.run_until(rack.world.now_ns + 50 * MS)
        try:
            found = client(rack).identify()
        except RackletError:
            continue
        if found.generation > generation and not found.is_starting:
            return found
    raise AssertionError("the firmware does not run")


def test_files_and_code(port: SerialPort, tmp_path: Path) -> None:
    file = tmp_path / "hello.txt"
    file.write_text("hello\n")
    code = "from racklet_bmc import app; print(app.bmc.slot)"
    assert mpremote(port, "resume", "exec", code) == "1\n"
    assert mpremote(port, "exec", "import board; print(board.NAME)") == "bmc_rp2040_r1\n"
    mpremote(port, "resume", "fs", "cp", str(file), ":copy.txt")
    assert "6 copy.txt" in mpremote(port, "fs", "ls")
    assert mpremote(port, "resume", "exec", "print(open('copy.txt').read())") == "hello\n\n"
    (tmp_path / "module.py").write_text("print('from the PC')\n")
    code = "import os, sys; print(os.listdir()); sys.path.append('/remote'); import module"
    printed = mpremote(port, "mount", str(tmp_path), "exec", code)
    assert "hello.txt" in printed
    assert "copy.txt" not in printed
    assert "from the PC\n" in printed  # what mpremote says itself may be buffered and come last


def test_the_firmware_runs_again_after_every_reset(rack: EmulatedRack, port: SerialPort) -> None:
    before = client(rack).identify()
    assert not before.is_starting
    mpremote(port, "reset")
    after = started(rack, before.generation)
    mpremote(port, "soft-reset")  # to the prompt of an empty interpreter: the watchdog ends that
    assert not rack.bmc(1).answering
    after = started(rack, after.generation)
    mpremote(port, "resume", "exec", "pass")  # stops the services
    chip = rack.bmc(1).chip
    assert chip is not None
    chip.usb.write(b"\x04")
    after = started(rack, after.generation)
    assert rack.bmc(1).chip is chip
    assert not after.is_recovery


def littlefs(chip: Chip) -> bytes:
    offset, size = flash_map(BOARD)["littlefs"]
    return bytes(chip.mcu.flash[offset : offset + size])


def test_a_board_that_is_only_asked_runs_on(rack: EmulatedRack, port: SerialPort) -> None:
    chip = rack.bmc(1).chip
    assert chip is not None
    before, files = client(rack).identify(), littlefs(chip)
    assert files.count(0xFF) == len(files)  # never formatted
    flash = (PYTHON, "-m", "racklet_uf2.flash", "pico_breadboard", port.path)
    assert f"is a {BOARD}, not a pico" in run(port, *flash, code=1)
    assert littlefs(chip) == files
    rack.run_until(rack.world.now_ns + 10_000 * MS)  # longer than the watchdog waits
    after = client(rack).identify()
    assert after.generation == before.generation
    assert not after.is_starting


def commands(page: str) -> list[list[str]]:
    """The lines of a page's blocks that a shell is given."""
    blocks = re.findall(r"^```\n(.*?)```", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line) for line in lines if re.match(r"make|\.venv/bin/mpremote", line)]


def test_every_command_of_the_page_about_files(
    rack: EmulatedRack, port: SerialPort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, repl, copy, mount = commands("develop/files.md")
    before = client(rack).identify()
    assert make[:2] == ["make", "flash"]
    moved = {"BOARD": BOARD, "PORT": port.path}
    settings = [
        f"{name}={moved.get(name, value)}" for name, value in (w.split("=") for w in make[2:])
    ]
    run(port, "make", "-C", str(REPOSITORY), "flash", *settings)
    after = started(rack, before.generation)
    assert after.is_developer
    assert run(port, *REPL, port.path, typed="\x03\n40 + 1\n").endswith("\n41\n>>> \n")
    rack.bmc(1).reset()
    assert not started(rack, after.generation).is_developer
    assert [repl] == commands("develop/repl.md")
    assert repl[3:] == ["resume", "repl"]
    (tmp_path / "notes.py").write_text("print('noted')\n")
    monkeypatch.chdir(tmp_path)
    mpremote(port, "resume", "exec", UNWATCHED)
    assert "notes.py" in mpremote(port, *copy[3:])
    assert "noted\n" in mpremote(port, *mount[3:])


BROKEN = """
import sys
from racklet.images import romfs
from racklet_uf2 import flash
flash.build_image = lambda board: romfs.pack({"racklet_bmc": {"app.py": b"1 / 0"}})
sys.exit(flash.main())
"""


def test_a_change_that_cannot_be_imported_shows_why_and_the_board_runs_its_own(
    rack: EmulatedRack, port: SerialPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = client(rack).identify()
    monkeypatch.setenv("FILES", "1")
    printed = run(port, PYTHON, "-c", BROKEN, BOARD, port.path, code=1)
    assert "ZeroDivisionError" in printed
    after = started(rack, before.generation)
    assert not after.is_developer
    assert not after.is_recovery


def test_mpremote_at_a_terminal(port: SerialPort) -> None:
    """`resume repl`, as both pages begin; Ctrl-] leaves."""
    keyboard, terminal = os.openpty()
    (repl,) = commands("develop/repl.md")
    with subprocess.Popen(
        [PYTHON, "-m", "mpremote", "connect", port.path, *repl[3:]],
        stdin=terminal,
        stdout=subprocess.PIPE,
    ) as program:
        screen = b""

        def shows(text: bytes) -> bool:
            nonlocal screen
            assert program.stdout is not None
            if select.select([program.stdout], [], [], 0)[0]:
                screen += os.read(program.stdout.fileno(), 4096)
            return text in screen or program.poll() is not None

        for shown, keys in ((b"to exit", b"\x03"), (b">>> ", b"40 + 1\r"), (b"41\r\n", b"\x1d")):
            serve(port, partial(shows, shown))
            os.write(keyboard, keys)
        serve(port, lambda: program.poll() is not None)
        program.kill()
    assert program.returncode == 0, screen
    os.close(keyboard)
    os.close(terminal)


def test_racklet_repl_on_a_real_port(rack: EmulatedRack, port: SerialPort) -> None:
    typed = "\x03\nfrom racklet_bmc import app\napp.bmc.slot + 40\n"
    printed = run(port, *REPL, port.path, typed=typed)
    assert "REPL on" in printed
    assert "\n41\n" in printed
