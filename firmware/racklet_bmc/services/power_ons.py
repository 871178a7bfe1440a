"""The latest power-ons: what the rail drew while it rose, and the unit in its first half minute.

From these the RMC derives how long to wait between two units (racklet/measure.py).
"""

KEPT = 4
WATCHED_MS = 30_000  # a Raspberry Pi's boot peak comes within 10 s

# Places in a record, in the order of blocks.PAGES' POWER_ON.
(NUMBER, BEGIN_MS, RISE_IN_UJ, RISE_OUT_UJ, RISE_MS) = range(5)
(INRUSH_MA, INRUSH_MS, PEAK_IN_MA, PEAK_IN_MS, OWN_MW) = range(5, 10)


class PowerOns:
    """`records`: the latest first, each a list by the places above; None is unknown.

    `monitors` are those of output and input; `telemetry` tells the input's current and power.
    """

    def __init__(
        self, clock: object, monitors: "tuple[object, object]", telemetry: object = None
    ) -> None:
        self._clock = clock
        self._monitors = monitors
        self._telemetry = telemetry
        self.records = []
        self._count = 0
        self._raw = (None, None)
        self._charge_uc = None

    @property
    def inrush_ma(self) -> "int | None":
        """The highest output current seen while the rail last rose."""
        return self.records[0][INRUSH_MA] if self.records else None

    def begin(self) -> None:
        """The latch is about to be set."""
        self._count += 1
        own_mw = None if self._telemetry is None else self._telemetry.pin_mw
        record = [self._count, self._clock.ms(), None, None, None, 0, 0, None, None, own_mw]
        self.records = [record] + self.records[: KEPT - 1]
        self._raw = self._counts()
        self._charge_uc = self._charge()

    def rising(self, iout_ma: int) -> None:
        """The output current at a look while the rail rises."""
        if not self.records:  # the BMC was reset meanwhile, and did not see the begin
            return
        record = self.records[0]
        if iout_ma > record[INRUSH_MA]:
            record[INRUSH_MA] = iout_ma
            record[INRUSH_MS] = self._clock.ms() - record[BEGIN_MS]

    def risen(self) -> None:
        """Power is good."""
        if not self.records:
            return
        record = self.records[0]
        record[RISE_MS] = self._clock.ms() - record[BEGIN_MS]
        places = (RISE_OUT_UJ, RISE_IN_UJ)
        for place, monitor, before, now in zip(  # noqa: B905
            places, self._monitors, self._raw, self._counts()
        ):
            if before is not None and now is not None:
                counts = (now - before) % monitor.energy_modulus
                record[place] = counts * monitor.energy_num // monitor.energy_den

    def mean_ma(self) -> int:
        """The mean output current since the latch was set; 0, which says nothing, if unknown."""
        before, now = self._charge_uc, self._charge()
        if before is None or now is None:
            return 0
        return (now - before) // max(self._clock.ms() - self.records[0][BEGIN_MS], 1)

    def watch(self) -> None:
        """A look while the rail is up."""
        if self._telemetry is None or not self.records:
            return
        record, iin_ma = self.records[0], self._telemetry.iin_ma
        after = self._clock.ms() - record[BEGIN_MS]
        if iin_ma is None or after > WATCHED_MS:
            return
        if record[PEAK_IN_MA] is None or iin_ma > record[PEAK_IN_MA]:
            record[PEAK_IN_MA], record[PEAK_IN_MS] = iin_ma, after

    def _counts(self) -> "tuple[int | None, int | None]":
        """The energy counts of both monitors, None of one that does not answer."""
        found = []
        for monitor in self._monitors:
            try:
                found.append(monitor.read_energy())
            except OSError:
                found.append(None)
        return found[0], found[1]

    def _charge(self) -> "int | None":
        try:
            return self._monitors[0].read_charge_uc()
        except OSError:
            return None
