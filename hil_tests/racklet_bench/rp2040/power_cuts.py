"""Cut the power of a BMC at every flash operation of a scenario, and at other instants.

    def scenario() -> None: ...         # drives the bench; is left in the middle of anything
    def check(cut: Cut) -> None: ...    # the board has started again: what must hold now?

    PowerCuts(rack).run(scenario, check)

The scenario runs once, to its end. At each chosen instant the whole bench is copied (`branch`);
in the copy the BMC's supply collapses, the scenario ends with PowerCut, the supply comes back,
and what is checked is the board that booted from the same flash bytes. Lists that the scenario
had filled before the cut are there for the check, as the host would know them.

An operation is cut after a share of its time: pages are programmed and sectors erased in part,
with cells that are neither 0 nor 1 (`racklet_plant.flash`). Those dice depend on the seed and
the cut only.

A scenario may also choose instants itself: it calls `here()` at each.

With `restart`, which waits until the board is up again, that way back is a scenario as well: it
is cut at each of its own flash operations, and checked after each such second cut.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from .bench import EmulatedRack
from .branch import BranchFailed, Copy
from .flash import Operation

SHARES = (0.05, 0.5, 0.95)  # of an operation's time
RESTART_NS = 5_000_000_000
_SHOWN = 3  # failures told in full


class PowerCut(Exception):
    """The supply of the BMC under test is gone; leaves the scenario, through everything."""


class Brick(AssertionError):
    """The board did not come back on the bus."""


@dataclass(frozen=True)
class Cut:
    """One end of power: during a flash operation, or (operation None) at an instant."""

    number: int  # of the operation, or of the instant, from 0
    at_ns: int
    operation: Operation | None = None
    share: float = 0.0

    def __str__(self) -> str:
        if self.operation is None:
            return f"instant {self.number} ({self.at_ns / 1e6:.6f} ms)"
        kind = "erase" if self.operation.data is None else f"program {self.operation.size} bytes"
        return f"operation {self.number} ({kind} at {self.operation.offset:#x}) at {self.share:.0%}"


class PowerCuts:
    """`cuts` and `operations` count what there was, once a scenario has run."""

    def __init__(
        self,
        rack: EmulatedRack,
        slot: int = 1,
        *,
        shares: tuple[float, ...] = SHARES,
        every: int = 1,
        mean_ns: int = 0,
        seed: int = 0,
        jobs: int = 1,
        restart: Callable[[], None] | None = None,
    ) -> None:
        """Cut each operation at each share, and each `here`; with `every` = n only one in n.

        `mean_ns` adds cuts at random instants, so far apart on average. `jobs` copies may run
        beside the original. With `restart` half an operation of the way back is cut, too.
        """
        self._restart = restart
        self._rack = rack
        self._slot = slot
        self._shares = shares
        self._every = every
        self._mean_ns = mean_ns
        self._seed = seed
        self._jobs = jobs
        self._dice = random.Random(f"{seed}/instants")
        self._copies: list[tuple[Cut, Copy]] = []
        self._here: tuple[Cut, Copy] | None = None  # in a copy: why there is one
        self._failures: list[str] = []
        self._active = self._gone = False
        self._possible = self._instants = 0
        self.operations = self.cuts = 0

    def run(self, scenario: Callable[[], None], check: Callable[[Cut], None]) -> None:
        """AssertionError tells of the cuts after which `check` failed or the board stayed away."""
        bmc = self._rack.bmc(self._slot)
        bmc.on_flash = self._begun
        self._active = True
        self._next_instant()
        try:
            scenario()
        except PowerCut:
            pass
        except BaseException as error:
            if self._here is None:
                raise
            self._here[1].answer(partial(_raise, error))
        self._active = False
        if self._here is not None:
            cut = self._here[0]
            self._here[1].answer(lambda: self._after(cut, check))
        bmc.on_flash = None
        while self._copies:
            self._reap()
        if self._failures:
            told = "\n".join(self._failures[:_SHOWN])
            raise AssertionError(f"{len(self._failures)} of {self.cuts} power cuts:\n{told}")

    # --- in the original ------------------------------------------------------------------

    def _begun(self, operation: Operation) -> None:
        """The chip's flash begins an erase or a page program."""
        number, self.operations = self.operations, self.operations + 1
        for share in self._shares:
            if self._is_chosen() and self._cut(
                Cut(number, self._rack.world.now_ns, operation, share)
            ):
                return

    def _is_chosen(self) -> bool:
        self._possible += 1
        return (self._possible - 1) % self._every == 0

    def here(self) -> None:
        """The scenario has come to an instant at which the power may go."""
        if self._active and self._here is None and self._is_chosen():
            self._cut_now()

    def _cut_now(self) -> bool:
        number, self._instants = self._instants, self._instants + 1
        return self._cut(Cut(number, self._rack.world.now_ns))

    def _next_instant(self) -> None:
        if self._mean_ns:
            self._rack.world.after(
                round(self._dice.expovariate(1 / self._mean_ns)), self._instant_came
            )

    def _instant_came(self) -> None:
        if self._active and self._here is None and not self._cut_now():
            self._next_instant()

    def _cut(self, cut: Cut) -> bool:
        """Make a copy in which the power goes; True in the copy."""
        while len(self._copies) >= self._jobs:
            self._reap()
        self.cuts += 1
        copy = Copy()
        if copy.is_original:
            self._copies.append((cut, copy))
            return False
        self._here = cut, copy
        self._rack.bmc(self._slot).on_flash = None
        took = 0 if cut.operation is None else cut.operation.end_ns - cut.operation.begin_ns
        self._rack.world.after(round(took * cut.share), lambda: self._collapse(cut))
        return True

    def _reap(self) -> None:
        cut, copy = self._copies.pop(0)
        try:
            self.cuts += copy.result()
        except BranchFailed as failure:
            self._failures.append(f"{cut}: {failure}")

    # --- in a copy ------------------------------------------------------------------------

    def _collapse(self, cut: Cut) -> None:
        unit = self._rack.plant.slots[self._slot].unit
        if unit is not None:  # else it has been pulled meanwhile, and has no power anyway
            unit.rng.seed(f"{self._seed}/{cut}")
            unit.collapse()
            assert self._rack.bmc(self._slot).chip is None, "the supply did not collapse"
        self._gone = True
        self._rack.interrupt(PowerCut(str(cut)))

    def _after(self, cut: Cut, check: Callable[[Cut], None]) -> int:
        """The power is gone, or about to go, when the scenario was over before its last cut.
        How many more cuts there were on the way back."""
        rack = self._rack
        if not self._gone:
            try:
                rack.run_until(rack.world.now_ns + RESTART_NS)
            except PowerCut:
                pass
        if self._restart is not None:
            seed = hash((self._seed, cut.number, cut.share))
            again = PowerCuts(rack, self._slot, shares=SHARES[1:2], seed=seed)
            again.run(self._restart, lambda _: check(cut))
            # And without a second cut.
            check(cut)
            return again.cuts
        if not rack.wait_for(lambda: rack.bmc(self._slot).answering, RESTART_NS):
            raise Brick(f"not on the bus {RESTART_NS / 1e9} s after the power came back")
        check(cut)
        return 0


def _raise(error: BaseException) -> NoReturn:
    raise error
