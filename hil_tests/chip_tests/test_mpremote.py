"""Unmodified mpremote against the emulated board over a pseudo-terminal."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from racklet_bench.rp2040 import EmulatedRack
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


def test_files_code_and_resets(rack: EmulatedRack, port: SerialPort, tmp_path: Path) -> None:
    file = tmp_path / "hello.txt"
    file.write_text("hello\n")
    code = "from racklet_bmc import app; print(app.bmc.slot)"
    assert mpremote(port, "resume", "exec", code) == "1\n"
    assert mpremote(port, "exec", "import board; print(board.NAME)") == "bmc_rp2040_r1\n"
    mpremote(port, "fs", "cp", str(file), ":hello.txt")
    assert "6 hello.txt" in mpremote(port, "fs", "ls")
    assert mpremote(port, "resume", "exec", "print(open('hello.txt').read())") == "hello\n\n"
    mpremote(port, "soft-reset")
    mpremote(port, "reset")
    assert rack.wait_for(lambda: rack.bmc(1).answering, 4_000 * MS)


def test_racklet_repl_on_a_real_port(rack: EmulatedRack, port: SerialPort) -> None:
    typed = "\x03\nfrom racklet_bmc import app\napp.bmc.slot + 40\n"
    printed = run(port, "racklet", "repl", "--port", port.path, typed=typed)
    assert "REPL on" in printed
    assert "\n41\n" in printed
