"""The slot's contacts: they mate and break in order, and bounce.

Ground and busbar first, then SMBus with the straps, presence last; broken in reverse. The
three finger lengths are 0.55 mm apart, 5 ms at 110 mm/s. Bounce: a few gaps of 1 us to 2 ms,
all within 10 ms of the first touch.
"""

import random
from collections.abc import Callable

from .world import MS, US, Handle, World

MATE_NS = 5 * MS  # between one length and the next
BREAK_NS = 5 * MS  # from presence opening to the busbar opening
_ORDER = ("busbar", "smbus", "presence")
_GAPS = (3, 12)
_BOUNCE_NS = 10 * MS


class Contacts:
    """`closed[name]` for busbar, smbus and presence; `on_change(name, closed)` at every edge."""

    def __init__(
        self, world: World, rng: random.Random, on_change: Callable[[str, bool], None]
    ) -> None:
        self._world = world
        self._rng = rng
        self._on_change = on_change
        self._pending: list[Handle] = []
        self.closed = dict.fromkeys(_ORDER, False)

    def mate(self, bounce: bool, step_ns: int = MATE_NS) -> int:
        """Push the unit in. Returns the time from which everything stays closed."""
        self._stop()
        now, settled = self._world.now_ns, self._world.now_ns
        for k, name in enumerate(_ORDER):
            touch = now + k * step_ns
            edges = self._bounce(touch) if bounce else [(touch, True)]
            for when, closed in edges:
                self._plan(when, name, closed)
            settled = max(settled, edges[-1][0])
        return settled

    def part(self, break_ns: int = BREAK_NS) -> int:
        """Pull the unit. Returns the time from which everything is open."""
        self._stop()
        now = self._world.now_ns
        for name, share in (("presence", 0), ("smbus", 1), ("busbar", 2)):
            self._plan(now + break_ns * share // 2, name, False)
        return now + break_ns

    def flicker(self, name: str, gap_ns: int) -> None:
        """One contact opens for a moment (vibration, a worn finger)."""
        now = self._world.now_ns
        self._plan(now, name, False)
        self._plan(now + gap_ns, name, True)

    def _bounce(self, touch_ns: int) -> list[tuple[int, bool]]:
        rng = self._rng
        edges = [(touch_ns, True)]
        for start in sorted(rng.randrange(_BOUNCE_NS * 4 // 5) for _ in range(rng.randint(*_GAPS))):
            opened = touch_ns + start
            if opened <= edges[-1][0]:
                continue
            gap_ns = int(US * 2000 ** rng.random())  # log-uniform, 1 us to 2 ms
            edges += [(opened, False), (opened + gap_ns, True)]
        return edges

    def _plan(self, when_ns: int, name: str, closed: bool) -> None:
        self._pending.append(self._world.at(when_ns, lambda: self._set(name, closed)))

    def _set(self, name: str, closed: bool) -> None:
        if self.closed[name] != closed:
            self.closed[name] = closed
            self._on_change(name, closed)

    def _stop(self) -> None:
        for handle in self._pending:
            self._world.cancel(handle)
        self._pending.clear()
