"""A person's files: nothing is written before one is wanted, and never on the bus."""

import pytest
from racklet_bench.rp2040 import EmulatedRack
from racklet_bench.rp2040.branch import branch
from racklet_bench.rp2040.chip import Chip
from racklet_bench.rp2040.loaded_bus import FlashLoad, LoadedBus

MS = 1_000_000
LOOK = """
import os
print(os.listdir('/'))
try:
    open('notes.txt')
except OSError as error:
    print(error)
"""
WRITE = """
with open('notes.txt', 'w') as file:
    for _ in range(100):
        file.write('12345678' * 15)
"""  # three sectors
READ = """
with open('notes.txt') as file:
    print(all(file.read(120) == '12345678' * 15 for _ in range(100)), file.read())
"""


def chip(rack: EmulatedRack) -> Chip:
    found = rack.bmc(1).chip
    assert found is not None
    return found


@pytest.fixture(scope="module")
def running() -> EmulatedRack:
    """A new board, serving, whose rings have a sector ahead."""
    rack = EmulatedRack()
    rack.plant.bus.hz = 400_000
    rack.plant.slots[1].insert()
    rack.run_until(5_000 * MS)
    return rack


def seen_while_writing(rack: EmulatedRack) -> FlashLoad:
    """What a reader sees who never leaves the bus alone."""
    repl = rack.repl(1).enter()
    bus = LoadedBus(rack)
    repl.start(WRITE)
    bus.sleep(1)
    bus.close()
    repl.finish()
    assert repl.run(READ) == "True \n"
    return bus.seen


def test_who_only_looks_writes_nothing(running: EmulatedRack) -> None:
    def run() -> tuple[str, int]:
        flash = chip(running).flash
        before = flash.sector_erases + flash.page_programs
        looked = running.repl(1).enter().run(LOOK)
        return looked, flash.sector_erases + flash.page_programs - before

    assert branch(run) == ("['app']\n[Errno 2] ENOENT\n", 0)


def test_the_bus_stays_whole_while_the_first_file_is_written(running: EmulatedRack) -> None:
    branch(lambda: seen_while_writing(running)).check(5)  # two of them to format


def test_the_bus_stays_whole_while_files_of_an_earlier_start_are_written(
    running: EmulatedRack,
) -> None:
    """The file system was mounted before there was a BMC to take off the bus."""

    def run() -> FlashLoad:
        repl = running.repl(1).enter()
        repl.run("open('notes.txt', 'w').close()")
        chip(running).usb.write(b"\x02\x04")  # a soft reset from the friendly prompt
        running.run_until(running.world.now_ns + 3_000 * MS)
        assert running.bmc(1).answering
        return seen_while_writing(running)

    branch(run).check(3)
