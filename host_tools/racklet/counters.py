"""READ_EIN and READ_EOUT as a total that never goes backwards, for hosts that read only those.

The accumulators wrap within minutes to hours (racklet_wire/ein.py) and begin at 0 with every
boot of the BMC. Differences are taken modulo; a restart shows in the count of samples, which
then does not fit the time that passed, and begins a new epoch of this counter.
"""

from racklet_wire import ein

_SAMPLES = 1 << 24
_LATE = 30  # samples by which a difference may exceed the time between two reads: 3 s


class EinCounter:
    """`energy_uj` since the first read; `restarts` counts what could not be bridged."""

    def __init__(self) -> None:
        self.energy_uj = 0
        self.restarts = 0
        self._last: tuple[int, int] | None = None
        self._read_s = 0.0

    def feed(self, data: bytes, now_s: float) -> int | None:
        """Six data bytes, read at `now_s`; mean power since the read before in mW, if known."""
        reading, last = ein.unpack(data), self._last
        expected = (now_s - self._read_s) * 1000 / ein.SAMPLE_MS
        self._last, self._read_s = reading, now_s
        if last is None:
            return None
        samples = (reading[1] - last[1]) % _SAMPLES
        if samples > expected * 1.01 + _LATE:
            self.restarts += 1
            return None
        mean_mw = ein.mean_mw(last, reading)
        steps = (reading[0] - last[0]) % (256 * ein.MODULUS)
        self.energy_uj += steps * ein.STEP_MW * ein.SAMPLE_MS
        return mean_mw
