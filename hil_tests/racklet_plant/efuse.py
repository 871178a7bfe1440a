"""The slot's eFuse, TPS26631 class: enable, soft start, limits, fast trip, PGOOD, FLT#.

Latch-off variant (MODE open): after a fault it stays off until SHDN# goes low, which the
external latch sees to.
"""

import math
from enum import Enum
from typing import Literal

from .node import Node
from .world import MS, US, World

UVLO_ON_UV, UVLO_OFF_UV = 10_720_000, 10_000_000
OVP_ON_UV, OVP_OFF_UV = 22_840_000, 21_350_000
LIMIT_UA = 3_280_000  # 18 / 5.49 k
TIMER_NS = 25 * MS  # up to twice the limit for this long, then off
SLEW_UV_PER_NS = 2.19  # 22 nF at dVdT: 2.19 V/ms
PGOOD_UV, PGOOD_OFF_UV = 10_200_000, 9_540_000
OUT_FARAD = 115e-6
BLEED_OHM = 10_000.0
FLT_RELEASE_NS = 5 * US  # SHDN# low to FLT# released [assumed]
_FOLLOW_UV = 300_000
_STEP_UV = 400_000
# Junction: one pole [assumed]; shutdown at 154 C.
_RTH, _TAU_NS, _TSD_C, _AMBIENT_C = 40.0, 10 * MS, 154.0, 25.0


class State(Enum):
    OFF = "off"
    RAMP = "ramp"
    ON = "on"
    LIMIT = "limit"
    FAULT = "fault"


class Efuse:
    """Input is the busbar at the unit, output the node `out` ahead of the regulator."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.out = Node(OUT_FARAD)
        self.state = State.OFF
        self.en = 0
        self.pgood = 0
        self.cause = ""
        self.short_siemens = 0.0
        # "breaker" turns off at once; "limit" first limits, and FLT# comes with the heat.
        self.short_response: Literal["breaker", "limit"] = "breaker"
        self.limit_ua = LIMIT_UA
        self._in_window = False
        self._bus_uv = 0
        self._load_ua = 0
        self._over_until: int | None = None
        self._junction_c = _AMBIENT_C
        self._flt_until = 0

    @property
    def flt_n(self) -> int:
        """Low on a latched fault, and while the input is outside its window."""
        released = self.state is not State.FAULT and self._world.now_ns >= self._flt_until
        return int(self._in_window and released)

    def advance(self, dt_ns: int) -> None:
        out, i, g = self.out, -float(self._load_ua), 1 / BLEED_OHM + self.short_siemens
        if self.state is State.RAMP:
            out.v_uv = min(out.v_uv + round(SLEW_UV_PER_NS * dt_ns), max(self._bus_uv, out.v_uv))
        elif self.state is State.LIMIT:
            out.v_uv = min(out.after(dt_ns, self.limit_ua + i, g), self._bus_uv)
            watt = (self._bus_uv - out.v_uv) * self.limit_ua / 1e12
            end = _AMBIENT_C + watt * _RTH
            self._junction_c = end + (self._junction_c - end) * math.exp(-dt_ns / _TAU_NS)
        elif self.state is not State.ON or out.v_uv > self._bus_uv + _FOLLOW_UV:
            out.v_uv = out.after(dt_ns, i, g)  # isolated: the load empties the capacitor

    def settle(self, bus_uv: int, load_ua: int) -> int | None:
        """Busbar and regulator are so from now on. Returns ns to the next look, or None."""
        self._bus_uv, self._load_ua = bus_uv, load_ua
        low, high = (UVLO_OFF_UV, OVP_ON_UV) if self._in_window else (UVLO_ON_UV, OVP_OFF_UV)
        self._in_window = low <= bus_uv <= high
        if not self.en:
            self.state, self.cause = State.OFF, ""
        elif self.state is State.FAULT:
            self._flt_until = self._world.now_ns + FLT_RELEASE_NS
        elif not self._in_window:
            self.state = State.OFF
        else:
            self._run()
        if self.state is State.OFF:  # the timer does not run on without a current
            self._over_until = None
        limit = PGOOD_OFF_UV if self.pgood else PGOOD_UV
        conducts = self.state in (State.RAMP, State.ON, State.LIMIT)
        self.pgood = int(conducts and self.out.v_uv >= limit)
        return self._next()

    def input_ua(self) -> int:
        """What it draws from the busbar."""
        out = self.out
        through = self._load_ua + round(out.v_uv * (1 / BLEED_OHM + self.short_siemens))
        if self.state is State.RAMP:
            return through + round(SLEW_UV_PER_NS * 1e9 * OUT_FARAD)
        if self.state is State.LIMIT:
            return self.limit_ua
        if self.state is State.ON and out.v_uv <= self._bus_uv + _FOLLOW_UV:
            return through
        return 0

    def _run(self) -> None:
        now = self._world.now_ns
        if self.state is State.OFF:
            self.state, self._junction_c, self._over_until = State.RAMP, _AMBIENT_C, None
        if self.state is State.RAMP and self.out.v_uv >= self._bus_uv - _FOLLOW_UV:
            self.state = State.ON
        if self.state is State.ON and self.out.v_uv <= self._bus_uv + _FOLLOW_UV:
            self.out.v_uv = self._bus_uv
        current = self.input_ua()
        if self.state is State.LIMIT:
            if self._junction_c >= _TSD_C:
                self._fault("thermal")
        elif current > 2 * self.limit_ua:
            if self.short_response == "breaker":
                self._fault("short circuit")
            else:
                self.state = State.LIMIT
        elif current > self.limit_ua:
            if self._over_until is None:
                self._over_until = now + TIMER_NS
            elif now >= self._over_until:
                self._fault("over-current")
        else:
            self._over_until = None

    def _fault(self, cause: str) -> None:
        self.state, self.cause, self._over_until = State.FAULT, cause, None
        self._flt_until = self._world.now_ns + FLT_RELEASE_NS

    def _next(self) -> int | None:
        if self.state is State.RAMP:
            left = self._bus_uv - _FOLLOW_UV - self.out.v_uv
            return max(round(min(left, _STEP_UV) / SLEW_UV_PER_NS), 1 * US)
        if self.state is State.LIMIT:
            return 20 * US
        waits = []
        held = self._flt_until - self._world.now_ns
        if held > 0 and self.state is not State.FAULT:
            waits.append(held)
        if self._over_until is not None:
            waits.append(max(self._over_until - self._world.now_ns, 1))
        isolated = self.state is not State.ON or self.out.v_uv > self._bus_uv + _FOLLOW_UV
        if isolated and self.out.v_uv > 1_000:
            g = 1 / BLEED_OHM + self.short_siemens
            slope = -self.out.slope(-float(self._load_ua), g)
            step = max(min(_STEP_UV, self.out.v_uv / 20), 20_000) / slope
            waits.append(min(max(round(step), 1 * US), 20 * MS))
        elif isolated:
            self.out.v_uv = 0
        return min(waits, default=None)
