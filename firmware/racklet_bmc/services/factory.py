"""Factory reset: the settings go back to their defaults, the rest stays.

Held keys, the anti-rollback minimum, the log and the energy totals live elsewhere and survive.
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
            self.reset()

    def reset(self) -> None:
        """Defaults in force and in flash; logged."""
        self._settings.reset()
        self._settings.store()
        self._log.append(events.FACTORY_RESET)
