"""What the watchdog's last words say: where the processor stood before the bite."""

import pytest
from racklet_bench.rp2040 import built_image
from racklet_bench.rp2040.chip import Chip
from racklet_bench.rp2040.repl import Repl

MS = 1_000_000
FED = """
import machine, micropython
from racklet_base.hal.chip import Watchdog
@micropython.asm_thumb
def spin():
    label(HERE)
    b(HERE)
watchdog = Watchdog(1_000)
watchdog.feed()
"""
SCRATCH5 = 0x40058020


@pytest.fixture
def chip() -> Chip:
    return Chip(built_image(), unique_id=b"RACKLET1", seed=1)


def hang(chip: Chip, code: str) -> tuple[int, int]:
    """(program counter that was noted, the one that is seen half a second before)."""
    noted: list[int] = []
    repl = Repl(chip, chip.usb).enter()
    chip.on_reset.append(lambda: noted.append(chip.mcu.read_uint32(SCRATCH5)))
    repl.start(FED + code)
    chip.run_for(500 * MS)
    seen = chip.mcu.core.pc
    assert not noted
    assert chip.wait_for(lambda: bool(noted), 600 * MS)
    return noted[0], seen


def test_machine_code_is_told_to_the_byte(chip: Chip) -> None:
    noted, seen = hang(chip, "spin()")
    assert noted == seen
    assert 0x2000_0000 <= noted < 0x2004_2000


def test_python_code_stands_in_the_interpreter(chip: Chip) -> None:
    noted, _ = hang(chip, "while True: pass")
    assert 0x1000_0100 <= noted < 0x1000_0000 + len(built_image())


def test_nothing_is_invented_when_interrupts_are_off(chip: Chip) -> None:
    noted, _ = hang(chip, "machine.disable_irq()\nspin()")
    assert noted == 0


def test_a_watchdog_that_is_fed_says_nothing(chip: Chip) -> None:
    repl = Repl(chip, chip.usb).enter()
    repl.run(FED)
    for _ in range(4):
        chip.run_for(500 * MS)
        repl.run("watchdog.feed()")
    assert chip.mcu.read_uint32(SCRATCH5) == 0
