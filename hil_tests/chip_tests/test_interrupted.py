"""Ctrl-C at any instant, also while the BMC leaves the bus or comes back: the chip goes on, and
is on the bus again after what the first stage does then."""

import pytest
from racklet_bench.rp2040 import EmulatedRack
from racklet_bench.rp2040.flash_load import client
from racklet_bench.rp2040.repl import CodeFailed

US = 1_000
MS = 1_000_000
INSTANTS = 40
ERASES = """
from racklet_base.hal.flash import Region
from racklet_bmc import app
class AtOnce:  # an erase of no length, so that most instants are those around it
    def ioctl(self, *_):
        return 0
region = Region("littlefs", app.bmc.mover)
region._flash = AtOnce()
while True:
    region.erase(0)
"""


def test_ctrl_c_while_the_bus_is_left() -> None:
    rack = EmulatedRack()
    rack.plant.slots[1].insert()
    rack.run_until(3_000 * MS)
    chip = rack.bmc(1).chip
    assert chip is not None
    repl = rack.repl(1).enter()
    for k in range(INSTANTS):
        repl.start(ERASES)
        rack.run_until(rack.world.now_ns + 10 * MS + k * 37 * US)
        chip.usb.write(b"\x03")
        with pytest.raises(CodeFailed, match="KeyboardInterrupt"):
            repl.finish(1_000 * MS)
        repl.run("app.bmc.mover.reset()")
        assert client(rack).identify().slot == 1
