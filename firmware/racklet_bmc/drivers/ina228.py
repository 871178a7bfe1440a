"""TI INA228: 20-bit power monitor that counts energy by itself (data sheet SLYS021A, section 7.6).

The interface of every power monitor here (ina226.py has the same):

    probe()                    is this the right chip? OSError when nothing answers
    configure(limits)          write every register that matters; the energy count goes to zero
    configured()               does it still hold what configure() wrote? False after a power loss
    read_bus_mv(), read_current_ma(), read_power_mw()
    read_energy()              a count that wraps at `energy_modulus`
    energy_num / energy_den    microjoules of one count, as a fraction
    energy_survives            whether the count lives on while the BMC resets
    read_charge_uc()           microcoulombs that have flowed, None when the chip counts none
    read_alerts()              which alert limits tripped since the last call (clears them)
    BUS_ERROR, shunt_error()   how far off a specimen may be: (ppm of the reading, uV or uA)
    CLOCK_PPM                  how far off the time is by which it counts energy

Integers in mV, mA and mW. Power is the magnitude: a current flowing backwards counts up too.
"""

from racklet_base.compiled import const

from .registers import Registers, signed

ALERT_OVER_CURRENT = 1
ALERT_OVER_VOLTAGE = 2

_CONFIG = const(0x00)
_ADC_CONFIG = const(0x01)
_SHUNT_CAL = const(0x02)
_SHUNT_TEMPCO = const(0x03)
_VBUS = const(0x05)
_CURRENT = const(0x07)
_POWER = const(0x08)
_ENERGY = const(0x09)
_CHARGE = const(0x0A)
_DIAG_ALRT = const(0x0B)
_SOVL = const(0x0C)
_SUVL = const(0x0D)
_BOVL = const(0x0E)
_BUVL = const(0x0F)
_TEMP_LIMIT = const(0x10)
_PWR_LIMIT = const(0x11)
_MANUFACTURER_ID = const(0x3E)
_DEVICE_ID = const(0x3F)

_RSTACC = const(1 << 14)
_TEMPCOMP = const(1 << 5)
_ADCRANGE_40MV = const(1 << 4)

# Mode B: bus and shunt in turn, without temperature, so that the shunt is looked at 95 % of
# the time (bus 50 us, shunt 1052 us). Averages of 4 pass to the results every 4.4 ms, soon
# enough for ALERT to come before a sagging rail; the energy count takes every conversion. The
# value differs from that at power-on (FB68), which is how a chip that lost its power is told
# apart: SHUNT_CAL may well equal its default.
_ADC_CONFIG_VALUE = const(0xB << 12 | 0 << 9 | 5 << 6 | 0 << 3 | 1)

_ALATCH = const(1 << 15)  # keep the flags until DIAG_ALRT is read
_FLAG_SHUNT_OVER = const(1 << 6)
_FLAG_BUS_OVER = const(1 << 4)


class INA228:
    """One INA228 with its shunt; the full scale chooses range and resolution.

    `shunt_ppm_k` is how much the shunt grows with warmth, where that is known: the chip corrects
    for it by its own temperature.
    """

    # Most that a specimen is off by (data sheet, section 6.5): gain in ppm and offset in uV of
    # the bus; gain in ppm and offset in nV of the shunt voltage; its clock.
    BUS_ERROR = (500, 2_500)
    _SHUNT_ERROR = (500, 1_000)
    CLOCK_PPM = 5_000

    energy_modulus = 1 << 40
    energy_survives = True

    def __init__(
        self, i2c: object, address: int, shunt_uohm: int, full_scale_ma: int, shunt_ppm_k: int = 0
    ) -> None:
        self._registers = Registers(i2c, address)
        self._shunt_uohm = shunt_uohm
        self._shunt_ppm_k = shunt_ppm_k
        # The shunt's full scale in nV decides between +-40.96 mV and +-163.84 mV.
        self._small_range = shunt_uohm * full_scale_ma <= 40_960_000
        self._full_scale_ma = full_scale_ma  # CURRENT_LSB = full scale / 2^19 (8.1.2)
        # ENERGY_LSB = 16 * 3.2 * CURRENT_LSB joules; in uJ that is full_scale_ma * 25 / 256.
        self.energy_num = full_scale_ma * 25
        self.energy_den = 256

    def probe(self) -> bool:
        """Manufacturer "TI" and die 228; the low four bits are the revision."""
        read = self._registers.read
        return read(_MANUFACTURER_ID) == 0x5449 and read(_DEVICE_ID) >> 4 == 0x228

    def configured(self) -> bool:
        return self._registers.read(_ADC_CONFIG) == _ADC_CONFIG_VALUE

    def configure(self, over_current_ma: int, over_voltage_mv: int) -> None:
        """Range, calibration, alert limits; then start converting. Clears the energy count.

        ALERT carries over-current and over-voltage only, because it trips the latch. The
        other limits are set to where nothing reaches them. ADC_CONFIG comes last: it is the
        mark that all of this was done.
        """
        write = self._registers.write
        scale = 4 if self._small_range else 1
        # SHUNT_CAL = 13107.2e6 * CURRENT_LSB * R, times four in the small range (8.1.2).
        calibration = self._full_scale_ma * self._shunt_uohm * scale // 40_000
        config = _ADCRANGE_40MV if self._small_range else 0
        if self._shunt_ppm_k:
            config |= _TEMPCOMP
        write(_CONFIG, _RSTACC | config)
        write(_SHUNT_CAL, calibration)
        write(_SHUNT_TEMPCO, self._shunt_ppm_k)
        self.set_limits(over_current_ma, over_voltage_mv)
        write(_ADC_CONFIG, _ADC_CONFIG_VALUE)

    def set_limits(self, over_current_ma: int, over_voltage_mv: int) -> None:
        """Alert limits; values beyond the register's range are clipped to it."""
        write = self._registers.write
        shunt_lsb_pv = 1_250_000 if self._small_range else 5_000_000
        write(_SOVL, min(over_current_ma * self._shunt_uohm * 1000 // shunt_lsb_pv, 0x7FFF))
        write(_SUVL, 0x8000)
        write(_BOVL, min(over_voltage_mv * 1000 // 3125, 0x7FFF))
        write(_BUVL, 0)
        write(_TEMP_LIMIT, 0x7FFF)
        write(_PWR_LIMIT, 0xFFFF)
        write(_DIAG_ALRT, _ALATCH)

    def read_bus_mv(self) -> int:
        # 195.3125 uV a step, the value sits in the upper 20 of 24 bits.
        return (self._registers.read(_VBUS, 3) >> 4) * 25 >> 7

    def read_current_ma(self) -> int:
        current = signed(self._registers.read(_CURRENT, 3), 24) >> 4
        return (current * self._full_scale_ma + (1 << 18)) >> 19

    def read_power_mw(self) -> int:
        # POWER_LSB = 3.2 * CURRENT_LSB.
        return self._registers.read(_POWER, 3) * self._full_scale_ma * 2 // (5 << 16)

    def read_energy(self) -> int:
        return self._registers.read(_ENERGY, 5)

    def read_charge_uc(self) -> "int | None":
        """Since the energy count was cleared, less what flowed back. It wraps at +-2^39 counts of
        CURRENT_LSB: after 12 days at full scale."""
        counts = signed(self._registers.read(_CHARGE, 5), 40)
        return counts * self._full_scale_ma * 1_000 >> 19

    def shunt_error(self) -> "tuple[int, int]":
        """Most that the current is off by, besides the shunt: in ppm, and in uA."""
        ppm, nanovolts = self._SHUNT_ERROR
        return ppm, nanovolts * 1_000 // self._shunt_uohm

    def read_alerts(self) -> int:
        flags = self._registers.read(_DIAG_ALRT)
        return (ALERT_OVER_CURRENT if flags & _FLAG_SHUNT_OVER else 0) | (
            ALERT_OVER_VOLTAGE if flags & _FLAG_BUS_OVER else 0
        )
