"""Board outlines, holes and connectors, as pcb/mechanical/ exports them, and vendor data."""

import json
import tomllib
from functools import cache
from typing import Any

from . import REPOSITORY, ROOM
from .parameters import Refused

MECHANICAL = REPOSITORY / "pcb" / "mechanical"
BMC, BACKPLANE = "bmc_rp2040_r1", "backplane_r1"

_KEYS = {
    BMC: {"outline", "holes", "connectors", "tallest", "far_side", "thickness", "tongue"},
    BACKPLANE: {"outline", "holes", "connectors", "tallest", "far_side", "slots", "socket"},
}


@cache
def board(name: str) -> dict[str, Any]:
    """The mechanical facts of a board in its own axes (the file's `axes` says which), mm."""
    path = MECHANICAL / f"{name}.json"
    if not path.exists():
        raise Refused(f"{path.relative_to(REPOSITORY)} is missing: run `make pcb-mechanical`")
    facts: dict[str, Any] = json.loads(path.read_text())
    missing = _KEYS[name] - facts.keys()
    if missing or facts.get("units") != "mm":
        raise Refused(f"{path.name}: lacks {', '.join(sorted(missing)) or 'units in mm'}")
    return facts


@cache
def vendor() -> dict[str, Any]:
    """Bought parts of vendor.toml by name."""
    return tomllib.loads((ROOM / "vendor.toml").read_text())


@cache
def fasteners() -> dict[str, Any]:
    """Screws, nuts and stand-offs of fasteners.toml by role."""
    return tomllib.loads((ROOM / "fasteners.toml").read_text())
