"""The simulated rack as the server and the demo use it: time, hands, and BMCs that boot."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from racklet_plant import controls
from racklet_plant.cosim import FirmwareDoesNotStart, VirtualRack
from racklet_plant.errors import ControlError

from racklet.errors import RackletError, Recovering
from racklet.power import PowerCommand
from racklet.rack import Rack
from racklet.slots import format_slots
from racklet.virtual import control_names
from racklet.virtual.micropython import usable_micropython
from racklet.virtual.plant_bus import PlantBus
from racklet.virtual.sim_service import ControlRefused

_BOOT_LIMIT_NS = 10_000_000_000  # plant time in which every BMC must answer
_BOOT_STEP_NS = 10_000_000


@contextmanager
def open_virtual_rack(
    slots: int,
    *,
    speed_up: int = 1,
    seed: int = 0,
    trusted_key: bytes | None = None,
    minimum_sequence: int = 0,
    image: bytes | None = None,
) -> Iterator["SimulatedRack"]:
    """A rack with empty slots; every process of it ends with the block."""
    rack = VirtualRack(
        slots,
        seed=seed,
        speed_up=speed_up,
        micropython=usable_micropython(),
        trusted_key=trusted_key,
        minimum_sequence=minimum_sequence,
        image=image,
    )
    with rack:
        yield SimulatedRack(rack)


class SimulatedRack:
    """What `Server` calls a `SimulatedWorld`, over the plant's co-simulation."""

    def __init__(self, rack: VirtualRack) -> None:
        self.rack = rack
        self.bus = PlantBus(rack.bus)

    @property
    def now_ns(self) -> int:
        return self.rack.world.now_ns

    def run_until(self, plant_ns: int) -> None:
        try:
            self.rack.run_until(plant_ns)
        except FirmwareDoesNotStart as error:
            last = str(error).strip().rpartition("\n")[2]
            raise RackletError(f"a BMC does not start: {last}", code="firmware") from None

    def next_deadline_ns(self) -> int | None:
        return self.rack.next_deadline_ns()

    def boot(self, slots: Iterable[int], is_cancelled: Callable[[], bool] = lambda: False) -> None:
        """Let plant time pass until the BMC of each slot answers, as fast as it goes."""
        waiting = set(slots)
        limit_ns = self.now_ns + _BOOT_LIMIT_NS
        while waiting and not is_cancelled():
            self.run_until(self.now_ns + _BOOT_STEP_NS)
            waiting = {slot for slot in waiting if not self.rack.answering(slot)}
            if self.now_ns > limit_ns:
                raise RackletError(
                    f"the BMC of slot {format_slots(sorted(waiting))} does not answer",
                    code="firmware",
                )

    def admit(self, slots: Iterable[int]) -> None:
        """Do what a rack management controller does with new units: take them in, off.

        One in recovery holds its rail as it is, which is off."""
        rack = Rack(self.bus, len(self.rack.plant.slots), WorldClock(self))
        for end in rack.power(PowerCommand.OFF, slots).values():
            if isinstance(end, RackletError) and not isinstance(end, Recovering):
                raise end

    def control(self, name: str, /, **arguments: Any) -> Any:
        """One control of the simulated world. Raises `ControlRefused`."""
        try:
            match name:
                case "info":
                    return {"slots": len(self.rack.plant.slots)}
                case "repl":
                    control_names.check(name, arguments)
                    return self._repl(**arguments)
                case _:
                    return controls.run(self.rack.plant, name, arguments)
        except (ControlError, LookupError, TypeError) as error:
            raise ControlRefused(str(error)) from None

    def _repl(self, slot: int, typed: str) -> dict[str, str]:
        if typed:
            self.rack.repl_write(slot, typed.encode(errors="replace"))
        return {"printed": self.rack.repl_read(slot).decode(errors="replace")}


class WorldClock:
    """Plant time for clients in this process: sleeping lets the world go on, unpaced."""

    def __init__(self, world: SimulatedRack) -> None:
        self._world = world

    def monotonic(self) -> float:
        """Seconds of plant time."""
        return self._world.now_ns / 1e9

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of plant time pass."""
        self._world.run_until(self._world.now_ns + int(seconds * 1e9))
