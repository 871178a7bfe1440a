"""What the wheel carries beside the packages: the sources a virtual BMC runs, as data.

A build hook, because an editable install must not get copies of them.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_INSIDE = "racklet_plant/sources/"  # racklet_plant.sources finds them there
_DATA = (
    "firmware/boot.py",
    "firmware/main.py",
    "firmware/racklet_base",
    "firmware/racklet_bmc",
    "firmware/racklet_wire",
    "boards/virtual",
    "boards/bmc_rp2040_r1",
)


class WheelData(BuildHookInterface):
    """Adds the data to a real wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"].update({name: _INSIDE + name for name in _DATA})
