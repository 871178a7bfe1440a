"""Energy of input and output as 64-bit microjoules that never go backwards within an epoch.

Each monitor counts by itself; this service adds up the differences, modulo the counter's
width, so that any number of wraps is right as long as one passes at most between two polls
(an INA228 wraps after more than a year). What could not be observed is not invented: the
total stays, `gaps` counts up, and a new epoch says that energy before it may be missing. A
sensor that does not answer counts on, and is caught up with; what the wrong chip says, or one
whose voltage cannot be, is no energy, and counting begins anew when it is right again.

The store keeps totals together with the counter readings they belong to. After a reset of
the BMC the sensor has counted on, and the difference is added. After a loss of power the
sensor is found unconfigured; then a new epoch is written down before the sensor is started,
so that a counter reading is never paired with totals from before.

At a power cut each total loses at most SAVE_MS or SAVE_UJ of energy, whichever is less, and
what flowed between two looks.

READ_EIN and READ_EOUT derive from the same totals and so agree with them: a sample is a
SAMPLE_MS slice of observed time, the accumulator adds the mean watts of each slice. One count
of the accumulator is one watt times one sample, 0.1 J. The accumulator wraps at 32,768 into
the 8-bit roll-over count, samples wrap at 2^24. All start from 0 at every boot.
"""

from racklet_wire import events

from .telemetry import LEAST_MV, MOST_MV

SAVE_MS = 60_000
SAVE_UJ = 1_000_000_000  # 1 kJ

SAMPLE_MS = 100
_UJ_PER_COUNT = 1000 * SAMPLE_MS  # one watt for one sample

_MODULUS = 1 << 15
_SAMPLES = 1 << 24


class _Meter:
    """One monitor's total."""

    def __init__(
        self, name: str, monitor: object, limits: "tuple[int, int]", total_uj: int
    ) -> None:
        self.name = name
        self.monitor = monitor
        self.limits = limits
        self.total_uj = total_uj
        self.raw = None  # counter reading that total_uj belongs to; None: no base
        self.is_doubted = False  # what it has counted since the last look is not believed
        self.boot_uj = total_uj  # total when this boot began
        self.observed_ms = 0
        self.last_ms = None
        self._rest = 0  # of total_uj, in 1/self._den uJ
        self._num, self._den = monitor.energy_num, monitor.energy_den

    def scale(self, num: int, den: int) -> None:
        """Count from now on num/den times what the monitor says."""
        num, den = num * self.monitor.energy_num, den * self.monitor.energy_den
        if (num, den) != (self._num, self._den):
            self._num, self._den, self._rest = num, den, 0

    def add(self, raw: int, now: int) -> None:
        """Count from the last reading to this one."""
        monitor = self.monitor
        if self.raw is not None:
            counts = (raw - self.raw) % monitor.energy_modulus
            whole, self._rest = divmod(counts * self._num + self._rest, self._den)
            self.total_uj += whole
            if self.last_ms is not None:
                self.observed_ms += now - self.last_ms
        self.raw = raw
        self.last_ms = now

    def registers(self) -> "tuple[int, int, int]":
        counts = (self.total_uj - self.boot_uj) // _UJ_PER_COUNT
        samples = self.observed_ms // SAMPLE_MS
        return counts % _MODULUS, counts // _MODULUS & 0xFF, samples % _SAMPLES


class Energy:
    """`in_uj`, `out_uj`, `epoch`, `taken_ms`, `gaps`; snapshot() gives what belongs together."""

    limit_ms = 5_000

    def __init__(
        self,
        clock: object,
        store: object,
        *,
        output: object,
        input_: object,
        limits: dict,
        log: object = None,
        calibrations: "tuple[object, object] | None" = None,
    ) -> None:
        """`calibrations` of input and output scale what is counted from now on.

        `limits`: iout_max_ma, vout_max_mv, iin_max_ma, vin_max_mv for the alert pins.
        """
        self._clock = clock
        self._store = store
        self._log = log
        self._calibrations = calibrations or ()
        saved = store.values.get("energy") or [0, 0, 0, None, None]
        self.epoch, in_uj, out_uj, in_raw, out_raw = saved
        most = limits["iin_max_ma"], limits["vin_max_mv"]
        self._in = _Meter("input", input_, most, in_uj)
        most = limits["iout_max_ma"], limits["vout_max_mv"]
        self._out = _Meter("output", output, most, out_uj)
        self._in.raw, self._out.raw = in_raw, out_raw
        self._saved_ms = 0
        self._saved_uj = in_uj, out_uj
        self._restarted = False  # a sensor was started: its base has to be saved
        self.gaps = 0
        self._start()
        self._save_if_due()

    # --- what others read --------------------------------------------------------

    def snapshot(self) -> "tuple[int, int, int, int]":
        """(epoch, in_uj, out_uj, taken_ms), all of one instant."""
        return self._snapshot

    @property
    def in_uj(self) -> int:
        return self._snapshot[1]

    @property
    def out_uj(self) -> int:
        return self._snapshot[2]

    @property
    def taken_ms(self) -> int:
        return self._snapshot[3]

    def ein(self) -> "tuple[int, int, int]":
        """READ_EIN: accumulator (15 bits), roll-over count (8), samples (24), of one instant."""
        return self._ein

    def eout(self) -> "tuple[int, int, int]":
        return self._eout

    # --- work --------------------------------------------------------------------

    def period_ms(self) -> int:
        return 1_000

    def step(self) -> None:
        """Count once; write the totals down when the bound on loss asks for it."""
        self.count()
        self._save_if_due()

    def count(self) -> None:
        """Take the counters in, without writing anything down."""
        meters = (self._in, self._out)
        for meter, calibration in zip(meters, self._calibrations):  # noqa: B905
            num, den = calibration.energy_scale()
            meter.scale(num, den)
        for meter in meters:
            self._count(meter)
        self._publish()

    def _save_if_due(self) -> None:
        due = self._clock.ms() - self._saved_ms >= SAVE_MS
        if due or self._restarted or self._unsaved_uj() >= SAVE_UJ:
            self.save()

    def set_limits(self, output: "tuple[int, int]", input_: "tuple[int, int]") -> None:
        """The (mA, mV) at which each monitor pulls ALERT; kept for a sensor that restarts."""
        for meter, limits in ((self._out, output), (self._in, input_)):
            if meter.limits != limits:
                meter.limits = limits
                try:
                    meter.monitor.set_limits(limits[0], limits[1])
                except OSError:
                    pass  # it will be configured with them when it answers again

    def save(self, last_gasp: bool = False) -> None:
        """Write the totals down now; with `last_gasp` without any erase."""
        self._store.values["energy"] = [
            self.epoch,
            self._in.total_uj,
            self._out.total_uj,
            self._in.raw,
            self._out.raw,
        ]
        self._store.save(last_gasp)
        self._restarted = False
        self._saved_ms = self._clock.ms()
        self._saved_uj = self._in.total_uj, self._out.total_uj

    def _unsaved_uj(self) -> int:
        """The more of what either total would lose at a power cut."""
        in_uj, out_uj = self._saved_uj
        return max(self._in.total_uj - in_uj, self._out.total_uj - out_uj)

    def _start(self) -> None:
        """Adopt counters that ran on; otherwise open a new epoch."""
        adopted = True
        for meter in (self._in, self._out):
            if not self._ran_on(meter):
                meter.raw = None
                adopted = False
        if not adopted or not self.epoch:
            self._open_epoch()
        self.count()

    def _ran_on(self, meter: "_Meter") -> bool:
        """Whether the sensor counted on since its reading was saved."""
        try:
            return (
                meter.raw is not None
                and meter.monitor.energy_survives
                and meter.monitor.configured()
            )
        except OSError:
            return False

    def _open_epoch(self) -> None:
        """From here on counts again; saved before a sensor starts (see the module's text)."""
        self.epoch += 1
        self.save()
        if self._log is not None:
            totals = {"in_uj": self._in.total_uj, "out_uj": self._out.total_uj}
            self._log.append(events.ENERGY_EPOCH, epoch=self.epoch, **totals)

    def _count(self, meter: "_Meter") -> None:
        try:
            if meter.raw is None or not meter.monitor.configured():
                self._restart(meter)
            elif not self._is_believed(meter):
                meter.is_doubted = True
                return
            elif meter.is_doubted:
                self._restart(meter)
            meter.add(meter.monitor.read_energy(), self._clock.ms())
        except OSError:
            # The counter runs on; once it answers the difference is counted in full. The
            # time until then is observed too, as long as the sensor was not reset.
            pass

    def _is_believed(self, meter: "_Meter") -> bool:
        monitor = meter.monitor
        return monitor.probe() and LEAST_MV <= monitor.read_bus_mv() <= MOST_MV[meter.name]

    def _restart(self, meter: "_Meter") -> None:
        """A sensor without a base: start it from zero, in a new epoch if something was lost."""
        if not meter.monitor.probe():
            raise OSError
        if meter.raw is not None:
            meter.raw = None
            self.gaps += 1
            self._open_epoch()
        meter.monitor.configure(meter.limits[0], meter.limits[1])
        meter.raw = 0
        meter.is_doubted = False
        meter.last_ms = self._clock.ms()
        self._restarted = True

    def _publish(self) -> None:
        self._snapshot = (
            self.epoch,
            self._in.total_uj,
            self._out.total_uj,
            self._clock.ms(),
        )
        self._ein = self._in.registers()
        self._eout = self._out.registers()
