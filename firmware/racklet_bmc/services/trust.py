"""Whether a sensor is to be believed: it answers, is the right chip, not stuck, and plausible."""

CHECK_MS = 2_000
_COUNTS = 20  # an energy count must have grown by about this much before "stuck" is said

NO_ANSWER, WRONG_CHIP, STUCK = "no answer", "wrong chip", "stuck"
OUT_OF_RANGE = "out of range"


class Trust:
    """`reason` is why the sensor is not believed, "" while it is."""

    def __init__(self, sensor: object) -> None:
        self._sensor = sensor
        self._counts = hasattr(sensor, "read_energy")
        self._raw = None
        self._checked_ms = None
        self.reason = ""

    def check(self, now: int) -> bool:
        """Look closely if that is due, or if the sensor was not believed; whether it is now."""
        last = self._checked_ms
        if not self.reason and last is not None and now - last < CHECK_MS:
            return True
        try:
            if not self._sensor.probe():
                self.reason = WRONG_CHIP
            elif self._counts and self._stands_still(0 if last is None else now - last):
                self.reason = STUCK
            else:
                self.reason = ""
        except OSError:
            self.failed()
        if not self.reason or last is None or now - last >= CHECK_MS:
            self._checked_ms = now
        return not self.reason

    def failed(self, reason: str = NO_ANSWER) -> None:
        """A read went wrong; the next check looks closely."""
        self.reason = reason
        self._raw = None

    def _stands_still(self, elapsed_ms: int) -> bool:
        """The energy count did not move although power flows."""
        sensor = self._sensor
        before, self._raw = self._raw, sensor.read_energy()
        if before is None or before != self._raw:
            return False
        microjoules = sensor.read_power_mw() * elapsed_ms
        if microjoules * sensor.energy_den < _COUNTS * sensor.energy_num:
            return self.reason == STUCK  # too little to tell: as before
        return True
