"""The 5.1 V regulator, LMR51450 class, and the rail behind it.

Figures are the data sheet's where it gives them: soft start 5 ms, power good 90-112 % after
3.1 ms, hiccup 96 ms, valley limit 5 A typical, enable by a divider from the eFuse's output
(9.8 V on, 7.8 V off). Its soft start begins from whatever is on the output already.
"""

from enum import Enum

from .node import Node
from .world import MS, US, World

SET_UV = 5_100_000
ON_UV, OFF_UV = 9_800_000, 7_800_000
DELAY_NS = 500 * US  # enable to first switching [assumed]
SOFT_START_NS = 5 * MS
PG_LOW, PG_HIGH = 0.90, 1.12
PG_DELAY_NS = 3_100 * US
LIMIT_UA = 7_000_000  # mean inductor current between valley and peak limit
SINK_UA = 2_000_000  # forced PWM: it also takes current back from the rail
LIMIT_NS = 256 * US  # 128 switching cycles at 500 kHz in current limit: hiccup
HICCUP_NS = 96 * MS
OUT_OHM = 0.003
BOARD_FARAD = 84e-6  # 3 x 47 uF at 5 V bias, ahead of the output shunt
DISCHARGE_OHM = 33.0
LEAK_OHM = 1_700.0  # what is left of a board that is off: LEDs, 3 mA
_STEP_UV = 100_000

# Loss in W = A + B*I + C*I^2: 60 % at 0.05 A, 85 % at 0.3 A, 91 % at 1 A, 89 % at 3 A.
_LOSS = (0.16, 0.28, 0.10)


class State(Enum):
    OFF = "off"
    DELAY = "delay"
    RAMP = "ramp"
    ON = "on"
    HICCUP = "hiccup"


class Buck:
    """`rail` is the 5 V rail. What hangs on it is set from outside before `settle`:

    `load_ua` (drawn while there is voltage), `short_siemens`, `discharge` (the 33 ohm FET), and
    by `backfeed` a foreign source.
    """

    def __init__(self, world: World, card_farad: float) -> None:
        self._world = world
        self.card_farad = card_farad
        self.rail = Node(BOARD_FARAD + card_farad)
        self.set_uv = SET_UV
        self.state = State.OFF
        self.load_ua = 0
        self.short_siemens = 0.0
        self._feed_siemens = 0.0
        self._feed_ua = 0
        self.discharge = False
        self.i_ua = 0  # what the regulator gives
        self.slope = 0.0  # of the rail, uV/ns
        self._limiting = False
        self._limit_until: int | None = None
        self._until = 0  # end of DELAY or HICCUP
        self._good_at: int | None = None
        self._ref_uv = 0.0  # soft start reference

    @property
    def pgood(self) -> int:
        return int(self._good_at is not None and self._world.now_ns >= self._good_at)

    @property
    def shunt_ua(self) -> int:
        """Current through the output shunt: all but what the board's own capacitors take."""
        return self.i_ua - round(self.slope * BOARD_FARAD * 1e9)

    def backfeed(self, source_uv: int, ohm: float) -> None:
        """Something else feeds the rail through a resistance; 0 V takes it away."""
        self._feed_siemens = 1 / ohm if source_uv else 0.0
        self._feed_ua = round(source_uv / ohm) if source_uv else 0

    def loss_watt(self) -> float:
        if self.state in (State.OFF, State.DELAY, State.HICCUP):
            return 0.0
        a, b, c = _LOSS
        amp = abs(self.i_ua) / 1e6
        return a + b * amp + c * amp * amp

    def input_ua(self, v_in_uv: int) -> int:
        """What the regulator draws from `v_in_uv`; what it takes back stays in its capacitors."""
        if v_in_uv <= 0 or (loss := self.loss_watt()) == 0.0:
            return 0
        return max(round((self.rail.v_uv * self.i_ua + loss * 1e12) / v_in_uv), 0)

    def advance(self, dt_ns: int) -> None:
        rail = self.rail
        if self.state is State.RAMP:
            self._ref_uv += self.set_uv * dt_ns / SOFT_START_NS
        if self._regulating:
            if self.state is State.RAMP:
                rail.v_uv = max(min(round(self._ref_uv), self.set_uv), rail.v_uv)
        else:
            rail.v_uv = rail.after(dt_ns, self.i_ua - self._out_ua, self._siemens)
            if self._limiting:
                rail.v_uv = min(rail.v_uv, self._target())

    def settle(self, v_in_uv: int) -> int | None:
        """Input and load are so from now on. Returns ns to the next look, or None."""
        self._sequence(v_in_uv)
        self._currents()
        self._window()
        return self._next()

    @property
    def _out_ua(self) -> int:
        """Constant currents leaving the rail; nothing can be drawn from an empty one."""
        return (self.load_ua if self.rail.v_uv > 0 else 0) - self._feed_ua

    @property
    def _siemens(self) -> float:
        g = self.short_siemens + self._feed_siemens + 1 / LEAK_OHM
        return g + 1 / DISCHARGE_OHM if self.discharge else g

    @property
    def _regulating(self) -> bool:
        return self.state in (State.RAMP, State.ON) and not self._limiting

    def _target(self) -> int:
        ref = self._ref_uv if self.state is State.RAMP else self.set_uv
        return round(ref - OUT_OHM * max(self.i_ua, 0))

    def _sequence(self, v_in_uv: int) -> None:
        now = self._world.now_ns
        enabled = v_in_uv >= (ON_UV if self.state is State.OFF else OFF_UV)
        if not enabled:
            self.state, self._limiting, self._limit_until = State.OFF, False, None
        elif self.state is State.OFF:
            self.state, self._until = State.DELAY, now + DELAY_NS
        elif self.state in (State.DELAY, State.HICCUP) and now >= self._until:
            self.state, self._ref_uv = State.RAMP, float(self.rail.v_uv)
        elif self.state is State.RAMP and self._ref_uv >= self.set_uv:
            self.state = State.ON

    def _currents(self) -> None:
        """How much the regulator gives, and where the rail is heading."""
        rail, g = self.rail, self._siemens
        if self.state not in (State.RAMP, State.ON):
            self.i_ua, self._limiting = 0, False
            self.slope = rail.slope(-self._out_ua, g)
            if rail.v_uv <= 0:
                self.slope = 0.0
            return
        ramp = self.set_uv / SOFT_START_NS if self.state is State.RAMP else 0.0
        need = self._out_ua + round(g * rail.v_uv) + round(ramp * rail.farad * 1e9)
        behind = rail.v_uv < self._target() - 50_000
        self._limiting = need > LIMIT_UA or behind
        self.i_ua = LIMIT_UA if self._limiting else max(need, -SINK_UA)
        if self._limiting:
            self.slope = rail.slope(self.i_ua - self._out_ua, g)
        else:
            self.slope = ramp
            if self.state is State.ON and need >= -SINK_UA:
                rail.v_uv = self._target()
        self._hiccup()

    def _hiccup(self) -> None:
        now = self._world.now_ns
        if not self._limiting:
            self._limit_until = None
        elif self._limit_until is None:
            self._limit_until = now + LIMIT_NS
        elif now >= self._limit_until:
            self.state, self._until = State.HICCUP, now + HICCUP_NS
            self._limit_until, self._limiting, self.i_ua = None, False, 0
            self.slope = self.rail.slope(-self._out_ua, self._siemens)

    def _window(self) -> None:
        inside = PG_LOW * self.set_uv <= self.rail.v_uv <= PG_HIGH * self.set_uv
        if not inside or self.state not in (State.RAMP, State.ON):
            self._good_at = None
        elif self._good_at is None:
            self._good_at = self._world.now_ns + PG_DELAY_NS

    def _next(self) -> int | None:
        now = self._world.now_ns
        waits = [
            when - now
            for when in (self._good_at, self._limit_until)
            if when is not None and when > now
        ]
        if self.state in (State.DELAY, State.HICCUP):
            waits.append(max(self._until - now, 1))
        if self.state is State.RAMP:
            waits.append(SOFT_START_NS // 50)
        if not self._regulating:
            v = self.rail.v_uv
            if self.state is State.OFF and v < 1_000 and self._feed_ua == 0:
                self.rail.v_uv = 0
                self.slope = 0.0
            elif abs(self.slope) > 1e-6:  # 1 mV/s
                step = max(min(_STEP_UV, v / 25), 5_000) / abs(self.slope)
                waits.append(min(max(round(step), 1 * US), 20 * MS))
        return min(waits, default=None)
