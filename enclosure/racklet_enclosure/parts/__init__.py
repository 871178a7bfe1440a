"""One module a part. Each says how it is printed and where it stands in the rack.

`make(lay)` returns the part in rack coordinates (a blade's parts in a slot at X = 0), `UP` is the
direction that points away from the print bed, `places(lay)` the translations of its copies, and
`PRINT` one sentence for the print list.
"""

from importlib import import_module
from types import ModuleType

NAMES = (
    "base",
    "deck",
    "top",
    "side_left",
    "side_right",
    "backplane_mount",
    "rmc_bay",
    "tray",
    "tray_front",
    "blank_tray",
    "fan_grille",
    "foot",
    "handle",
    "switch_bracket",
    "cable_guide",
    "calibration_block",
    "calibration_key",
)


def module(name: str) -> ModuleType:
    """The module of part `name`."""
    return import_module(f"{__name__}.{name}")
