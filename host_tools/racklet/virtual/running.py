"""A virtual rack from its first process to its last: boot, serve, and leave nothing behind."""

import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from racklet.errors import Interrupted
from racklet.virtual.server import Server, StopSignals
from racklet.virtual.sockets import SocketPlace
from racklet.virtual.world import open_virtual_rack


def run_rack(
    path: Path,
    slots: int,
    inserted: Sequence[int],
    starting: Callable[[], None],
    ready: Callable[[], None],
    *,
    trusted_key: bytes | None = None,
    image: bytes | None = None,
) -> None:
    """Serve a virtual rack at `path` until SIGTERM, or SIGINT, which raises `Interrupted`.

    `starting` is called when the path is ours, `ready` when the sockets are there, which is
    when every unit inserted answers. `trusted_key` and `image` are what the units ship with.
    """
    with (
        StopSignals().installed() as signals,
        SocketPlace(path) as place,
        open_virtual_rack(slots, trusted_key=trusted_key, image=image) as world,
    ):
        starting()
        for slot in inserted:
            world.control("insert", slot=slot)
        world.boot(inserted, lambda: signals.received is not None)
        if signals.received is None:
            world.admit(inserted)
            server = Server(world, world.bus, place.listen(), time.monotonic)
            ready()
            server.run(signals)
    if signals.received == signal.SIGINT:
        raise Interrupted("interrupted; the rack is gone")
