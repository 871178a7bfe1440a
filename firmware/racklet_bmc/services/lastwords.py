"""What is written while the power goes: on removal there is the contact break and the hold-up
time of the BMC's own supply, on a brown-out the hold-up time alone (15 ms and more).

One page for the energy totals, one for the event, two for each folded flood; never an erase.
"""

from racklet_wire import events

AGAIN_MS = 5_000  # a supply that flutters must not wear the flash out


class LastWords:
    """`speak()` saves what must not be lost; too soon after the last time it does nothing.

    `vin_mv` is given when the input fails, which is an event; a removal is logged elsewhere.
    """

    def __init__(self, clock: object, energy: object, log: object) -> None:
        self._clock = clock
        self._energy = energy
        self._log = log
        self._spoken_ms = None

    def speak(self, vin_mv: "int | None" = None) -> bool:
        now = self._clock.ms()
        if self._spoken_ms is not None and now - self._spoken_ms < AGAIN_MS:
            return False
        self._spoken_ms = now
        self._energy.count()
        self._energy.save(last_gasp=True)
        if vin_mv is not None:
            self._log.append(events.BROWN_OUT, last_gasp=True, vin_mv=vin_mv)
        self._log.flush(last_gasp=True)
        return True
