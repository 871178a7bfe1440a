"""The enable latch: a '74 flip-flop with D and PRE# at VCC, so that clear dominates.

A rising edge at CLK (LATCH_SET) sets Q while CLR# is high. CLR# is a wired AND: power-on
reset, presence, LATCH_CLR and the eFuse's FLT#. FLT# counts from 10 ms after Q rises (a
74LVC1G97 behind 100 k and 100 nF at Q#): it is also low while the eFuse is off for want of
input, and a bare wire could then never be set. Q holds the eFuse's SHDN#; with no supply at
the latch a 10 k to ground does.
"""

from collections.abc import Callable

from .world import MS, Handle, World

POR_NS = 350 * MS  # MCP130: about 350 ms after the standby 3.3 V is up
FLT_ARM_NS = 10 * MS


class Latch:
    """`q` is what the eFuse's enable sees. `on_change(q)` is called after every change.

    `fitted = False` takes the part out: the set line then drives the enable directly. Tests use
    it to show that they notice.
    """

    def __init__(self, world: World, on_change: Callable[[], None], por_ns: int = POR_NS) -> None:
        self._world = world
        self._on_change = on_change
        self.por_ns = por_ns
        self.fitted = True
        self.q = 0
        self.cause = "power-on reset"  # why Q is low, for people and tests
        self._powered = False
        self._por_done = False
        self._seated = False
        self._clr = 0
        self._clk = 0
        self._flt_n = 1
        self._armed = False
        self._por: Handle | None = None
        self._arming: Handle | None = None

    def power(self, on: bool) -> None:
        """The standby 3.3 V came or went."""
        self._world.cancel(self._por)
        self._powered = on
        self._por_done = False
        if on:
            self._por = self._world.after(self.por_ns, self._por_over)
        self._update()

    def seated(self, closed: bool) -> None:
        self._seated = closed
        self._update()

    def clr_pin(self, level: int) -> None:
        self._clr = level
        self._update()

    def flt_pin(self, level: int) -> None:
        self._flt_n = level
        self._update()

    def set_pin(self, level: int) -> None:
        rising = level and not self._clk
        self._clk = level
        if not self.fitted:
            self._update()
        elif rising and self.cleared_by is None:
            self._drive(1)

    @property
    def cleared_by(self) -> str | None:
        """What holds CLR# low, or None."""
        if not self._powered or not self._por_done:
            return "power-on reset"
        if not self._seated:
            return "presence"
        if self._clr:
            return "LATCH_CLR"
        if self._armed and not self._flt_n:
            return "FLT"
        return None

    def _por_over(self) -> None:
        self._por_done = True
        self._update()

    def _update(self) -> None:
        if not self.fitted:
            self._drive(self._clk if self._powered else 0)
        elif (cause := self.cleared_by) is not None and self.q:
            self.cause = cause
            self._drive(0)

    def _drive(self, q: int) -> None:
        if q == self.q:
            return
        self.q = q
        self._world.cancel(self._arming)
        self._arming = self._world.after(FLT_ARM_NS, self._arm)
        self._on_change()

    def _arm(self) -> None:
        self._armed = bool(self.q)
        self._update()
