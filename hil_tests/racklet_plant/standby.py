"""The BMC's own supply: hold-up capacitor and 3.3 V regulator, fed ahead of everything.

Busbar - PTC - 4.7 R - diode - C_HOLD 220 uF - diode - AP63203. It holds the BMC up for
0.5 C (V1^2 - V2^2) / P after the busbar is gone: 24.8 ms from 12 V at 0.39 W.
"""

from collections.abc import Callable

from .node import Node
from .world import MS, US, World

HOLD_FARAD = 220e-6 * 0.8  # electrolytic, -20 %
DIODES_UV = 750_000
SERIES_OHM = 4.7
ON_UV = 4_300_000
OFF_UV = 4_100_000
START_NS = 5 * MS  # soft start of the 3.3 V regulator [assumed]
WATT = 0.39  # 100 mA at 3.3 V, 85 %
_SNAP_UV = 50_000
_MIN_STEP_NS, _MAX_STEP_NS = 20 * US, 500 * US
_CHARGE_STEP_NS = round(SERIES_OHM * HOLD_FARAD * 1e9 / 20)


class Standby:
    """`up` = 3.3 V is there; `on_change(up)` is called at both edges. `usb` feeds it as well."""

    def __init__(self, world: World, on_change: Callable[[bool], None]) -> None:
        self._world = world
        self._on_change = on_change
        self.hold = Node(HOLD_FARAD)
        self.watt = WATT
        self.up = False
        self.usb = False
        self._start_ns: int | None = None
        self._bus_uv = 0

    def advance(self, dt_ns: int) -> None:
        """Let `dt_ns` pass with the busbar as it was."""
        hold = self.hold
        target = self._target()
        if target > hold.v_uv:
            siemens = 1 / SERIES_OHM
            hold.v_uv = hold.after(dt_ns, target * siemens, siemens)
        else:
            hold.v_uv = max(hold.after_power(dt_ns, self._drain), target)

    def settle(self, bus_uv: int) -> int | None:
        """The busbar at this unit is `bus_uv` from now on. Returns ns to the next look."""
        self._bus_uv = bus_uv
        now = self._world.now_ns
        hold = self.hold
        fed = hold.v_uv >= (OFF_UV if self.up or self._start_ns is not None else ON_UV) or self.usb
        if not fed:
            self._start_ns = None
            self._set(False)
        elif not self.up:
            if self._start_ns is None:
                self._start_ns = now + START_NS
            if now >= self._start_ns:
                self._set(True)
        target = self._target()
        waits = [] if self.up or self._start_ns is None else [self._start_ns - now]
        if 0 <= target - hold.v_uv <= _SNAP_UV:
            hold.v_uv = target
        elif target > hold.v_uv:
            waits.append(_CHARGE_STEP_NS)
        elif target < hold.v_uv and self._drain:
            waits.append(self._drain_step(target))
        return min(waits, default=None)

    def input_ua(self, bus_uv: int) -> int:
        """What it draws from the busbar."""
        return max(int((bus_uv - DIODES_UV - self.hold.v_uv) / SERIES_OHM), 0)

    @property
    def _drain(self) -> float:
        return 0.0 if self.usb or not (self.up or self._start_ns is not None) else self.watt

    def _target(self) -> int:
        drop = self._drain * 1e12 / max(self.hold.v_uv, OFF_UV) * SERIES_OHM
        return max(self._bus_uv - DIODES_UV - round(drop), 0)

    def _drain_step(self, target: int) -> int:
        """Until the target is reached, or what `up` hangs on."""
        end = max(target, OFF_UV - 1_000) if self.hold.v_uv > OFF_UV else target
        joule = HOLD_FARAD * (self.hold.v_uv**2 - end**2) / 2e12
        return min(max(round(joule / self._drain * 1e9), _MIN_STEP_NS), _MAX_STEP_NS)

    def _set(self, up: bool) -> None:
        if up != self.up:
            self.up = up
            self._start_ns = None
            self._on_change(up)
