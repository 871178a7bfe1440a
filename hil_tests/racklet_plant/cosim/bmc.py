"""One simulated BMC: the life of its process, and what time means to it."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from racklet_plant.smbus import Target
from racklet_plant.unit import Unit
from racklet_plant.world import World

from .channel import Channel, Launch, ProcessDied, ProcessHangs
from .peripherals import Peripherals
from .target import BusTarget

# From reset to the first line of Python: 14.7 ms on the emulated RP2040 with MicroPython 1.26.1.
BOOT_NS = 15_000_000

PWRON_RESET = 1
WDT_RESET = 3

_WAITS = ("wait", "sleep")
_STARTS_BEFORE_GIVING_UP = 3


class FirmwareDoesNotStart(Exception):
    """The process died again and again before its event loop ran; the text is what it printed."""


class Bmc:
    """What the plant powers up and down as `unit.bmc`, and its `bus_target`."""

    def __init__(self, world: World, unit: Unit, launch: Launch, folder: Path) -> None:
        self._world = world
        self._unit = unit
        self._launch = launch
        self.output = folder / f"unit-{unit.serial}.log"
        self.target = BusTarget(self._bus_events)
        self.bus_target: Target | None = self.target
        self.peripherals = Peripherals(world, unit, self, folder)
        self._channel: Channel | None = None
        self._powered = False
        self._starting: Any = None  # world event of a start that is due
        self._waiting: tuple[int, str] | None = None  # (sequence, wait or sleep)
        self._deadline: Any = None
        self._depth = 0  # interrupt handlers under way
        self._overdue = False  # the wait ended while a handler was under way
        self._queue: deque[tuple[list[Any], Callable[[Any], None]]] = deque()
        self._failures = 0

    # --- power and reset ------------------------------------------------------

    def power_up(self) -> None:
        self._powered = True
        self.peripherals.cold()
        self._begin(PWRON_RESET)

    def power_down(self) -> None:
        """The supply is gone: the process is killed without a signal it could handle."""
        self._powered = False
        self._halt()

    def reset(self, cause: int = PWRON_RESET) -> None:
        """A chip reset: pads float, the latch and the sensors keep what they have."""
        if self._powered:
            self._halt()
            self._begin(cause)

    def _begin(self, cause: int) -> None:
        self.peripherals.reset(cause)
        # The boot ROM tries for half a second to read the flash (RP2040 data sheet, 2.8.1), which
        # may still be erasing what the reset has interrupted.
        ready_ns = max(self._unit.flash.busy_until, self._world.now_ns)
        self._starting = self._world.at(ready_ns + BOOT_NS, self._start)

    def _halt(self) -> None:
        if self._starting is not None:
            self._world.cancel(self._starting)
            self._starting = None
        self._cancel_deadline()
        self._waiting = None
        self._queue.clear()
        self._depth = 0
        self._overdue = False
        self.target.reset()
        self.peripherals.stop()
        if self._channel is not None:
            self._channel.kill()
            self._channel = None

    def _start(self) -> None:
        self._starting = None
        self._channel = Channel(self._launch, self._unit.slot_number or 0, self.output)
        self._serve()

    def close(self) -> None:
        self._powered = False
        self._halt()

    # --- what the bench wants to know ------------------------------------------

    @property
    def channel(self) -> Channel | None:
        return self._channel

    @property
    def answering(self) -> bool:
        """Whether the firmware has put itself on the bus."""
        return self._channel is not None and self.target.address is not None

    def died(self) -> None:
        """The process was killed from outside: to the board, a reset by the RUN pin."""
        self.reset(PWRON_RESET)

    # --- interrupts --------------------------------------------------------------

    def interrupt(
        self, source: str, *arguments: Any, done: Callable[[Any], None] = lambda _: None
    ) -> None:
        """Run the handler of `source` in the process; `done` gets its result."""
        if self._channel is None:
            return
        self._queue.append(([0, 0, 0, source, *arguments], done))
        if self._depth == 0:
            self._deliver_queue()

    def _deliver_queue(self) -> None:
        while self._queue and self._channel is not None:
            message, done = self._queue.popleft()
            message[1:3] = self._now_us(), self._unit.port.levels
            self._depth += 1
            answer = self._exchange(message)
            if answer is None:
                return  # reset or power cut inside the handler
            self._depth -= 1
            result, wake = answer
            done(result)
            if wake == 2:  # Ctrl-C ended what waited: the process runs on by itself
                self._cancel_deadline()
                self._waiting = None
                self._serve()
            elif wake and self._waiting and self._waiting[1] == "wait":
                self._cancel_deadline()
                self._deadline = self._world.after(0, self._resume)
        if self._overdue and self._depth == 0:
            self._overdue = False
            self._resume()

    def _exchange(self, message: list[Any]) -> list[Any] | None:
        try:
            assert self._channel is not None
            self._channel.send(message)
        except ProcessDied:
            self.died()
            return None
        return self._serve()

    def _bus_events(self, events: list[list[Any]], done: Callable[[str], None]) -> None:
        self.interrupt("i2c_target", 0, events, done=done)

    # --- requests ------------------------------------------------------------------

    def _serve(self) -> list[Any] | None:
        """Answer requests until the process waits, ends an interrupt (its answer) or is gone."""
        channel = self._channel
        while channel is not None and channel is self._channel:  # time that passes may renew it
            try:
                sequence, at_us, operation, *arguments = channel.receive()
            except ProcessDied:
                self._died_while_running()
                return None
            except ProcessHangs:
                self._hang()
                return None
            if operation == "done":
                return arguments
            self._world.advance_to(at_us * 1000)
            if self._channel is not channel:
                break  # the power went, or a reset came, while time passed
            if operation in _WAITS and self._depth == 0:
                self._wait(sequence, operation, arguments[0])
                return None
            self._reply(channel, sequence, operation, arguments)
        return None

    def _reply(self, channel: Channel, sequence: int, operation: str, arguments: list[Any]) -> None:
        error = None
        result = None
        if operation in _WAITS:  # inside an interrupt handler: time passes on the spot
            self._world.advance_to(self._world.now_ns + max(arguments[0], 0) * 1000)
        else:
            try:
                result = self.peripherals.request(operation, arguments)
            except (ValueError, LookupError, TypeError) as refusal:
                error = f"{operation}: {refusal}"
        if self._channel is not channel:
            return
        message = [sequence, self._now_us(), self._unit.port.levels, result]
        message += [error] if error else []
        try:
            channel.send(message)
        except ProcessDied:
            self._died_while_running()

    def _wait(self, sequence: int, operation: str, us: int) -> None:
        self._failures = 0
        self._waiting = (sequence, operation)
        if us >= 0:
            self._deadline = self._world.after(us * 1000, self._resume)

    def _resume(self) -> None:
        self._deadline = None
        if self._waiting is None or self._channel is None:
            return
        if self._depth:  # time passes in an interrupt handler, which must come to its end first
            self._overdue = True
            return
        sequence, _ = self._waiting
        self._waiting = None
        self._exchange([sequence, self._now_us(), self._unit.port.levels, None])

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._world.cancel(self._deadline)
            self._deadline = None

    def _now_us(self) -> int:
        return self._world.now_ns // 1000

    def _died_while_running(self) -> None:
        self._failures += 1
        if self._failures >= _STARTS_BEFORE_GIVING_UP:
            self.close()
            raise FirmwareDoesNotStart(self.output.read_text(errors="replace")[-4000:])
        self.died()

    def _hang(self) -> None:
        """A loop without end: nothing answers until the watchdog, if it was started, bites."""
        keep = self.peripherals.watchdog_deadline_ns
        self._halt()
        if keep is not None:
            self._starting = self._world.at(max(keep, self._world.now_ns), self._bitten)

    def _bitten(self) -> None:
        self.peripherals.note_bite()
        self._begin(WDT_RESET)
