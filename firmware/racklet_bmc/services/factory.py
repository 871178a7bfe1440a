"""Factory reset: the settings go back to their defaults, the rest stays.

Keys, the anti-rollback minimum, the log and the energy totals live elsewhere and survive; so
does the calibration, which is a fact of this board and nobody's wish. The rail does not move.
"""

from racklet_wire import events

HOLD_MS = 5_000  # the button, so that nobody does it in passing


class FactoryReset:
    """`button` is the pin of the button, low while pressed. step() watches it."""

    limit_ms = 5_000

    def __init__(self, clock: object, button: object, settings: object, log: object) -> None:
        self._clock = clock
        self._button = button
        self._settings = settings
        self._log = log
        self._pressed_ms = None
        self._done = False
        self._transaction_id = 0

    def period_ms(self) -> int:
        return 250

    def step(self) -> None:
        if self._button.value():
            self._pressed_ms = None
            self._done = False
            return
        now = self._clock.ms()
        if self._pressed_ms is None:
            self._pressed_ms = now
        if not self._done and now - self._pressed_ms >= HOLD_MS:
            self._done = True  # once per press
            self._reset(by="button")

    def request(self, transaction_id: int) -> None:
        """Asked for over the bus; once, however often the same transaction comes."""
        if transaction_id != self._transaction_id:
            self._transaction_id = transaction_id
            self._reset(by="bus", transaction=transaction_id)

    def _reset(self, **who: "str | int") -> None:
        """Defaults in force and in flash; logged when that is so."""
        self._settings.reset()
        self._settings.store()
        self._log.append(events.FACTORY_RESET, **who)
