"""Unmodified mpremote against the emulated board over a pseudo-terminal."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from racklet.records import Identity
from racklet.errors import RackletError
from racklet_bench.rp2040 import EmulatedRack
from racklet_bench.rp2040.bench import BOARD
from racklet_bench.rp2040.flash_load import client
from racklet_bench.rp2040.serial_port import SerialPort

MS = 1_000_000


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
    return run(port, "mpremote", "connect", port.path, *command)


def run(port: SerialPort, module: str, *command: str, typed: str = "") -> str:
    with subprocess.Popen(
        [sys.executable, "-m", module, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as program:
        assert program.stdin is not None
        program.stdin.write(typed)
        program.stdin.close()
        for _ in range(1_000_000):  # it gives up by itself long before
            if program.poll() is not None:
                break
            port.serve()
        assert program.stdout is not None
        printed = program.stdout.read()
        assert program.returncode == 0, printed
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
    mpremote(port, "fs", "cp", str(file), ":copy.txt")
    assert "6 copy.txt" in mpremote(port, "fs", "ls")
    assert mpremote(port, "resume", "exec", "print(open('copy.txt').read())") == "hello\n\n"
    (tmp_path / "module.py").write_text("print('from the PC')\n")
    code = "import os, sys; print(os.listdir()); sys.path.append('/remote'); import module"
    printed = mpremote(port, "mount", str(tmp_path), "exec", code)
    assert "hello.txt" in printed
    assert "copy.txt" not in printed
    assert printed.endswith("from the PC\n")


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


def test_files_run_on_a_board_until_its_reset(
    rack: EmulatedRack, port: SerialPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make flash FILES=1`: the application of this tree, from RAM."""
    before = client(rack).identify()
    monkeypatch.setenv("FILES", "1")
    run(port, "racklet_uf2.flash", BOARD, port.path)
    after = started(rack, before.generation)
    assert after.is_developer
    rack.bmc(1).reset()
    assert not started(rack, after.generation).is_developer


def test_racklet_repl_on_a_real_port(rack: EmulatedRack, port: SerialPort) -> None:
    typed = "\x03\nfrom racklet_bmc import app\napp.bmc.slot + 40\n"
    printed = run(port, "racklet", "repl", "--port", port.path, typed=typed)
    assert "REPL on" in printed
    assert "\n41\n" in printed
