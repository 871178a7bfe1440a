"""Software timers; the plant keeps their time."""

from link import link, on_interrupt

_timers = {}  # number -> Timer
_numbers = [0]


class Timer:
    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id: int = -1, **options) -> None:
        _numbers[0] += 1
        self._number = _numbers[0]
        self._callback = None
        _timers[self._number] = self
        if options:
            self.init(**options)

    def init(self, *, period: int = -1, mode: int = 1, callback=None, freq=0, hard=False) -> None:
        """`period` in ms, or `freq` in Hz."""
        self._callback = callback
        period_us = 1_000_000 // freq if freq else period * 1000
        link.call("timer", self._number, period_us, mode == Timer.PERIODIC)

    def deinit(self) -> None:
        self._callback = None
        link.call("timer", self._number, 0, False)


def _expired(number: int) -> None:
    timer = _timers.get(number)
    if timer and timer._callback:
        timer._callback(timer)


on_interrupt("timer", _expired)
