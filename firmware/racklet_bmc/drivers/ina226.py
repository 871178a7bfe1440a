"""TI INA226: 16-bit power monitor without an energy count (data sheet SBOS547B, section 7.6).

Same interface as ina228.py. The energy is integrated here: the power register times the time
since the read before. So the count starts again with the firmware (`energy_survives` is
False), and a pause longer than GAP_US counts as nothing rather than as a guess.
"""

from racklet_base.compiled import const

from .ina228 import ALERT_OVER_CURRENT, ALERT_OVER_VOLTAGE
from .registers import Registers, signed

GAP_US = 2_000_000

_CONFIG = const(0x00)
_BUS = const(0x02)
_POWER = const(0x03)
_CURRENT = const(0x04)
_CALIBRATION = const(0x05)
_MASK_ENABLE = const(0x06)
_ALERT_LIMIT = const(0x07)
_MANUFACTURER_ID = const(0xFE)
_DIE_ID = const(0xFF)

# 16 averages of bus and shunt, 1.1 ms each, continuous. Reset value is 4127: one average.
_CONFIG_VALUE = const(0x4000 | 2 << 9 | 4 << 6 | 4 << 3 | 7)
_SHUNT_OVER = const(1 << 15)
_LATCH = const(1)
_ALERT_FLAG = const(1 << 4)


class INA226:
    """One INA226 with its shunt. `clock.us()` times the integration."""

    # Most that a specimen is off by (data sheet, section 6.5); the time is the BMC's crystal's.
    BUS_ERROR = (1_000, 7_500)
    _SHUNT_ERROR = (1_000, 10_000)
    CLOCK_PPM = 100

    energy_modulus = 1 << 64
    energy_survives = False

    def __init__(
        self, i2c: object, address: int, shunt_uohm: int, full_scale_ma: int, clock: object
    ) -> None:
        self._registers = Registers(i2c, address)
        self._shunt_uohm = shunt_uohm
        self._full_scale_ma = full_scale_ma  # CURRENT_LSB = full scale / 2^15
        self._clock = clock
        self._energy = 0
        self._last_us = None
        # One count is POWER_LSB (25 * CURRENT_LSB watts) for a microsecond, in uJ.
        self.energy_num = full_scale_ma * 25
        self.energy_den = 32_768 * 1000

    def probe(self) -> bool:
        """Manufacturer "TI" and die 226."""
        read = self._registers.read
        return read(_MANUFACTURER_ID) == 0x5449 and read(_DIE_ID) >> 4 == 0x226

    def configured(self) -> bool:
        return self._registers.read(_CONFIG) == _CONFIG_VALUE and self._last_us is not None

    def configure(self, over_current_ma: int, over_voltage_mv: int) -> None:
        """Calibration and limits; then start converting. Clears the energy count."""
        # CAL = 0.00512 / (CURRENT_LSB * R) with the LSB in A and R in ohm (7.5).
        divisor = self._full_scale_ma * self._shunt_uohm
        self._registers.write(_CALIBRATION, 5_120_000 * 32_768 // divisor)
        self.set_limits(over_current_ma, over_voltage_mv)
        self._registers.write(_CONFIG, _CONFIG_VALUE)
        self._energy = 0
        self._last_us = self._clock.us()

    def set_limits(self, over_current_ma: int, over_voltage_mv: int) -> None:
        """The chip has one alert function at a time: over-current has it."""
        limit = over_current_ma * self._shunt_uohm // 2500  # 2.5 uV a step
        self._registers.write(_ALERT_LIMIT, min(limit, 0x7FFF))
        self._registers.write(_MASK_ENABLE, _SHUNT_OVER | _LATCH)

    def read_bus_mv(self) -> int:
        return self._registers.read(_BUS) * 5 >> 2  # 1.25 mV a step

    def read_current_ma(self) -> int:
        return (signed(self._registers.read(_CURRENT), 16) * self._full_scale_ma + 16_384) >> 15

    def read_power_mw(self) -> int:
        return self._registers.read(_POWER) * 25 * self._full_scale_ma >> 15

    def read_energy(self) -> int:
        power = self._registers.read(_POWER)
        now = self._clock.us()
        elapsed, self._last_us = now - self._last_us, now
        if elapsed <= GAP_US:
            self._energy += power * elapsed
        return self._energy

    def read_charge_uc(self) -> None:
        return None

    def shunt_error(self) -> "tuple[int, int]":
        """Most that the current is off by, besides the shunt: in ppm, and in uA."""
        ppm, nanovolts = self._SHUNT_ERROR
        return ppm, nanovolts * 1_000 // self._shunt_uohm

    def read_alerts(self) -> int:
        return ALERT_OVER_CURRENT if self._registers.read(_MASK_ENABLE) & _ALERT_FLAG else 0


__all__ = ("ALERT_OVER_CURRENT", "ALERT_OVER_VOLTAGE", "GAP_US", "INA226")
