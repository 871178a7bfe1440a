"""The client of a whole rack: which slots answer, and one command for several of them."""

import time
from collections.abc import Callable, Iterable, Sequence

from racklet.bmc import Bmc
from racklet.bus import Bus, Clock
from racklet.errors import RackletError
from racklet.power import PowerCommand, PowerOutcome, PowerTask
from racklet.records import PowerState
from racklet.rollout import Rollout, roll_out
from racklet.update import Package, Progress
from racklet.update.unit import WATCH_S

SLOTS = 5  # of a Racklet, unless someone builds another

_PATIENCE_S = 0.2  # a BMC that erases a flash sector is silent for 45 ms
_PAUSE_S = 0.02


class Rack:
    """The rack on `bus` with `slots` slots."""

    def __init__(self, bus: Bus, slots: int = SLOTS, clock: Clock = time) -> None:
        self.bus = bus
        self.slots: Sequence[int] = range(1, slots + 1)
        self._clock = clock

    def bmc(self, slot: int) -> Bmc:
        """The client of one slot, whether something answers there or not."""
        return Bmc(self.bus, slot, self._clock)

    def present(
        self, slots: Iterable[int] | None = None, patience_s: float = _PATIENCE_S
    ) -> list[int]:
        """Those of `slots` (all when None) that answer.

        Silent ones are asked again for a moment, all together, so that the wait does not grow
        with the number of empty slots.
        """
        asked = list(self.slots if slots is None else slots)
        silent = asked
        give_up = self._clock.monotonic() + patience_s
        while True:
            silent = [slot for slot in silent if not self.bmc(slot).is_present()]
            if not silent or self._clock.monotonic() >= give_up:
                return [slot for slot in asked if slot not in silent]
            self._clock.sleep(_PAUSE_S)

    def power(
        self,
        command: PowerCommand,
        slots: Iterable[int],
        on_change: Callable[[int, PowerState], None] | None = None,
    ) -> dict[int, PowerOutcome | RackletError]:
        """Carry out a power command on several slots; how it ended for each.

        Units go on one after the other, each when the one before is measured on, so that
        their inrush and boot peaks do not add up; a cycle likewise, so that the others keep
        running. Units go off together.
        """
        tasks = {}
        ended: dict[int, PowerOutcome | RackletError] = {}
        together = command in (PowerCommand.OFF, PowerCommand.SHUTDOWN)
        for slot in slots:
            try:
                tasks[slot] = self.bmc(slot).power_task(command, _for_slot(slot, on_change))
            except RackletError as error:
                ended[slot] = error
            if not together:
                self._finish(tasks, ended)
        self._finish(tasks, ended)
        return ended

    def update(
        self,
        package: Package,
        slots: Iterable[int],
        on_progress: Callable[[Progress], None] | None = None,
        watch_s: float = WATCH_S,
    ) -> Rollout:
        """Update several units one after the other, until one is not healthy afterwards."""
        return roll_out(map(self.bmc, slots), package, on_progress, watch_s)

    def _finish(
        self, tasks: dict[int, PowerTask], ended: dict[int, PowerOutcome | RackletError]
    ) -> None:
        """Poll `tasks` until each has ended; moves them over to `ended`."""
        while tasks:
            for slot, task in list(tasks.items()):
                try:
                    outcome: PowerOutcome | RackletError | None = task.poll()
                except RackletError as error:
                    outcome = error
                if outcome is not None:
                    ended[slot] = outcome
                    del tasks[slot]
            if tasks:
                self._clock.sleep(PowerTask.PAUSE_S)


def _for_slot(
    slot: int, on_change: Callable[[int, PowerState], None] | None
) -> Callable[[PowerState], None] | None:
    return None if on_change is None else lambda state: on_change(slot, state)
