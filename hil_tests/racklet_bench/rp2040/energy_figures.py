"""Print what sampling costs the emulated chip, in CPU time.

`python -m racklet_bench.rp2040.energy_figures [--json]`. Measured from the REPL, with the
application stopped: what the energy and telemetry services take for one look, waiting for the
local bus included.
"""

from collections.abc import Iterator

from ..figures import EMULATED, Figure, show
from . import engine
from .bench import EmulatedRack
from .figures import signed

MS = 1_000_000
_TELEMETRY_A_SECOND = 4
_LOOKS = 8  # so that the identity checks, every 2 s, have their share

_CODE = f"""
from time import sleep_ms, ticks_us
from racklet_bmc.app import bmc as b
t = e = 0
for k in range({_LOOKS}):
    sleep_ms(250)
    s = ticks_us(); b.telemetry.step(); t += ticks_us() - s
    s = ticks_us(); b.energy.count(); e += ticks_us() - s
print(t // {_LOOKS}, e // {_LOOKS})
"""


def rows() -> Iterator[Figure]:
    """Of one look at all sensors, of one count of both totals, and their share of the CPU."""
    rack = EmulatedRack()
    rack.ship(signed())
    rack.plant.slots[1].insert()
    rack.wait_for(lambda: rack.bmc(1).answering, 5000 * MS)
    rack.run_until(rack.world.now_ns + 1000 * MS)
    telemetry_us, count_us = map(int, rack.repl(1).enter().run(_CODE).split())
    how = f"mean of {_LOOKS}, the local bus included"
    yield Figure("look at all sensors", telemetry_us, "us", EMULATED, how)
    yield Figure("count of both energy totals", count_us, "us", EMULATED, how)
    share = (_TELEMETRY_A_SECOND * telemetry_us + count_us) / 1e6 * 100
    how = "four looks and one count a second"
    yield Figure("sampling, share of the CPU", share, "%", EMULATED, how)


if __name__ == "__main__":
    engine.require_cache_model()
    show(rows())
