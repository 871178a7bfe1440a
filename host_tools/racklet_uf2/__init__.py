"""From sources to the UF2 that a person flashes: fetch, build, wrap, check, flash.

Runs on the developer's machine only; nothing of it is in the firmware or in the wheel.
"""

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
BOARDS = ("bmc_rp2040_r1", "pico_breadboard")
OUTPUT = REPOSITORY / "build" / "firmware"


class BuildError(Exception):
    """The build cannot go on; the message says what to do."""
