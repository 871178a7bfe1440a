"""TI INA228: 20-bit current and power monitor with energy and charge accumulators.

Register map and scales from data sheet SLYS021. Not modelled: conversion noise, the
temperature coefficient of its own errors.
"""

import struct
from collections.abc import Callable
from fractions import Fraction

from ..meter import Meter
from ..thermal import Body
from ..world import US, World
from .conversions import Conversions, Plan
from .errors import PartErrors
from .ideal import IdealReader

CONVERSION_US = (50, 84, 150, 280, 540, 1052, 2074, 4120)
AVERAGES = (1, 4, 16, 64, 128, 256, 512, 1024)
MANUFACTURER, DEVICE = 0x5449, 0x2281
RESET_ADC_CONFIG = 0xFB68

CONFIG, ADC_CONFIG, SHUNT_CAL, SHUNT_TEMPCO, VSHUNT, VBUS, DIETEMP, CURRENT = range(8)
POWER, ENERGY, CHARGE, DIAG_ALRT, SOVL, SUVL, BOVL, BUVL, TEMP_LIMIT, PWR_LIMIT = range(8, 18)

_RESET = {
    CONFIG: 0,
    ADC_CONFIG: RESET_ADC_CONFIG,
    SHUNT_CAL: 0x1000,
    SHUNT_TEMPCO: 0,
    DIAG_ALRT: 0x0001,
    SOVL: 0x7FFF,
    SUVL: 0x8000,
    BOVL: 0x7FFF,
    BUVL: 0,
    TEMP_LIMIT: 0x7FFF,
    PWR_LIMIT: 0xFFFF,
}
_OFF_UV = 60_000_000
_LIMITS = (SOVL, SUVL, BOVL, BUVL, TEMP_LIMIT, PWR_LIMIT)
_MASK = {CONFIG: 0x3FF0, SHUNT_CAL: 0x7FFF, SHUNT_TEMPCO: 0x3FFF, BOVL: 0x7FFF, BUVL: 0x7FFF}

# DIAG_ALRT
ALATCH, CNVR, SLOWALERT, APOL = 0x8000, 0x4000, 0x2000, 0x1000
ENERGYOF, CHARGEOF, MATHOF = 0x0800, 0x0400, 0x0200
TMPOL, SHNTOL, SHNTUL, BUSOL, BUSUL, POL, CNVRF, MEMSTAT = (1 << k for k in range(7, -1, -1))
_FLAGS = TMPOL | SHNTOL | SHNTUL | BUSOL | BUSUL | POL


class Ina228:
    """`meter` is what it measures. `shunt_uohm` the shunt on the board. Local bus device."""

    def __init__(self, world: World, meter: Meter, shunt_uohm: int, errors: PartErrors) -> None:
        self._world = world
        self.shunt_uohm = shunt_uohm
        self.errors = errors
        self.absent = False
        self.die: Body | None = None
        self.device_id = DEVICE
        self.stuck: int | None = None  # every register reads so
        self.on_alert: Callable[[], None] = lambda: None
        self._conversions = Conversions(world, meter, self._round, self._compare)
        self._conversions.clock_ppm = errors.clock_ppm
        self._registers = dict(_RESET)
        self._wide: dict[int, Callable[[], bytes]] = {
            VSHUNT: lambda: self._signed24(self._shunt_code()),
            VBUS: lambda: (self._bus_code() << 4).to_bytes(3, "big"),
            CURRENT: lambda: self._signed24(self._current_code()),
            POWER: lambda: min(self._power_code(), 0xFFFFFF).to_bytes(3, "big"),
            ENERGY: self._read_energy,
            CHARGE: self._read_charge,
        }
        self._pointer = 0
        self._flags = 0
        self._energy = 0.0
        self._charge = 0.0
        self._off_uv = 0
        self.ideal = IdealReader(self)
        self._conversions.stop()

    # --- power and bus -----------------------------------------------------------

    def power(self, on: bool) -> None:
        if on:
            self._reset()
        else:
            self._conversions.stop()

    @property
    def round_ns(self) -> int:
        """One round of conversions by the chip's nominal clock."""
        return self._conversions.plan.round_ns

    def perfect(self) -> None:
        """Take away what this specimen is off by; only how it samples is left."""
        self.errors = PartErrors()
        self._conversions.clock_ppm = 0

    def break_down(self, fault: str) -> None:
        """absent, stuck (every register reads FF), wrong (another chip's id), off (60 V too
        high) or ok."""
        self.absent = fault == "absent"
        self.stuck = (1 << 40) - 1 if fault == "stuck" else None
        self.device_id = 0x2380 if fault == "wrong" else DEVICE
        self._conversions.catch_up()
        self._off_uv = _OFF_UV if fault == "off" else 0

    def preload(self, energy: int, charge: int) -> None:
        """Set the accumulators, in their own LSB: near a wrap, say."""
        self._conversions.catch_up()
        self.ideal.cleared(energy)
        self._energy, self._charge = float(energy), float(charge)

    @property
    def counts(self) -> int:
        """ENERGY as it would be without an end to its bits."""
        self._conversions.catch_up()
        return int(self._energy)

    @property
    def calibration(self) -> Fraction:
        """SHUNT_CAL, in the large range: four times that in the small one means the same."""
        return Fraction(self._registers[SHUNT_CAL], 4 if self._registers[CONFIG] & 0x10 else 1)

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
        data = self._load(self._pointer) if self.stuck is None else self.stuck.to_bytes(5, "big")
        return (data + b"\xff" * count)[:count]

    @property
    def alert_n(self) -> int:
        """The open-drain ALERT pin: active low unless APOL says otherwise."""
        diag = self._registers[DIAG_ALRT]
        active = bool(self._flags & _FLAGS) or bool(diag & CNVR and self._flags & CNVRF)
        return int(active == bool(diag & APOL))

    # --- registers ---------------------------------------------------------------

    def _reset(self) -> None:
        self.ideal.cleared(None)
        self._registers = dict(_RESET)
        self._flags = 0
        self._energy = self._charge = 0.0
        self._conversions.results = type(self._conversions.results)()
        self._arm()
        self._restart()

    def _store(self, register: int, value: int) -> None:
        self._conversions.catch_up()
        if register == CONFIG:
            if value & 0x8000:
                self._reset()
                return
            if value & 0x4000:
                self.ideal.cleared(0)
                self._energy = self._charge = 0.0
                self._flags &= ~(ENERGYOF | CHARGEOF)
        if register not in self._registers:
            return
        if register == DIAG_ALRT:
            value &= 0xF000
        self._registers[register] = value & _MASK.get(register, 0xFFFF)
        if register in (CONFIG, ADC_CONFIG):
            self._restart()
        self._arm()
        self._compare()

    def _load(self, register: int) -> bytes:
        self._conversions.catch_up()
        if (wide := self._wide.get(register)) is not None:
            return wide()
        if register == DIAG_ALRT:
            return self._read_diag()
        ids = {0x3E: MANUFACTURER, 0x3F: self.device_id, DIETEMP: self._die_code()}
        value = self._registers.get(register, ids.get(register, 0))
        return value.to_bytes(2, "big")

    def _read_energy(self) -> bytes:
        self._flags &= ~ENERGYOF
        return (int(self._energy) % 2**40).to_bytes(5, "big")

    def _read_charge(self) -> bytes:
        self._flags &= ~CHARGEOF
        return (int(self._charge) % 2**40).to_bytes(5, "big")

    def _read_diag(self) -> bytes:
        value = self._registers[DIAG_ALRT] & 0xF000 | self._flags & 0x0FFE | MEMSTAT
        self._flags &= ~CNVRF
        if self._registers[DIAG_ALRT] & ALATCH:
            self._flags &= ~_FLAGS
            self._compare()
        self.on_alert()
        return value.to_bytes(2, "big")

    # --- conversions ---------------------------------------------------------------

    def _restart(self) -> None:
        word = self._registers[ADC_CONFIG]
        mode = word >> 12

        def window(channel: int, shift: int) -> int:
            return CONVERSION_US[word >> shift & 7] * US if mode & channel else 0

        self._conversions.start(
            Plan(
                shunt_ns=window(2, 6),
                bus_ns=window(1, 9),
                temperature_ns=window(4, 3),
                average=AVERAGES[word & 7],
                continuous=mode >= 8,
                delay_ns=(self._registers[CONFIG] >> 6 & 0xFF) * 2_000 * US,
            )
        )

    def _round(self, current_ua: float, bus_uv: float, count: int) -> None:
        """Energy and charge grow with every round; averaging does not apply to them."""
        plan = self._conversions.plan
        if not (plan.shunt_ns and plan.bus_ns):
            return
        current = self._current_code(current_ua)
        power = self._power_of(current, self._bus_code(bus_uv))
        seconds = plan.round_ns * count / 1e9  # the chip's own idea of it
        energy = self._energy + power * seconds / 16
        charge = self._charge + current * seconds
        if int(energy) >> 40 != int(self._energy) >> 40:
            self._flags |= ENERGYOF
        if (int(charge) + 2**39) >> 40 != (int(self._charge) + 2**39) >> 40:
            self._flags |= CHARGEOF
        self._energy, self._charge = energy, charge

    @property
    def _warmth_k(self) -> float:
        """Above 25 C."""
        return 0.0 if self.die is None else self.die.mc / 1000 - 25

    @property
    def _compensation(self) -> float:
        """With TEMPCOMP the chip takes the shunt to be so much larger than at 25 C."""
        if not self._registers[CONFIG] & 0x20:
            return 1.0
        return 1 + self._registers[SHUNT_TEMPCO] * 1e-6 * self._warmth_k

    @property
    def _shunt_lsb_nv(self) -> float:
        return 78.125 if self._registers[CONFIG] & 0x10 else 312.5

    def _shunt_code(self, current_ua: float | None = None) -> int:
        """VSHUNT in its own LSB, 20 bits signed."""
        i = self._conversions.results.current_ua if current_ua is None else current_ua
        e = self.errors
        gain = 1 + (e.shunt_gain_ppm + e.shunt_tempco_ppm * self._warmth_k) / 1e6
        uv = i * self.shunt_uohm / 1e6 * gain
        if self._conversions.results.rounds or current_ua is not None:
            uv += e.shunt_offset_uv
        return max(min(round(uv * 1000 / self._shunt_lsb_nv), 0x7FFFF), -0x80000)

    def _bus_code(self, bus_uv: float | None = None) -> int:
        """VBUS in steps of 195.3125 uV, 20 bits, never negative."""
        v = self._conversions.results.bus_uv if bus_uv is None else bus_uv
        e = self.errors
        if self._conversions.results.rounds or bus_uv is not None:
            v = v * (1 + e.bus_gain_ppm / 1e6) + e.bus_offset_uv + self._off_uv
        return max(min(round(v / 195.3125), 0x7FFFF), 0)

    def _current_code(self, current_ua: float | None = None) -> int:
        """CURRENT = VSHUNT * 4096 / SHUNT_CAL in either range; 0 while SHUNT_CAL is 0.

        From SHUNT_CAL = 13107.2e6 * CURRENT_LSB * R_shunt (four times that in the small range).
        """
        if not (cal := self._registers[SHUNT_CAL]):
            return 0
        code = round(self._shunt_code(current_ua) * 4096 / cal / self._compensation)
        return max(min(code, 0x7FFFF), -0x80000)

    def _power_code(self) -> int:
        return round(self._power_of(self._current_code(), self._bus_code()))

    @staticmethod
    def _power_of(current: int, bus: int) -> float:
        """POWER in steps of 3.2 * CURRENT_LSB: |I| * V / 3.2, magnitude only."""
        return abs(current) * bus * 195.3125e-6 / 3.2

    def _die_code(self) -> int:
        mc = self.die.mc if self.die is not None else 25_000
        return round(mc / 7.8125) & 0xFFFF

    # --- alerts ----------------------------------------------------------------------

    def _arm(self) -> None:
        """Results need looking at by themselves only while a limit or CNVR asks for it."""
        r = self._registers
        self._conversions.every_round = bool(r[DIAG_ALRT] & CNVR)
        self._conversions.every_conversion = not r[DIAG_ALRT] & SLOWALERT
        self._conversions.alerting = self._conversions.every_round or any(
            r[limit] != _RESET[limit] for limit in _LIMITS
        )
        self._conversions.watch()

    def _compare(self) -> None:
        r = self._registers

        def signed(word: int) -> int:
            return word - 0x10000 if word & 0x8000 else word

        current_ua, bus_uv = self._compared
        lsb_uv = 1.25 if r[CONFIG] & 0x10 else 5.0
        shunt_uv = self._shunt_code(current_ua) * self._shunt_lsb_nv / 1000
        bus = self._bus_code(bus_uv) / 16  # limits count 3.125 mV
        power = self._power_of(self._current_code(current_ua), self._bus_code(bus_uv))
        found = 0
        if shunt_uv > signed(r[SOVL]) * lsb_uv:
            found |= SHNTOL
        if shunt_uv < signed(r[SUVL]) * lsb_uv:
            found |= SHNTUL
        if bus > r[BOVL]:
            found |= BUSOL
        if bus < r[BUVL]:
            found |= BUSUL
        if power / 256 > r[PWR_LIMIT]:
            found |= POL
        if signed(self._die_code()) > signed(r[TEMP_LIMIT]):
            found |= TMPOL
        kept = self._flags & _FLAGS if r[DIAG_ALRT] & ALATCH else 0
        flags = self._flags & ~_FLAGS | found | kept
        if self._conversions.results.done:
            self._conversions.results.done = False
            flags |= CNVRF
        if flags != self._flags:
            self._flags = flags
            self.on_alert()

    @property
    def _compared(self) -> tuple[float, float]:
        """Limits look at every conversion, with SLOWALERT at the averages."""
        results = self._conversions.results
        if self._registers[DIAG_ALRT] & SLOWALERT:
            return results.current_ua, results.bus_uv
        return results.last_ua, results.last_uv

    @staticmethod
    def _signed24(code: int) -> bytes:
        return struct.pack(">i", code << 12)[:3]
