"""The recovery service: what the bus finds when no slot holds an image that may run.

It identifies itself, tells its log and takes an image. No pin is driven, so the enable latch
keeps the rail as it was, and nothing here can move it.
"""

import asyncio

from racklet_wire import blocks, status

from . import VERSION
from .hal import pins
from .handlers.dispatcher import Dispatcher
from .handlers.images import Images
from .handlers.log import Log
from .services.supervisor import Supervisor

_FEATURES = blocks.FEATURE_IMAGES | blocks.FEATURE_LOG


class _Rail:
    """What STATUS_WORD says of a rail that is looked at only."""

    def status_bits(self) -> "dict[int, int]":
        is_on, is_good = pins.rail()
        bits = 0 if is_on else status.WORD_OFF
        return {status.STATUS_WORD: bits if is_good else bits | status.WORD_POWER_GOOD_N}

    def clear_status(self, code: int, bits: int) -> None:
        pass  # nothing latches


def run(base: object) -> None:
    """Serve the bus until a reset."""
    registers, log, generation = base.registers, base.log, base.log.generation
    families = [
        base.identity(VERSION, bytes(4), _FEATURES),
        base.boot,
        Log(registers, log, base.clock),
        Images(registers, base.images, generation),
    ]
    services = (
        ("bus", Dispatcher(registers, families, [_Rail()], base.clock), base.bus_wake.pause),
        ("images", base.images, base.images.pause),
    )
    supervisor = Supervisor(base.clock, base.watchdog, base.scratch, log)
    asyncio.new_event_loop()
    asyncio.run(base.serve(supervisor, services))
