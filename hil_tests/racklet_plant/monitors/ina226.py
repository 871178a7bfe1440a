"""TI INA226: 16-bit current and power monitor without accumulators (data sheet SBOS547)."""

from collections.abc import Callable

from ..meter import Meter
from ..thermal import Body
from ..world import US, World
from .conversions import Conversions, Plan
from .errors import PartErrors

CONVERSION_US = (140, 204, 332, 588, 1100, 2116, 4156, 8244)
AVERAGES = (1, 4, 16, 64, 128, 256, 512, 1024)
MANUFACTURER, DIE = 0x5449, 0x2260
RESET_CONFIG = 0x4127

CONFIG, SHUNT, BUS, POWER, CURRENT, CALIBRATION, MASK_ENABLE, ALERT_LIMIT = range(8)
# MASK_ENABLE; of the first five only the highest one counts.
SOL, SUL, BOL, BUL, POL = (1 << k for k in range(15, 10, -1))
CNVR, AFF, CVRF, OVF, APOL, LEN = 0x0400, 0x0010, 0x0008, 0x0004, 0x0002, 0x0001


class Ina226:
    """The second kind of monitor, behind the same pads. Local bus device."""

    def __init__(self, world: World, meter: Meter, shunt_uohm: int, errors: PartErrors) -> None:
        self.shunt_uohm = shunt_uohm
        self.errors = errors
        self.absent = False
        self.die: Body | None = None  # it has no temperature register; the shunt drifts with it
        self.device_id = DIE
        self.stuck: int | None = None
        self.on_alert: Callable[[], None] = lambda: None
        self._conversions = Conversions(world, meter, lambda i, v, n: None, self._compare)
        self._conversions.clock_ppm = errors.clock_ppm
        self._pointer = 0
        self._config = RESET_CONFIG
        self._calibration = self._mask = self._limit = self._flags = 0
        self._conversions.stop()

    def power(self, on: bool) -> None:
        if on:
            self._reset()
        else:
            self._conversions.stop()

    def perfect(self) -> None:
        """Take away what this specimen is off by; only how it samples is left."""
        self.errors = PartErrors()
        self._conversions.clock_ppm = 0

    def break_down(self, fault: str) -> None:
        """absent, stuck (every register reads FF), wrong (another chip's id) or ok."""
        self.absent = fault == "absent"
        self.stuck = (1 << 40) - 1 if fault == "stuck" else None
        self.device_id = 0x2380 if fault == "wrong" else DIE

    def write(self, data: bytes) -> bool:
        if self.absent:
            return False
        if data:
            self._pointer = data[0]
        if len(data) >= 3:
            self._store(data[0], int.from_bytes(data[1:3], "big"))
        return True

    def read(self, count: int) -> bytes | None:
        if self.absent:
            return None
        value = self._load(self._pointer) if self.stuck is None else self.stuck & 0xFFFF
        return (value.to_bytes(2, "big") + b"\xff" * count)[:count]

    @property
    def alert_n(self) -> int:
        active = bool(self._flags & AFF) or bool(self._mask & CNVR and self._flags & CVRF)
        return int(active == bool(self._mask & APOL))

    def _reset(self) -> None:
        self._config = RESET_CONFIG
        self._calibration = self._mask = self._limit = self._flags = 0
        self._conversions.results = type(self._conversions.results)()
        self._arm()
        self._restart()

    def _store(self, register: int, value: int) -> None:
        self._conversions.catch_up()
        if register == CONFIG:
            if value & 0x8000:
                self._reset()
                return
            self._config = value & 0x0FFF | 0x4000
            self._flags &= ~CVRF
            self._restart()
        elif register == CALIBRATION:
            self._calibration = value & 0x7FFF
        elif register == MASK_ENABLE:
            self._mask = value & 0xFC03
            self._flags &= ~CVRF
        elif register == ALERT_LIMIT:
            self._limit = value
        self._arm()
        self._compare()

    def _load(self, register: int) -> int:
        self._conversions.catch_up()
        if register == MASK_ENABLE:
            value = self._mask | self._flags
            self._flags &= ~CVRF
            if self._mask & LEN:
                self._flags &= ~AFF
                self._compare()
            self.on_alert()
            return value
        table = {
            CONFIG: self._config,
            SHUNT: self._shunt & 0xFFFF,
            BUS: self._bus,
            POWER: self._power,
            CURRENT: self._current & 0xFFFF,
            CALIBRATION: self._calibration,
            ALERT_LIMIT: self._limit,
            0xFE: MANUFACTURER,
            0xFF: self.device_id,
        }
        return table.get(register, 0)

    def _restart(self) -> None:
        word = self._config
        shunt_ns = CONVERSION_US[word >> 3 & 7] * US if word & 1 else 0
        bus_ns = CONVERSION_US[word >> 6 & 7] * US if word & 2 else 0
        self._conversions.start(
            Plan(shunt_ns, bus_ns, 0, AVERAGES[word >> 9 & 7], continuous=bool(word & 4))
        )

    @property
    def _shunt(self) -> int:
        """Steps of 2.5 uV, signed."""
        results, e = self._conversions.results, self.errors
        warmth_k = 0.0 if self.die is None else self.die.mc / 1000 - 25
        gain = 1 + (e.shunt_gain_ppm + e.shunt_tempco_ppm * warmth_k) / 1e6
        uv = results.current_ua * self.shunt_uohm / 1e6 * gain
        if results.rounds:
            uv += e.shunt_offset_uv
        return max(min(round(uv / 2.5), 0x7FFF), -0x8000)

    @property
    def _bus(self) -> int:
        """Steps of 1.25 mV."""
        results, e = self._conversions.results, self.errors
        uv = results.bus_uv * (1 + e.bus_gain_ppm / 1e6)
        if results.rounds:
            uv += e.bus_offset_uv
        return max(min(round(uv / 1250), 0x7FFF), 0)

    @property
    def _current(self) -> int:
        return max(min(self._shunt * self._calibration // 2048, 0x7FFF), -0x8000)

    @property
    def _power(self) -> int:
        return min(abs(self._current) * self._bus // 20_000, 0xFFFF)

    def _arm(self) -> None:
        self._conversions.every_round = bool(self._mask & CNVR)
        self._conversions.alerting = bool(self._mask & 0xFC00)
        self._conversions.watch()

    def _compare(self) -> None:
        limit = self._limit
        signed = limit - 0x10000 if limit & 0x8000 else limit
        tests = (
            (SOL, self._shunt > signed),
            (SUL, self._shunt < signed),
            (BOL, self._bus > limit),
            (BUL, self._bus < limit),
            (POL, self._power > limit),
        )
        found = next((hit for bit, hit in tests if self._mask & bit), False)
        flags = self._flags
        if found:
            flags |= AFF
        elif not self._mask & LEN:
            flags &= ~AFF
        if self._conversions.results.done:
            self._conversions.results.done = False
            flags |= CVRF
        if flags != self._flags:
            self._flags = flags
            self.on_alert()
