"""A capacitor with currents and conductances: how a rail moves between two events."""

import math

_NS = 10**9


class Node:
    """Voltage `v_uv` on `farad`; exact for constant current into a constant resistance."""

    def __init__(self, farad: float) -> None:
        self.farad = farad
        self.v_uv = 0

    def slope(self, i_ua: float, siemens: float) -> float:
        """dV/dt in uV/ns with that current flowing in, and that conductance to ground."""
        return (i_ua - siemens * self.v_uv) / self.farad / _NS

    def after(self, dt_ns: int, i_ua: float, siemens: float) -> int:
        """The voltage `dt_ns` from now, never below zero."""
        if siemens > 0:
            end = i_ua / siemens
            k = math.exp(-dt_ns * siemens / self.farad / _NS)
            v = end + (self.v_uv - end) * k
        else:
            v = self.v_uv + i_ua * dt_ns / self.farad / _NS
        return max(round(v), 0)

    def after_power(self, dt_ns: int, watt: float) -> int:
        """The voltage `dt_ns` from now under a constant-power load: 0.5 C (V1^2 - V2^2) = P t."""
        left = (self.v_uv / 1e6) ** 2 - 2 * watt * dt_ns / _NS / self.farad
        return round(math.sqrt(left) * 1e6) if left > 0 else 0
