"""The emulated chip behaves as the data sheets say, where it was made to."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from racklet_bench.rp2040 import EmulatedRack, built_image, engine
from racklet_bench.rp2040.chip import CYCLE_NS, Chip
from racklet_bench.rp2040.repl import Repl

MS = 1_000_000

# A fault pin (GPIO10) and an output (GPIO16): two instructions from one to the other.
GUARD = """
import rp2
from machine import Pin
@rp2.asm_pio(set_init=rp2.PIO.OUT_LOW)
def guard():
    wait(0, pin, 0)
    set(pins, 1)
    wait(1, pin, 0)
    set(pins, 0)
rp2.StateMachine(4, guard, in_base=Pin(10, Pin.IN, Pin.PULL_UP), set_base=Pin(16)).active(1)
"""


@pytest.fixture
def chip() -> Chip:
    chip = Chip(built_image(), unique_id=b"RACKLET1", seed=1)
    chip.mcu.gpio[10].set_input_value(True)
    return chip


@pytest.fixture
def repl(chip: Chip) -> Repl:
    """The raw REPL of a chip without a board; its application has been interrupted."""
    return Repl(chip, chip.usb).enter()


def test_two_runs_are_the_same_to_the_cycle_and_two_boards_differ() -> None:
    def run(seed: int, board: bytes) -> tuple[int, str]:
        chip = Chip(built_image(), unique_id=board, seed=seed)
        printed = Repl(chip, chip.usb).enter().run("import os; print(os.urandom(8), dir())")
        return chip.cycles, printed

    first = run(1, b"RACKLET1")
    assert run(1, b"RACKLET1") == first
    assert run(2, b"RACKLET1")[1] != first[1]
    assert run(1, b"RACKLET2")[1] != first[1]


IDENTIFY = """
from racklet_bench.rp2040 import EmulatedRack, engine
from racklet_bench.rp2040.flash_load import client
rack = EmulatedRack()
rack.plant.slots[1].insert()
assert rack.wait_for(lambda: rack.bmc(1).answering, 500_000_000)
print(engine.FAST, client(rack).identify())
"""


@pytest.mark.skipif(not engine.FAST, reason="there is nothing to compare with")
def test_without_a_compiler_the_firmware_answers_the_same(tmp_path: Path) -> None:
    def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *arguments],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=True,
        )

    bare = {"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    compiled, stock = run("-c", IDENTIFY), run("-c", IDENTIFY, **bare)
    slow = r"(?m)^rp2040 bench: the stock emulator, .*slower.*: no C compiler; .*apt install gcc"
    assert re.search(slow, stock.stderr)
    collected = run("-m", "pytest", "-q", "--co", "--bench", "rp2040", __file__, **bare)
    assert re.search(slow, collected.stdout)
    assert stock.stdout == compiled.stdout.replace("True", "False", 1)
    assert "bmc_rp2040_r1" in stock.stdout


def test_the_flash_says_who_the_board_is(repl: Repl) -> None:
    assert repl.run("import machine; print(machine.unique_id())") == "b'RACKLET1'\n"


@pytest.mark.parametrize(
    ("operation", "least_us", "most_us"),
    [
        ("flash.ioctl(6, 3)", 45_000, 46_000),  # W25Q16JV: 45 ms a sector
        ("flash.writeblocks(3, bytes(256), 0)", 400, 1_500),  # 0.4 ms a page
        ("flash.writeblocks(3, bytes(1024), 0)", 1_600, 3_500),
    ],
)
def test_flash_operations_take_their_time(
    repl: Repl, operation: str, least_us: int, most_us: int
) -> None:
    took = repl.run(
        "import rp2, time\nflash = rp2.Flash()\nbegin = time.ticks_us()\n"
        f"{operation}\nprint(time.ticks_diff(time.ticks_us(), begin))"
    )
    assert least_us <= int(took) <= most_us


def test_programming_only_clears_bits(chip: Chip, repl: Repl) -> None:
    repl.run(
        "import rp2\nflash = rp2.Flash()\nflash.ioctl(6, 3)\n"
        "flash.writeblocks(3, b'\\xf0', 0)\nflash.writeblocks(3, b'\\x3c', 0)"
    )
    assert chip.mcu.flash[0x120000 + 3 * 4096] == 0x30


def test_the_flash_changes_at_the_end_of_an_operation_only(chip: Chip, repl: Repl) -> None:
    place = 0x120000 + 3 * 4096
    repl.run("import rp2\nflash = rp2.Flash()\nflash.writeblocks(3, bytes(16), 0)")
    repl.start("flash.ioctl(6, 3)")
    chip.run_for(20 * MS)
    assert chip.flash.pending is not None
    assert bytes(chip.mcu.flash[place : place + 16]) == bytes(16)
    repl.finish()
    assert bytes(chip.mcu.flash[place : place + 16]) == b"\xff" * 16


@pytest.mark.skipif(not engine.FAST, reason="the stock emulator has PIO step by instructions")
@pytest.mark.parametrize("busy", ["time.sleep_ms(50)", "x = 1", "gc.collect()"])
def test_pio_reacts_within_five_cycles(chip: Chip, repl: Repl, busy: str) -> None:
    """Whatever instruction the CPU is at: some take 60 cycles, with a miss of the flash cache."""
    repl.run(GUARD + "import gc, time")
    repl.start(f"while True: {busy}")
    at: list[int] = []
    chip.on_pad(16, lambda _state: at.append(chip.cycles))
    took = []
    for shot in range(40):
        chip.run_for(1 * MS + shot * 1234)
        changed = chip.cycles
        chip.mcu.gpio[10].set_input_value(bool(shot % 2))
        chip.pins_changed()
        chip.run_for(1 * MS)
        took.append(at.pop() - changed)
        assert not at
    assert max(took) <= 5


def test_pio_reacts_while_the_flash_is_being_erased(chip: Chip, repl: Repl) -> None:
    repl.run(GUARD + "flash = rp2.Flash()")
    repl.start("flash.ioctl(6, 3)")
    chip.run_for(20 * MS)
    assert chip.flash.pending is not None
    at: list[int] = []
    chip.on_pad(16, lambda _state: at.append(chip.cycles))
    fault = chip.cycles
    chip.mcu.gpio[10].set_input_value(False)
    chip.run_for(1 * MS)
    assert len(at) == 1
    assert at[0] - fault <= 5


def test_a_reset_lets_go_of_pads_and_says_so(chip: Chip, repl: Repl) -> None:
    repl.run("from machine import Pin\nPin(17, Pin.OUT, value=1)")
    states: list[str] = []
    chip.on_pad(17, lambda state: states.append(state.name))
    chip.reset()
    assert states == ["INPUT_PULL_DOWN"]
    assert chip.mcu.pio[1].stopped


def test_adc_round_robin_visits_every_channel(chip: Chip, repl: Repl) -> None:
    chip.mcu.adc.channel_values[:] = [100, 200, 300, 400, 500]
    printed = repl.run(
        "from machine import ADC, mem32\nADC(0); ADC(1); ADC(2)\n"
        "mem32[0x4004C000] = 7 << 16 | 1\n"  # CS: round robin over 0 to 2, enabled
        "for _ in range(5):\n"
        "    mem32[0x4004E000] = 4\n"  # START_ONCE
        "    while not mem32[0x4004C000] & 256: pass\n"
        "    print(mem32[0x4004C004])"
    )
    assert [int(line) for line in printed.split()] == [100, 200, 300, 100, 200]


def test_a_part_that_is_not_there_is_told_at_once_and_troubles_no_other() -> None:
    """The address and its NACK take 25 us at 400 kHz."""
    rack = EmulatedRack()
    rack.plant.slots[1].insert()
    assert rack.wait_for(lambda: rack.bmc(1).answering, 2_000 * MS)
    took, nobody, there = eval(
        rack.repl(1)
        .enter()
        .run(
            "import time\nfrom racklet_base.hal.buses import local_i2c\ni2c = local_i2c()\n"
            "begin = time.ticks_us()\n"
            "try:\n    nobody = i2c.readfrom_mem(0x33, 0x3E, 2)\n"
            "except OSError as error:\n    nobody = error.errno\n"
            "took = time.ticks_diff(time.ticks_us(), begin)\n"
            "print((took, nobody, i2c.readfrom_mem(0x40, 0x3E, 2)))"
        )
    )
    assert took < 1_000
    assert nobody == errno.EIO
    assert there == b"TI"


@pytest.mark.skipif(not engine.FAST, reason="the stock emulator divides otherwise by 0")
@pytest.mark.parametrize(
    ("kind", "operands", "results"),
    [
        (0, (0xFFFF_FFFF, 10), (429_496_729, 5)),
        (0, (7, 0), (0xFFFF_FFFF, 7)),
        (8, (0xFFFF_FFF9, 2), (0xFFFF_FFFD, 0xFFFF_FFFF)),  # -7 / 2 = -3, rest -1
        (8, (0x8000_0000, 0xFFFF_FFFF), (0x8000_0000, 0)),  # -2**31 / -1 does not fit
        (8, (0xFFFF_FFF9, 0), (1, 0xFFFF_FFF9)),
        (8, (7, 0), (0xFFFF_FFFF, 7)),
    ],
)
def test_the_divider_divides(
    chip: Chip, kind: int, operands: tuple[int, int], results: tuple[int, int]
) -> None:
    """RP2040 data sheet 2.3.1.5: unsigned operands at 0x60, signed ones 8 further."""
    bus = chip.mcu
    for place, operand in zip((0xD000_0060, 0xD000_0064), operands, strict=True):
        bus.write_uint32(place + kind, operand)
    assert bus.read_uint32(0xD000_0078) == 3  # ready, dirty
    remainder = bus.read_uint32(0xD000_0074)
    assert (bus.read_uint32(0xD000_0070), remainder) == results
    assert bus.read_uint32(0xD000_0078) == 1


@pytest.mark.parametrize(
    ("call", "cause", "reason"),
    [
        ("machine.reset()", 3, 2),
        ("machine.WDT(timeout=50)\nwhile True: pass", 3, 1),
    ],
)
def test_resets_say_why(chip: Chip, repl: Repl, call: str, cause: int, reason: int) -> None:
    repl.start(f"import machine\n{call}")
    assert chip.wait_for(lambda: not chip.usb.connected, 200 * MS)
    printed = (
        Repl(chip, chip.usb)
        .enter()
        .run("import machine\nprint(machine.reset_cause(), machine.mem32[0x40058008])")
    )
    assert printed == f"{cause} {reason}\n"


def test_time_is_counted_in_system_clocks(chip: Chip) -> None:
    chip.run_for(1 * MS)
    assert abs(chip.cycles - 1 * MS // CYCLE_NS) < 100
