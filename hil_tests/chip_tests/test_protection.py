"""The PIO that clears the latch goes on whatever the CPU does, and is back first after a reset."""

import pytest
from racklet_bench.rp2040 import built_image
from racklet_bench.rp2040.chip import Chip
from racklet_bench.rp2040.repl import Repl
from racklet_plant.board import load_board

MS = 1_000_000
PINS = load_board().pins
FAULTS = ("EF_FLT_N", "LOC_ALERT_N")
CLEAR = PINS["LATCH_CLR"]

BUSY = {
    "asleep": "import time\nwhile True: time.sleep_ms(50)",
    "collecting garbage": "import gc\nx = [[i] for i in range(2000)]\nwhile True: gc.collect()",
    "erasing flash": "import rp2\nrp2.Flash().ioctl(6, 3)\nrp2.Flash().ioctl(6, 4)",
    "hung with interrupts off": "import machine\nmachine.disable_irq()\nwhile True: pass",
    "after an exception": "raise ValueError('nobody catches it')",
}


@pytest.fixture
def chip() -> Chip:
    """A chip without a board around it: no fault, presence closed. Its protection is armed."""
    chip = Chip(built_image(), unique_id=b"RACKLET1", seed=1)
    for net in FAULTS:
        chip.mcu.gpio[PINS[net]].set_input_value(True)
    Repl(chip, chip.usb).enter().run("import protection\nprotection.arm()")
    assert chip.mcu.gpio[CLEAR].value.name == "LOW"
    return chip


def cycles_to_clear(chip: Chip, net: str) -> list[int]:
    """How long after this fault the clear line moved, each time that it did within 1 ms."""
    at: list[int] = []
    chip.on_pad(CLEAR, lambda _state: at.append(chip.cycles))
    fault = chip.cycles
    chip.mcu.gpio[PINS[net]].set_input_value(False)
    chip.pins_changed()
    chip.run_for(1 * MS)
    assert chip.mcu.gpio[CLEAR].value.name == "HIGH"
    return [cycle - fault for cycle in at]


@pytest.mark.parametrize("net", FAULTS)
@pytest.mark.parametrize("busy", BUSY)
def test_a_fault_clears_the_latch_within_five_cycles(chip: Chip, busy: str, net: str) -> None:
    repl = Repl(chip, chip.usb).enter()
    repl.run("import protection\nprotection.arm()")
    repl.start(BUSY[busy])
    chip.run_for(20 * MS + 1_234)
    (took,) = cycles_to_clear(chip, net)
    assert took <= 5


@pytest.mark.parametrize("after_ms", [0, 3, 40])
def test_it_goes_on_through_a_soft_reset(chip: Chip, after_ms: int) -> None:
    repl = Repl(chip, chip.usb).enter()
    repl.run("import protection\nprotection.arm()")
    chip.usb.write(b"\r\x04")
    chip.run_for(after_ms * MS + 1)
    assert cycles_to_clear(chip, "EF_FLT_N")[0] <= 5


def test_what_it_cannot_do_a_reset_takes_it_and_the_start_brings_it_back_first(chip: Chip) -> None:
    chip.reset()
    assert chip.mcu.gpio[CLEAR].value.name == "INPUT_PULL_DOWN"
    for net in FAULTS:
        chip.mcu.gpio[PINS[net]].set_input_value(True)
    for _ in range(1_000):
        chip.run_for(1 * MS)
        if chip.mcu.gpio[CLEAR].value.name == "LOW":
            break
    assert chip.mcu.gpio[CLEAR].value.name == "LOW"
    assert not chip.smbus.attached, "something else came first"
    assert cycles_to_clear(chip, "EF_FLT_N")[0] <= 5
