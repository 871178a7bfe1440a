"""The emulator to run on: the compiled one where it can be built, else rp2040py as it is.

Import this before anything of rp2040py: it decides where that comes from.
`RACKLET_RP2040_ENGINE=stock` forces the slow one.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

from .engine_build import NoEngine, build

FAST = False
SLOW = ""  # why, in a line
try:
    if os.environ.get("RACKLET_RP2040_ENGINE") == "stock":
        raise NoEngine("RACKLET_RP2040_ENGINE asks for it")
    sys.path.insert(0, str(build()))
    FAST = True
except NoEngine as reason:
    SLOW = (
        f"rp2040 bench: the stock emulator, five to ten times slower, without XIP misses: {reason}"
    )
    print(SLOW, file=sys.stderr)

if FAST:
    from rp2040py.native._fast_loop import run as _run
else:
    from rp2040py.execute_batch import execute_batch

    def _run(simulator: Any) -> None:
        """Batches end on wall time; only `stopped` decides anything."""
        while not simulator.stopped:
            execute_batch(simulator, 1)


def require_cache_model() -> None:
    """End the program where figures would lack the misses of the flash cache."""
    if not FAST:
        sys.exit("figures need the compiled engine, which counts the misses of the flash cache")


run: Callable[[Any], None] = _run  # until simulator.stopped


def keep_pio_in_step(mcu: Any) -> Callable[[], None]:
    """To be called after a pin changed from outside.

    The stock loop gives PIO one step per jump of a sleeping CPU. An alarm in each of the next
    cycles keeps the jumps short until a program that waited for the pin has run its course.
    """
    if FAST:
        return lambda: None
    left = 0

    def tick() -> None:
        nonlocal left
        left -= 1
        if left > 0:
            alarm.schedule(8.0)

    alarm = mcu.clock.create_alarm(tick)

    def changed() -> None:
        nonlocal left
        if not all(pio.stopped for pio in mcu.pio):
            left = 32
            alarm.schedule(8.0)

    return changed
