"""The loop of a virtual rack: keeps the world at wall speed and serves its two sockets."""

import selectors
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol

from racklet.errors import Interrupted
from racklet.virtual.bus_service import BusService, Controller
from racklet.virtual.lines import LineServer
from racklet.virtual.pace import Pace
from racklet.virtual.sim_service import SimService


class SimulatedWorld(Protocol):
    """What the loop needs of the rack it serves."""

    @property
    def now_ns(self) -> int:
        """Plant time."""

    def run_until(self, plant_ns: int) -> None:
        """Let the world run to that time, or not at all when it is past."""

    def next_deadline_ns(self) -> int | None:
        """When something will happen by itself next, or None."""

    def control(self, name: str, /, **arguments: Any) -> Any:
        """Carry out one control of the simulated world."""


class StopSignals:
    """Turns SIGINT, SIGTERM and SIGHUP into a flag that also wakes a selector.

    Whoever looks at the flag has a few seconds; then, or at a second signal, `Interrupted` is
    raised wherever the program is, so that even a world that hangs is cleared away.
    """

    _PATIENCE_S = 3.0

    def __init__(self) -> None:
        self.received: int | None = None
        self._awake, self._wake = socket.socketpair()
        for end in (self._awake, self._wake):
            end.setblocking(False)

    @contextmanager
    def installed(self) -> Iterator["StopSignals"]:
        """While this lasts, the signals are ours. Main thread only."""
        handlers = {
            signal.SIGINT: self._receive,
            signal.SIGTERM: self._receive,
            signal.SIGALRM: self._lose_patience,
        }
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup has it
            handlers[signal.SIGHUP] = self._receive  # the terminal was closed
        old = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        old_wake = signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        try:
            yield self
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.set_wakeup_fd(old_wake)
            for number, handler in old.items():
                signal.signal(number, handler)
            self._awake.close()
            self._wake.close()

    def fileno(self) -> int:
        return self._awake.fileno()

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None:
            self._lose_patience(number, frame)
        self.received = number
        signal.setitimer(signal.ITIMER_REAL, self._PATIENCE_S)

    def _lose_patience(self, _number: int, _frame: FrameType | None) -> None:
        raise Interrupted("the rack did not stop by itself and was ended")


class Server:
    """Serves `world` and its bus `controller` until a signal comes. `monotonic`: wall seconds."""

    def __init__(
        self,
        world: SimulatedWorld,
        controller: Controller,
        listeners: tuple[socket.socket, socket.socket],
        monotonic: Callable[[], float],
    ) -> None:
        self._world = world
        self._pace = Pace(world.now_ns, monotonic)
        self._bus = BusService(controller, monotonic)
        self._selector = selectors.DefaultSelector()
        bus, controls = listeners
        self._bus_lines = LineServer(self._selector, bus, self._bus)
        self._sim_lines = LineServer(self._selector, controls, SimService(world.control))

    def run(self, signals: StopSignals) -> None:
        """Returns when `signals` has received one; the sockets are closed then."""
        self._selector.register(signals, selectors.EVENT_READ, lambda _events: None)
        try:
            while signals.received is None:
                self.turn()
        finally:
            self._bus_lines.close()
            self._sim_lines.close()
            self._selector.close()

    def turn(self) -> None:
        """One turn of the loop: the world catches up, clients are served, then it waits."""
        self._world.run_until(self._pace.due_ns(self._world.now_ns))
        self._bus.expire()
        answered = self._sim_lines.serve()
        if not self._pace.is_ahead(self._world.now_ns):
            answered |= self._bus_lines.serve()
        for key, events in self._selector.select(0 if answered else self._idle_s()):
            key.data(events)

    def _idle_s(self) -> float | None:
        deadline_ns = self._world.next_deadline_ns()
        if self._pace.is_ahead(self._world.now_ns):  # clients wait for the wall to catch up
            deadline_ns = min(deadline_ns or self._world.now_ns, self._world.now_ns)
        waits = [self._bus.silence_s()]
        if deadline_ns is not None:
            waits.append(self._pace.wait_s(deadline_ns))
        return min((w for w in waits if w is not None), default=None)
