"""Plant time and the queue of what will happen in it."""

import heapq
import random
from collections.abc import Callable

US = 1_000
MS = 1_000_000
S = 1_000_000_000


class Handle:
    """One future event; give it to `World.cancel` to call it off."""

    __slots__ = ("fn", "when_ns")

    def __init__(self, when_ns: int, fn: Callable[[], object]) -> None:
        self.when_ns = when_ns
        self.fn: Callable[[], object] | None = fn

    @property
    def pending(self) -> bool:
        return self.fn is not None


class World:
    """Clock, event queue and dice of one simulated world.

    Events of the same instant run in the order in which they were asked for. The same seed and
    the same calls give the same world, to the nanosecond.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.now_ns = 0
        self.rng = random.Random(seed)
        self._queue: list[tuple[int, int, Handle]] = []
        self._sequence = 0

    def stream(self, name: str) -> random.Random:
        """Dice of its own for one part, so that parts do not disturb each other's draws."""
        return random.Random(f"{self.seed}/{name}")

    def at(self, when_ns: int, fn: Callable[[], object]) -> Handle:
        """Call `fn` at `when_ns`. ValueError if that is in the past."""
        if when_ns < self.now_ns:
            raise ValueError(f"{when_ns} ns is before now, {self.now_ns} ns")
        handle = Handle(when_ns, fn)
        self._sequence += 1
        heapq.heappush(self._queue, (when_ns, self._sequence, handle))
        return handle

    def after(self, delay_ns: int, fn: Callable[[], object]) -> Handle:
        return self.at(self.now_ns + delay_ns, fn)

    def cancel(self, handle: Handle | None) -> None:
        """Call an event off; harmless when it has run or was None."""
        if handle is not None:
            handle.fn = None

    def next_ns(self) -> int | None:
        """When the next event is due, or None if nothing will ever happen by itself."""
        queue = self._queue
        while queue and queue[0][2].fn is None:
            heapq.heappop(queue)
        return queue[0][0] if queue else None

    def advance_to(self, ns: int) -> None:
        """Run everything due up to and including `ns`, then let it be `ns` (never earlier).

        An event may call it: time then passes on the spot, as it does for code that waits in an
        interrupt handler, and the caller outside finds it later than it asked for.
        """
        queue = self._queue
        while queue and queue[0][0] <= ns:
            when_ns, _, handle = heapq.heappop(queue)
            if (fn := handle.fn) is not None:
                handle.fn = None
                self.now_ns = when_ns
                fn()
        self.now_ns = max(self.now_ns, ns)

    def advance(self, delay_ns: int) -> None:
        self.advance_to(self.now_ns + delay_ns)
