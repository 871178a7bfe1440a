"""The bench supply and the busbar.

Below its limit the supply is a voltage behind a resistance (a linear sag). Beyond it the
busbar's capacitors bridge the difference and the voltage falls; after `trip_ns` the supply
hiccups, latches off, or stays at its limit.
"""

from collections.abc import Callable
from typing import Literal

from .world import MS, US, Handle, World

# A 19 V, 150 W brick: 18.05 to 19.95 V over load, protection at 120 % (Delta ADP series).
NOMINAL_UV = 19_000_000
LIMIT_UA = 9_500_000
SOURCE_UOHM = 40_000
BUSBAR_NF = 470_000
BLEED_UA = 50_000  # the supply's own minimum load
_STEP_NS, _MAX_STEP_NS = 50 * US, 5 * MS
_SNAP_UV = 20_000

Mode = Literal["hiccup", "latch", "constant"]


class Supply:
    """`v_uv` is the busbar now, `i_ua` what the supply gives.

    `set_uv` is the open-circuit voltage; `limit_ua` and `limit_mw` (0 = none) bound its output.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.set_uv = NOMINAL_UV
        self.source_uohm = SOURCE_UOHM
        self.limit_ua = LIMIT_UA
        self.limit_mw = 0
        self.mode: Mode = "hiccup"
        self.trip_ns = 20 * MS
        self.retry_ns = 70 * MS  # one real rig retried every 70 ms
        self.v_uv = NOMINAL_UV
        self.i_ua = 0
        self.trips = 0
        self.on = True
        self._off_until: int | None = None
        self._overload_since: int | None = None
        self._load_ua = 0
        self._last_ns = 0
        self._normal_uv = self.set_uv
        self._back: Handle | None = None

    def settle(self, load_ua: int) -> int | None:
        """The busbar draws `load_ua` from now on. Returns when to be called again, or None.

        Called with the load at the present `v_uv`; moves `v_uv` when the supply can follow.
        """
        now = self._world.now_ns
        self._integrate(now)
        self._load_ua = load_ua + (BLEED_UA if self.v_uv else 0)
        self._last_ns = now
        self._retry(now)
        target = self.set_uv - self.source_uohm * load_ua // 1_000_000
        if not self._giving:
            self.i_ua = 0
            return self._next_step(now) if self.v_uv > 0 or self._off_until is not None else None
        limit = self._limit()
        if self._load_ua <= limit and abs(target - self.v_uv) <= _SNAP_UV + self.v_uv // 50:
            self.v_uv = max(target, 0)
            self.i_ua = self._load_ua
            self._overload_since = None
            return None
        return self._transient(now, target, limit)

    def _transient(self, now: int, target: int, limit: int) -> int | None:
        """The voltage is on its way, by the capacitors of the busbar."""
        if target > self.v_uv or self._load_ua > limit:
            self.i_ua = limit
            if self._overload_since is None:
                self._overload_since = now
            elif now - self._overload_since >= self.trip_ns and self.mode != "constant":
                self._trip(now)
        else:
            self.i_ua = 0  # set lower than the busbar stands: nothing flows back
        return self._next_step(now)

    def dip(self, uv: int, duration_ns: int, settle: Callable[[], None]) -> None:
        """Another set voltage for a while (a sag or a surge), then the old one again."""
        if self._back is None or not self._back.pending:
            self._normal_uv = self.set_uv
        self._world.cancel(self._back)

        def back() -> None:
            self.set_uv = self._normal_uv
            settle()

        self.set_uv = uv
        self._back = self._world.after(duration_ns, back)
        settle()

    @property
    def _giving(self) -> bool:
        return self.on and self._off_until is None

    def _limit(self) -> int:
        by_power = self.limit_mw * 10**9 // max(self.v_uv, 1_000_000) if self.limit_mw else None
        return self.limit_ua if by_power is None else min(self.limit_ua, by_power)

    def _integrate(self, now: int) -> None:
        if (dt := now - self._last_ns) == 0 or self.i_ua == self._load_ua:
            return
        # uA * ns / nF = 1e-6 V: (1e-6 * 1e-9) / 1e-9
        step = (self.i_ua - self._load_ua) * dt // BUSBAR_NF
        ceiling = self.set_uv if self.i_ua else self.v_uv
        self.v_uv = min(max(self.v_uv + step, 0), max(ceiling, 0))

    def _trip(self, now: int) -> None:
        self.trips += 1
        self.i_ua = 0
        self._overload_since = None
        if self.mode == "latch":
            self.on = False
        else:
            self._off_until = now + self.retry_ns

    def _retry(self, now: int) -> None:
        if self._off_until is not None and now >= self._off_until:
            self._off_until = None

    def _next_step(self, now: int) -> int:
        if self.v_uv <= 0 and self._off_until is not None:
            return self._off_until
        slope = abs(self.i_ua - self._load_ua) / BUSBAR_NF  # uV/ns
        step = max(self.v_uv, 1_000_000) / 50 / slope if slope else _MAX_STEP_NS
        when = now + min(max(round(step), _STEP_NS), _MAX_STEP_NS)
        return when if self._off_until is None else min(when, max(self._off_until, now + 1))
