"""What the sensors read now. A value that no sensor gave is None: not zero, not the last one."""

SENSORS = ("output", "input", "temperature")

_TEMPERATURE_MS = 1_000  # a board warms slowly; asking more often only loads the bus


class Telemetry:
    """The last readings, in mV, mA, mW and thousandths of a degree Celsius.

    `vin_mv iin_ma pin_mw` come from the input monitor, `vout_mv iout_ma pout_mw` from the
    output monitor, `temperature_mc` from the board's sensor. `errors` counts failed reads by
    sensor, `lost` holds the sensors that failed last time, `taken_ms` is the time of the poll.
    """

    limit_ms = 2_000

    def __init__(self, clock: object, output: object, input_: object, temperature: object) -> None:
        self._clock = clock
        self._output = output
        self._input = input_
        self._temperature = temperature
        self._temperature_ms = None
        self.vin_mv = self.iin_ma = self.pin_mw = None
        self.vout_mv = self.iout_ma = self.pout_mw = None
        self.temperature_mc = None
        self.taken_ms = 0
        self.errors = dict.fromkeys(SENSORS, 0)
        self.lost = set()

    def period_ms(self) -> int:
        return 250

    def step(self) -> None:
        """Read every sensor once. Never raises for a sensor that fails."""
        self.vin_mv, self.iin_ma, self.pin_mw = self._monitor("input", self._input)
        self.vout_mv, self.iout_ma, self.pout_mw = self._monitor("output", self._output)
        now = self._clock.ms()
        if self._temperature_ms is None or now - self._temperature_ms >= _TEMPERATURE_MS:
            self._temperature_ms = now
            self.temperature_mc = self._board()
        self.taken_ms = now

    def _monitor(self, name: str, monitor: object) -> "tuple":
        try:
            values = (monitor.read_bus_mv(), monitor.read_current_ma(), monitor.read_power_mw())
        except OSError:
            self._failed(name)
            return None, None, None
        self.lost.discard(name)
        return values

    def _board(self) -> "int | None":
        try:
            value = self._temperature.read_mc()
        except OSError:
            self._failed("temperature")
            return None
        self.lost.discard("temperature")
        return value

    def _failed(self, name: str) -> None:
        self.errors[name] += 1
        self.lost.add(name)
