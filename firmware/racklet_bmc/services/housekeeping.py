"""Erases flash ahead of need, where the pause of an erase (45 ms, 400 at worst) does no harm."""

from racklet_wire import power

_BUSY = (power.SETTLING, power.TURNING_ON, power.TURNING_OFF)
_PERIOD_MS = 500
_SOON_MS = 50  # after a step that had to wait, or has erased: in a storm rests are short


class Housekeeping:
    """`kept` are services with `maintain()`: one sector at most in a step, the log before others.

    While the rail is on its way, or a sag of it is judged, nothing is erased: a pending power-off
    goes first. A shutdown may take ten minutes, in which the log needs sectors: the cut at its end
    waits for one at most.
    Nor is anything erased while `is_addressed()`: the controller would lose its transaction.
    """

    limit_ms = 30_000

    def __init__(
        self, power_service: object, kept: "tuple[object, ...]", is_addressed: "callable"
    ) -> None:
        self._power = power_service
        self._is_addressed = is_addressed
        self._kept = kept
        self._next_ms = _PERIOD_MS

    def period_ms(self) -> int:
        return self._next_ms

    def step(self) -> None:
        rail = self._power
        waits = rail.state in _BUSY or rail.sag_ms is not None or self._is_addressed()
        again = waits or any(kept.maintain() for kept in self._kept)
        self._next_ms = _SOON_MS if again else _PERIOD_MS
