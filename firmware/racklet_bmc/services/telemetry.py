"""What the sensors read now. A value that no sensor gave is None: not zero, not the last one."""

from .trust import OUT_OF_RANGE, Trust
from .windows import Window

SENSORS = ("output", "input", "temperature")
QUANTITIES = ("vin_mv", "iin_ma", "pin_mw", "vout_mv", "iout_ma", "pout_mw", "temperature_mc")

# What can be true on a board of this family; anything else is a broken sensor or bus.
LEAST_MV = -500  # offsets may make a little less than nothing
MOST_MV = {"input": 40_000, "output": 10_000}
LEAST_MC, MOST_MC = -55_000, 150_000

WINDOW_MS = 60_000
_TEMPERATURE_MS = 1_000  # a board warms slowly; asking more often only loads the bus


class Telemetry:
    """The last readings, in mV, mA, mW and thousandths of a degree Celsius.

    `vin_mv iin_ma pin_mw` come from the input monitor, `vout_mv iout_ma pout_mw` from the
    output monitor, `temperature_mc` from the board's sensor. `taken_ms` is the time of the
    round. `errors` counts failed reads by sensor, `lost` names the sensors that are not believed
    and `reasons` says why. `windows` has lowest, highest and mean by quantity (windows.py).

    `calibrations` are those of input and output; without them readings are as they come.
    """

    limit_ms = 2_000

    def __init__(
        self,
        clock: object,
        output: object,
        input_: object,
        temperature: object,
        *,
        settings: object = None,
        calibrations: "tuple[object, object] | None" = None,
    ) -> None:
        self._clock = clock
        self._sensors = {"output": output, "input": input_, "temperature": temperature}
        self._trust = {name: Trust(sensor) for name, sensor in self._sensors.items()}
        self._settings = settings
        self._calibrations = calibrations or (None, None)
        self._temperature_ms = None
        for quantity in QUANTITIES:
            setattr(self, quantity, None)
        self.taken_ms = 0
        self.errors = dict.fromkeys(SENSORS, 0)
        self.lost = set()
        self.windows = {quantity: Window(WINDOW_MS) for quantity in QUANTITIES}

    @property
    def reasons(self) -> "dict[str, str]":
        """Why the lost sensors are not believed, by name."""
        return {name: self._trust[name].reason for name in self.lost}

    def period_ms(self) -> int:
        return 250

    def step(self) -> None:
        """Read every sensor once. Never raises for a sensor that fails."""
        now = self._clock.ms()
        self.vin_mv, self.iin_ma, self.pin_mw = self._monitor("input", 0, now)
        self.vout_mv, self.iout_ma, self.pout_mw = self._monitor("output", 1, now)
        if self._temperature_ms is None or now - self._temperature_ms >= _TEMPERATURE_MS:
            self._temperature_ms = now
            self.temperature_mc = self._read("temperature", _temperature, now)
        self.taken_ms = now
        length_ms = WINDOW_MS if self._settings is None else self._settings.get("window_ms")
        for quantity, window in self.windows.items():
            window.length_ms = length_ms
            window.add(getattr(self, quantity), now)

    def _monitor(self, name: str, side: int, now: int) -> "tuple":
        values = self._read(name, _all_three, now)
        if values is None:
            return None, None, None
        calibration = self._calibrations[side]
        return calibration.apply(*values) if calibration is not None else values

    def _read(self, name: str, read: object, now: int) -> object:
        """What `read(sensor)` gives; None, and counted, when the sensor is not believed."""
        trust = self._trust[name]
        value = None
        if trust.check(now):
            try:
                value = read(self._sensors[name])
                if not _plausible(name, value):
                    value = None
                    trust.failed(OUT_OF_RANGE)
            except OSError:
                trust.failed()
        if value is None:
            self.errors[name] += 1
            self.lost.add(name)
        else:
            self.lost.discard(name)
        return value


def _all_three(monitor: object) -> "tuple[int, int, int]":
    return monitor.read_bus_mv(), monitor.read_current_ma(), monitor.read_power_mw()


def _temperature(sensor: object) -> int:
    return sensor.read_mc()


def _plausible(name: str, value: object) -> bool:
    if name == "temperature":
        return LEAST_MC <= value <= MOST_MC
    return LEAST_MV <= value[0] <= MOST_MV[name]
