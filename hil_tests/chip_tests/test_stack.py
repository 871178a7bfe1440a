"""The stack lasts for the deepest of what the services do, with the handler of the bus on top; and
a handler that was lost is set up again."""

import random

from racklet.errors import RackletError
from racklet.power import PowerCommand
from racklet_bench.rp2040 import EmulatedRack
from racklet_bench.rp2040.chip import Chip
from racklet_bench.rp2040.flash_load import client

MS = 1_000_000
SRAM = 0x20000000
BOTTOM, TOP = 0x2003F000, 0x20042000  # boards/rp2/memory.ld
SPARE = 2_048  # MicroPython's check of the depth keeps 1,024 of it
UNTOUCHED = b"\xa5" * 64
IC_INTR_MASK = 0x40044030


def rack_with_a_unit() -> tuple[EmulatedRack, Chip]:
    rack = EmulatedRack()
    rack.plant.slots[1].insert()
    rack.run_until(3_000 * MS)
    chip = rack.bmc(1).chip
    assert chip is not None
    return rack, chip


def test_a_storm_of_commands_leaves_some_of_it() -> None:
    rack, chip = rack_with_a_unit()
    ram = chip.mcu.sram
    for address in range(BOTTOM, chip.mcu.core.registers[13] - 128):
        ram[address - SRAM] = UNTOUCHED[0]
    dice = random.Random(5)
    bmc = client(rack)
    for _ in range(60):
        try:
            bmc.power_task(dice.choice(list(PowerCommand)))
        except RackletError as refusal:
            assert refusal.code == "busy", refusal
        rack.run_until(rack.world.now_ns + dice.choice((0, 1, 10, 30)) * MS)
    stack = bytes(ram[BOTTOM - SRAM : TOP - SRAM])
    assert stack.rfind(UNTOUCHED) > SPARE


def test_a_handler_that_was_taken_away_is_set_up_again() -> None:
    """As MicroPython does it after an exception in a hard interrupt: it masks all of them."""
    rack, chip = rack_with_a_unit()
    bmc = client(rack)
    rack.run_until(6_000 * MS)  # off: no erase is due, after which it would be set up as well
    chip.mcu.write_uint32(IC_INTR_MASK, 0)
    rack.run_until(rack.world.now_ns + 100 * MS)
    assert bmc.identify().slot == 1
    kinds = [record.kind for record in bmc.log()]
    assert kinds.count("bus reset") == 1
