"""What every start builds first, and what application and recovery are built on.

It is on the bus before anything is verified: until `serve`, IDENTIFY and BOOT_STATUS say that
the BMC is starting; what has no value yet, and all writes, find it busy.
"""

from time import ticks_us

import board
from mover import Mover
from racklet_wire import blocks, boot
from racklet_wire.address import address_of

from . import VERSION
from .hal import chip, pins
from .hal.clock import Clock
from .hal.flash import Region
from .handlers.identity import Identity
from .services.eventlog import EventLog
from .services.start import Start, Starts
from .target.engine import Engine
from .target.registers import Registers

_CAUSES = {chip.POWER_ON: "power on", chip.FORCED: "reset", chip.WATCHDOG: "watchdog"}
_MODE_FLAGS = {
    boot.STARTING: blocks.IDENTIFY_STARTING,
    boot.RECOVERY: blocks.IDENTIFY_RECOVERY,
    boot.DEVELOPER: blocks.IDENTIFY_DEVELOPER,
}

# How often to look for a transaction that makes no progress: it is given up after 25 ms.
_STALL_CHECK_MS = 5
_IDLE_CHECK_MS = 20


class Base:
    """`clock`, `slot`, `unique_id`, `registers`, `engine`, `mover`, `log`, `watchdog`, `scratch`,
    `bus_wake`, how this `start` went, and `boot`, its row on the bus. The first stage adds
    `keys`, `slots`, `verifier` and `images`."""

    def __init__(self) -> None:
        """Go on the bus as soon as it can be said who answers."""
        self.clock = clock = Clock()
        self.slot = pins.read_slot()
        self.unique_id = chip.unique_id()
        self.registers = registers = Registers(address_of(self.slot))
        registers.hold_off(*pins.rail())
        self.engine = Engine(registers, ticks_us)
        self.mover = Mover(self.engine, registers)
        self.log = EventLog(self.region("log"), clock)
        self.start = Start()
        self.images = None
        identity = self.identity(VERSION, bytes(4))
        identity.refresh()
        self.mover.attach()
        self._go_on(identity)

    def _go_on(self, identity: Identity) -> None:
        """What the first answer does not wait for."""
        from .hal.edges import Wake  # noqa: PLC0415
        from .handlers.boot import Boot  # noqa: PLC0415
        from .services.crash import record_boot  # noqa: PLC0415

        self.boot = Boot(self.registers, self.start, self.log.generation)
        self.boot.refresh()
        identity.start()
        record_boot(self.log, _CAUSES[chip.reset_cause()])
        self.watchdog = chip.Watchdog()
        self.scratch = chip.Scratch()
        self.starts = Starts(self.scratch)
        self.bus_wake = Wake()

    def region(self, name: str) -> Region:
        """A part of the flash, whose erases keep off the bus."""
        return Region(name, self.mover)

    def identity(self, firmware: tuple, build: bytes, features: int = 0) -> Identity:
        """The rows that say who this is, running `firmware` (major, minor, patch)."""
        return Identity(
            self.registers,
            board=board.NAME,
            slot=self.slot,
            serial=self.unique_id,
            firmware=firmware,
            build=build,
            generation=self.log.generation,
            limits=board.LIMITS,
            flags=self._flags,
            features=features,
        )

    def _flags(self) -> int:
        start = self.start
        # It is starting as long as a write would be lost.
        mode = start.mode if self.registers.mailbox.is_open else boot.STARTING
        flags = _MODE_FLAGS.get(mode, 0)
        if start.running == 1:
            flags |= blocks.IDENTIFY_SLOT_B
        if start.key and start.key == self.keys.development:
            flags |= blocks.IDENTIFY_DEVELOPMENT_KEY
        return flags | blocks.IDENTIFY_TRIAL if start.is_trial else flags

    async def serve(self, supervisor: object, services: "tuple[tuple, ...]") -> None:
        """Serve (name, service, pause or None) and watch over the bus until a reset."""
        import asyncio  # noqa: PLC0415 - see hal/clock.py

        supervisor.begin()
        self.registers.mailbox.wake = self.images.on_change = self.bus_wake.set
        for name, service, pause in services:
            asyncio.create_task(supervisor.serve(name, service, pause))
        asyncio.create_task(self._watch_bus())
        self.start.serving_ms = self.clock.ms()
        self.starts.forget()
        await supervisor.run()

    async def _watch_bus(self) -> None:
        """Let go of a bus on which a transaction makes no progress, or on which we hear nothing."""
        from racklet_wire import events  # noqa: PLC0415

        engine, mover = self.engine, self.mover
        while True:
            await self.clock.sleep_ms(_STALL_CHECK_MS if engine.is_open else _IDLE_CHECK_MS)
            is_stuck = engine.is_open and engine.is_stuck(mover.is_bus_held())
            if is_stuck or mover.is_deaf():
                mover.reset()
                self.log.append(events.BUS_RESET)
