"""A small world for the services: clock, flash that can lose its power, rail, monitors.

Runs on CPython and MicroPython; the numbers are drawn from an own generator, so that a seed
means the same on both.
"""

from racklet_base.services.eventlog import EventLog
from racklet_base.services.payloads import Payloads
from racklet_bmc.services.hotplug import Hotplug
from racklet_bmc.services.power import Power
from racklet_bmc.services.rail import Rail
from racklet_bmc.services.settings import Settings
from racklet_bmc.services.store import Store
from tests.fakes.fake_clock import FakeClock

SECTOR, PAGE = 4096, 256


class Random:
    """xorshift32."""

    def __init__(self, seed: int) -> None:
        self._state = seed * 2_654_435_761 % (1 << 32) or 1

    def below(self, bound: int) -> int:
        word = self._state
        word ^= word << 13 & 0xFFFFFFFF
        word ^= word >> 17
        word ^= word << 5 & 0xFFFFFFFF
        self._state = word
        return word % bound


class PowerCut(Exception):
    pass


class RamFlash:
    """NOR flash: bits go from 1 to 0 within a page, an erase sets a sector.

    `cut_at` is the number of the operation (from 0) during which the power goes, `permille`
    how far that operation had got. A torn page has some of its bits; 5 % of those are weak:
    they read now so, now so, until the same bit is programmed again or the sector erased.
    """

    def __init__(self, sectors: int, seed: int = 1) -> None:
        self.size = sectors * SECTOR
        self.data = bytearray(b"\xff" * self.size)
        self.weak = {}  # offset -> mask of bits that read either way
        self.operations = 0
        self.erases = 0
        self.reads = 0
        self.cut_at = None
        self.permille = 500
        self._random = Random(seed)

    def copy(self) -> "RamFlash":
        """What a restart at this moment would find."""
        other = RamFlash(self.size // SECTOR)
        other.data[:] = self.data
        return other

    def read(self, offset: int, buffer: bytearray) -> None:
        assert offset >= 0 and offset + len(buffer) <= self.size
        self.reads += 1
        buffer[:] = self.data[offset : offset + len(buffer)]
        for at, mask in self.weak.items():
            if offset <= at < offset + len(buffer):
                buffer[at - offset] ^= mask & self._random.below(256)

    def program(self, offset: int, data: bytes) -> None:
        assert offset % PAGE + len(data) <= PAGE, "crosses a page"
        cut = self._operation()
        for at, byte in enumerate(data, offset):
            pending = self.data[at] & ~byte & 0xFF
            if cut:
                pending, weak = self._torn(pending)
                self.data[at] &= ~pending & 0xFF
                if weak:
                    self.weak[at] = self.weak.get(at, 0) | weak
            else:
                self.data[at] &= byte
                if at in self.weak:  # what is programmed to 0 again is firmly 0
                    self.weak[at] &= byte
        if cut:
            raise PowerCut

    def erase(self, offset: int) -> None:
        assert offset % SECTOR == 0
        cut = self._operation()
        self.erases += 1
        for at in range(offset, offset + SECTOR):
            self.weak.pop(at, None)
            if not cut or self.permille > 800:
                self.data[at] = 0xFF
                if cut and self._random.below(100) == 0:
                    self.weak[at] = 1 << self._random.below(8)
            elif self.permille < 300:
                self.data[at] &= self._random.below(256)
            else:
                self.data[at] = self._random.below(256)
        if cut:
            raise PowerCut

    def _operation(self) -> bool:
        cut = self.operations == self.cut_at
        self.operations += 1
        return cut

    def _torn(self, pending: int) -> "tuple[int, int]":
        """The bits that were cleared, and those that are weak: cleared or not."""
        cleared = weak = 0
        for bit in range(8):
            if pending >> bit & 1 and self._random.below(1000) < self.permille:
                if self._random.below(20) == 0:
                    weak |= 1 << bit
                else:
                    cleared |= 1 << bit
        return cleared, weak


class FakePin:
    def __init__(self, level: int = 0) -> None:
        self.level = level

    def value(self, level: "int | None" = None) -> int:
        if level is not None:
            self.level = level
        return self.level


class FakeMonitor:
    """A power monitor as the services see it; `silent` makes it not answer."""

    energy_modulus = 1 << 40
    energy_num = 25
    energy_den = 256
    energy_survives = True
    BUS_ERROR = (500, 2_500)
    CLOCK_PPM = 5_000

    def __init__(self) -> None:
        self.silent = False
        self.right = True
        self.probes = 0
        self.bus_mv = self.current_ma = self.power_mw = 0
        self.energy = self.charge_uc = 0
        self.alerts = 0
        self.is_configured = False
        self.limits = None

    def see_over_current(self) -> None:
        self.alerts |= 1

    def count_bursts(self) -> None:
        """A millisecond of a regulator that feeds a short circuit: 5 A for 256 us of 96 ms."""
        self.charge_uc += 13

    def _answer(self, value: object) -> object:
        if self.silent:
            raise OSError(5)
        return value

    def shunt_error(self) -> "tuple[int, int]":
        return 500, 200

    def probe(self) -> bool:
        self.probes += 1
        return self._answer(self.right)

    def configured(self) -> bool:
        return self._answer(self.is_configured)

    def configure(self, over_current_ma: int, over_voltage_mv: int) -> None:
        self._answer(None)
        self.limits = over_current_ma, over_voltage_mv
        self.is_configured = True
        self.energy = 0

    def set_limits(self, over_current_ma: int, over_voltage_mv: int) -> None:
        self._answer(None)
        self.limits = over_current_ma, over_voltage_mv

    def lose_power(self) -> None:
        self.is_configured = False
        self.energy = 0

    def read_bus_mv(self) -> int:
        return self._answer(self.bus_mv)

    def read_current_ma(self) -> int:
        return self._answer(self.current_ma)

    def read_power_mw(self) -> int:
        return self._answer(self.power_mw)

    def read_charge_uc(self) -> int:
        return self._answer(self.charge_uc)

    def read_energy(self) -> int:
        return self._answer(self.energy)

    def read_alerts(self) -> int:
        alerts, self.alerts = self.alerts, 0
        return self._answer(alerts)


class FakeEeprom:
    """A FRU EEPROM; `content` None does not answer."""

    def __init__(self, content: "bytes | None") -> None:
        self.content = content

    def read(self, offset: int, length: int) -> bytes:
        if self.content is None:
            raise OSError(5)
        return self.content[offset : offset + length]


# Board area of a worked example of the IPMI FRU format: manufacturer Racklet, serial SN0001.
FRU = bytes.fromhex(
    "01000001000000fe"
    "010500c0c6f0c75261636b6c6574c5424d432d31c6534e30303031c8524b2d424d432d31c0c10097"
)


class FakeRail:
    """The hardware around the rail: latch, eFuse, regulator, discharge, fault pins.

    Stepped in milliseconds. The output rises in 15 ms; off, it falls through the discharge
    resistor (12 ms) or, without it, slowly; a short empties it at once.
    """

    RISE_MS = 15

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.pins = {name: FakePin(0) for name in ("PI_OFF", "SHDN_REQ", "DISCHG")}
        for name in ("PRES_N", "EF_FLT_N", "LOC_ALERT_N"):
            self.pins[name] = FakePin(1)
        self.pins["PG_ALL"] = FakePin(0)
        self.latched = False
        self.sets = 0  # how often the latch was told to set
        self.mv = 0
        self.vin_mv = 12_000
        self.shorted = False
        self.stuck_off = False  # the regulator does not start
        self.fed_mv = 0  # something outside holds the rail up
        self.fault_hook = None  # the soft interrupt of the fault pins
        self.short_hook = None  # current into a short, as the output monitor sees it
        self.stuck_hook = None  # a millisecond of trying to start

    # latch
    def set(self) -> None:
        self.sets += 1
        if not self.pins["PRES_N"].level and self.pins["LOC_ALERT_N"].level:
            self.latched = True

    def clear(self) -> None:
        self.latched = False

    def q(self) -> bool:
        return self.latched

    # adc
    def millivolts(self, net: str) -> int:
        return {"ADC_V5": self.mv, "ADC_VIN": self.vin_mv}[net]

    millivolts_now = millivolts

    def seat(self, seated: bool = True) -> None:
        self.pins["PRES_N"].level = 0 if seated else 1
        if not seated:
            self.latched = False

    def tick(self) -> None:
        """One millisecond."""
        self.clock.now_ms += 1
        if self.latched and self.shorted:
            if self.short_hook is not None:
                self.short_hook()
            self.trip(0)
        elif self.latched and self.stuck_off:
            if self.stuck_hook is not None:
                self.stuck_hook()
        elif self.latched:
            self.mv = min(self.mv + 5_100 // self.RISE_MS, 5_100)
        elif self.pins["DISCHG"].level:
            self.mv = self.mv * 11 // 12
        else:
            self.mv = self.mv * 499 // 500
        if self.shorted:
            self.mv = 0
        self.mv = max(self.mv, self.fed_mv)
        self.pins["PG_ALL"].level = 1 if self.latched and self.mv > 4_700 else 0
        if not self.latched:
            self.pins["EF_FLT_N"].level = 1

    def trip(self, mv: "int | None" = None) -> None:
        """The eFuse pulls its fault pin, and with it the latch."""
        self.pins["EF_FLT_N"].level = 0
        self.latched = False
        if mv is not None:
            self.mv = mv
        if self.fault_hook is not None:
            self.fault_hook()


class Bench:
    """All services around one FakeRail. boot() is a reset of the BMC: the rail stays."""

    def __init__(self, seed: int = 1) -> None:
        self.clock = FakeClock()
        self.hardware = FakeRail(self.clock)
        self.output, self.input = FakeMonitor(), FakeMonitor()
        self.eeprom = FakeEeprom(FRU)
        self.log_flash = RamFlash(4, seed)
        self.store_flash = RamFlash(4, seed + 1)
        self.settings_flash = RamFlash(2, seed + 2)
        self.payload_flash = RamFlash(2, seed + 3)
        self.spoken = []
        self.boot(has_power_returned=True)

    def boot(self, has_power_returned: bool = False) -> None:
        clock, hardware = self.clock, self.hardware
        self.settings = Settings(self.settings_flash)
        self.log = EventLog(self.log_flash, clock)
        self.store = Store(self.store_flash)
        self.payloads = Payloads(self.payload_flash)
        self.rail = Rail(hardware, hardware.pins, hardware)
        self.hotplug = Hotplug(clock, self.settings, self.eeprom, self.log)
        self.power = Power(
            clock,
            self.settings,
            rail=self.rail,
            hotplug=self.hotplug,
            monitors=(self.output, self.input),
            log=self.log,
            store=self.store,
            slot=2,
            last_words=self,
            payloads=self.payloads,
            has_power_returned=has_power_returned,
        )
        hardware.fault_hook = self.power.on_fault_edge
        hardware.short_hook = self.output.see_over_current

    def speak(self, vin_mv: "int | None" = None) -> None:
        """The last words, counted."""
        self.spoken.append(vin_mv)

    def run(self, ms: int) -> None:
        """Let time pass; the power service looks when it wants to."""
        for monitor in (self.output, self.input):
            monitor.energy += monitor.power_mw * ms * monitor.energy_den // monitor.energy_num
        due = 0
        for passed in range(ms):
            self.hardware.tick()
            if passed >= due:
                self.power.step()
                due = passed + self.power.period_ms()
        self.power.step()

    def run_until(self, state: int, limit_ms: int = 10_000) -> int:
        """Milliseconds until the state is reached; AssertionError after the limit."""
        for passed in range(limit_ms):
            if self.power.state == state:
                return passed
            self.run(1)
        raise AssertionError(f"state {self.power.state} instead of {state}")
