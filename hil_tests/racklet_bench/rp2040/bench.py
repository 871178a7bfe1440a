"""The rp2040 bench: the real UF2 on emulated chips, in the plant, in steps of emulated time."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from racklet.virtual.plant_bus import PlantBus
from racklet_plant.controls import CONTROLS
from racklet_plant.rack import Rack
from racklet_plant.smbus import Message
from racklet_plant.unit import Unit
from racklet_plant.world import World
from racklet_uf2 import factory, uf2
from racklet_uf2.build import flash_map

from ..bench import FAULTS, HANDS, RESET, SIGNING_KEY, SLOTS, SPEED_UP, STEPPED, TRACE
from ..in_process import PlantClock
from .repl import Repl
from .wiring import EmulatedBmc

BOARD = "bmc_rp2040_r1"
# With several chips under power they take turns of this length. A single one runs undisturbed
# to the next event of the plant, so that its cycles are exact.
_TURN_NS = 20_000


class NoFirmware(Exception):
    """The UF2 has not been built."""


def built_image(board: str = BOARD) -> bytes:
    """The flash of a new board: what `make firmware` built for it. Raises NoFirmware."""
    file: Path = factory.file_of(board)
    if not file.exists():
        raise NoFirmware(f"{file} is not there; say make firmware BOARD={board}")
    return uf2.unwrap(file.read_bytes())


class EmulatedRack:
    """A plant whose units carry emulated chips. `run_until`, `wait_for`, `transfer` move time."""

    def __init__(
        self, slots: int = 1, *, seed: int = 0, image: bytes | None = None, xip: bool = True
    ) -> None:
        self._image = built_image() if image is None else image
        self._xip = xip
        self._bmcs: list[EmulatedBmc] = []
        self._released = False
        self._interruption: Exception | None = None
        self.world = World(seed)
        self.plant = Rack(self.world, slots, equip=self._equip)
        self.plant.bus.advance_to = self.advance_to

    def ship(self, *images: bytes) -> None:
        """Units that are new from now on have these signed images in their slots, and trust the
        development key."""
        flash = bytearray(self._image)
        key = factory.development_key()
        for region, data in factory.regions(BOARD, key, images, is_development=True).items():
            start = flash_map(BOARD)[region][0]
            flash[start : start + len(data)] = data
        self._image = bytes(flash)

    def _equip(self, unit: Unit, _slot: int) -> None:
        bmc = EmulatedBmc(self.world, unit, self._image, self._interfered, xip=self._xip)
        unit.bmc = bmc
        self._bmcs.append(bmc)

    def bmc(self, slot: int) -> EmulatedBmc:
        """The emulated BMC in a slot. LookupError when the slot is empty."""
        unit = self.plant.slots[slot].unit
        if unit is None or not isinstance(unit.bmc, EmulatedBmc):
            raise LookupError(f"slot {slot} is empty")
        return unit.bmc

    def repl(self, slot: int) -> Repl:
        """The BMC's raw REPL. LookupError when it has no power."""
        chip = self.bmc(slot).chip
        if chip is None:
            raise LookupError(f"the BMC in slot {slot} has no power")
        return Repl(self, chip.usb)

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        """One transaction on the SMBus; raises the errors of `racklet_plant.smbus`."""
        return self.plant.bus.transfer(messages)

    # --- time ---------------------------------------------------------------------------

    def advance_to(self, ns: int) -> None:
        """Let plant and chips get to that instant; earlier if a chip lets go of the SMBus."""
        self._advance(ns, lambda: self._released)
        self._released = False

    def run_until(self, plant_ns: int) -> None:
        """Let time pass until that instant."""
        self._advance(plant_ns, lambda: False)

    def wait_for(self, done: Callable[[], bool], limit_ns: int) -> bool:
        """Let time pass until `done()`, at most `limit_ns`; whether it was done."""
        return done() or self._advance(self.world.now_ns + limit_ns, done)

    def interrupt(self, reason: Exception) -> None:
        """Let whatever makes time pass just now end with this exception."""
        self._interruption = reason
        self._interfered()

    def _advance(self, ns: int, done: Callable[[], bool]) -> bool:
        world = self.world
        while world.now_ns < ns:
            powered = [bmc for bmc in self._bmcs if bmc.chip is not None]
            until = self._horizon(ns, world.now_ns + _TURN_NS if len(powered) > 1 else ns)
            for bmc in powered:
                self._attend(bmc)
                bmc.run_to(until)
                until = max(self._horizon(until, until), world.now_ns)
            if len(powered) == 1:  # it may have stopped early
                until = max(min(until, powered[0].now_ns), world.now_ns)
            world.advance_to(until)
            if self._interruption is not None:
                interruption, self._interruption = self._interruption, None
                raise interruption
            if done():
                return True
        return False

    def _horizon(self, *limits: int) -> int:
        """The earliest of the limits and of the plant's own next event."""
        due = self.world.next_ns()
        return min(*limits, due) if due is not None else min(limits)

    def _attend(self, bmc: EmulatedBmc) -> None:
        if bmc.chip is not None:
            bmc.chip.smbus.bit_ns = 1e9 / self.plant.bus.hz
            bmc.chip.smbus.on_release = self._release

    def _release(self) -> None:
        self._released = True
        self._interfered()

    def _interfered(self) -> None:
        for bmc in self._bmcs:
            if bmc.chip is not None:
                bmc.chip.stop()


class Rp2040Bench:
    """`racklet_bench.bench.Bench` on emulated chips. Several slots cost their number in time."""

    abilities = frozenset({HANDS, FAULTS, RESET, STEPPED, TRACE, SIGNING_KEY, SLOTS})

    board = BOARD

    def __init__(self, *, slots: int = 5, seed: int = 0) -> None:
        self.signing_key = factory.development_key()
        self.rack = EmulatedRack(slots, seed=seed)
        self.rack.plant.speed_up = SPEED_UP
        self.bus = PlantBus(self.rack.plant.bus)
        self.clock = PlantClock(self.rack)
        self.slots = tuple(self.rack.plant.slots)

    def insert(self, slot: int) -> None:
        self.control("insert", slot=slot)

    def ship(self, *images: bytes) -> None:
        self.rack.ship(*images)

    def remove(self, slot: int) -> None:
        self.control("remove", slot=slot)

    def control(self, name: str, /, **arguments: Any) -> Any:
        return CONTROLS[name](self.rack.plant, **arguments)

    def reset_bmc(self, slot: int) -> None:
        self.rack.bmc(slot).reset()

    def trace(self, slot: int, net: str) -> list[tuple[int, int]]:
        unit = self.rack.plant.slots[slot].unit
        if unit is None:
            raise LookupError(f"slot {slot} is empty")
        return unit.trace(net)

    def close(self) -> None:
        pass
