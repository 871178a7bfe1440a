"""From a bus specification to an open bus."""

from collections.abc import Callable

from racklet.bus.base import Bus
from racklet.bus.linux import LinuxBus
from racklet.bus.virtual import VirtualBus
from racklet.errors import UsageError

_KINDS: dict[str, Callable[[str], Bus]] = {"virtual": VirtualBus, "i2c": LinuxBus}


def open_bus(spec: str) -> Bus:
    """Open `virtual:PATH` or `i2c:/dev/i2c-N`; `racklet.where` says which when nobody does.

    Raises `UsageError` for another form and `NotReachable` when there is nothing.
    """
    kind, colon, place = spec.partition(":")
    if not colon or not place or kind not in _KINDS:
        raise UsageError(
            f"{spec!r} names no bus",
            hint="write virtual:PATH for a virtual rack or i2c:/dev/i2c-N for a real one",
        )
    return _KINDS[kind](place)
