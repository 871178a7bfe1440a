"""The power path of one unit: busbar, standby supply, eFuse, regulator, rail, two meters.

One rule drives it: whenever anything changes, `advance` lets the time since the last look
pass, `settle` decides what holds from now on and plans the next look. With nothing on the move
nothing is planned, so that an idle unit costs nothing.
"""

from collections.abc import Callable

from .buck import Buck
from .efuse import Efuse
from .history import History
from .meter import Meter
from .standby import Standby
from .world import Handle, World

CONTACT_UOHM = 30_000  # slot contacts and fuse
CARD_FARAD = 220e-6  # input capacitance of a Raspberry Pi, all models
# What the history of a unit notes: nets of the board's ADC table, in mV and mA.
ADC_NETS = ("ADC_V5", "ADC_VIN", "ADC_IMON", "ADC_VHOLD")
_QUIET_UV = 1_000  # a busbar that moves by less concerns no unit at rest


class PowerPath:
    """`input` meters all that the unit takes from the busbar, `output` the 5 V rail.

    `on_edges` is called after every look, for logic that follows PGOOD and FLT#. `adc` tells what
    is at the converter's inputs, by ADC_NETS, and `history` what was there lately.
    """

    def __init__(
        self,
        world: World,
        on_standby: Callable[[bool], None],
        on_edges: Callable[[], None],
    ) -> None:
        self._world = world
        self._on_edges = on_edges
        self.request = self._alone  # a rack puts its own in
        self.standby = Standby(world, on_standby)
        self.efuse = Efuse(world)
        self.buck = Buck(world, CARD_FARAD)
        self.input = Meter(world)
        self.output = Meter(world)
        self.contact_uohm = CONTACT_UOHM
        self.connected = False
        self.ceiling_uv: int | None = None  # a bad contact lets no more through
        self.bus_uv = 0  # at the unit's own input
        self.efuse_ua = 0  # through the eFuse: what its monitor pin tells
        nodes: tuple[Callable[[], int], ...] = (
            lambda: self.buck.rail.v_uv // 1000,
            lambda: self.bus_uv // 1000,
            lambda: self.efuse_ua // 1000,
            lambda: self.standby.hold.v_uv // 1000,
        )
        self.adc: dict[str, Callable[[], int]] = dict(zip(ADC_NETS, nodes, strict=True))
        self.history = History(world, nodes)
        self._last_ns = world.now_ns
        self._next: Handle | None = None
        self._dirty = True

    def changed(self) -> None:
        """Something in this unit is different now: have the rack look at it."""
        self._dirty = True
        self.request()

    def _alone(self) -> None:
        self.advance()
        self.settle(0)

    def at_rest(self, busbar_uv: int) -> bool:
        """Nothing changed, nothing is on the move, and the busbar is as good as it was."""
        if self._dirty or self._next is not None:
            return False
        return abs(self._at_input(busbar_uv) - self.bus_uv) < _QUIET_UV

    def advance(self) -> None:
        """Bring the capacitors up to now."""
        dt = self._world.now_ns - self._last_ns
        if dt:
            self._last_ns = self._world.now_ns
            self.standby.advance(dt)
            self.efuse.advance(dt)
            self.buck.advance(dt)
            self.history.note()

    def demand_ua(self, busbar_uv: int) -> int:
        """What this unit draws now from a busbar at that voltage."""
        if self.at_rest(busbar_uv):
            return self.input.i_ua
        return self._draw(self._at_input(busbar_uv))

    def settle(self, busbar_uv: int) -> None:
        """The busbar is so from now on: decide what follows and plan the next look."""
        self._dirty = False
        self.bus_uv = bus = self._at_input(busbar_uv)
        waits = [self.buck.settle(self.efuse.out.v_uv)]
        load = self.buck.input_ua(self.efuse.out.v_uv)
        waits.append(self.efuse.settle(bus, load))
        waits.append(self.standby.settle(bus))
        self.efuse_ua = self.efuse.input_ua()
        self.history.note()
        wait = min((w for w in waits if w is not None), default=None)
        self._world.cancel(self._next)
        self._next = None
        if wait is not None:
            self._next = self._world.after(max(wait, 1), self.changed)
        self._meter(wait or 0)
        self._on_edges()

    def _meter(self, wait_ns: int) -> None:
        """Until the next look the mean of the rail's movement stands for it."""
        rail = self.buck.rail
        drift = round(self.buck.slope * wait_ns) // 2
        self.output.set(max(rail.v_uv + drift, 0), self.buck.shunt_ua)
        self.input.set(self.bus_uv, self._draw(self.bus_uv))

    def _at_input(self, busbar_uv: int) -> int:
        if not self.connected:
            return 0
        uv = max(busbar_uv - self.contact_uohm * self.input.i_ua // 1_000_000, 0)
        return uv if self.ceiling_uv is None else min(uv, self.ceiling_uv)

    def _draw(self, bus_uv: int) -> int:
        if not self.connected or bus_uv <= 0:
            return 0
        return self.standby.input_ua(bus_uv) + self.efuse.input_ua()
