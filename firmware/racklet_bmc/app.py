"""The application: every part built once and handed to those that use it.

The only module that knows both the chip and the services. `bmc` is what a person at the REPL
looks at: `bmc.power.state`, `bmc.telemetry.vin_mv`, `bmc.log.last`.
"""

import asyncio
from time import sleep_ms

import board
import protection
import recorder
from racklet_base.hal import chip, edges, pins
from racklet_base.hal.adc import Adc
from racklet_base.hal.buses import compute_console, local_i2c
from racklet_base.services.crash import record_reset
from racklet_base.services.supervisor import Supervisor

from . import bus
from .drivers.at24 import AT24
from .drivers.ina226 import INA226
from .drivers.ina228 import INA228
from .drivers.tmp1075 import TMP1075
from .services.calibration import Calibration
from .services.console import Console
from .services.energy import Energy
from .services.factory import FactoryReset
from .services.hotplug import Hotplug
from .services.housekeeping import Housekeeping
from .services.lastwords import LastWords
from .services.power import Power
from .services.protection import Protection
from .services.rail import Rail
from .services.recorder import Recorder
from .services.settings import Settings
from .services.store import Store
from .services.telemetry import Telemetry

_DRIVERS = {"ina228": INA228, "ina226": INA226}
_INPUTS = ("PRES_N", "PG_ALL", "EF_FLT_N", "LOC_ALERT_N", "PI_OFF")
_OUTPUTS = ("DISCHG", "SHDN_REQ")

# In the order in which they are served, by which the supervisor knows them after a reset.
_SERVED = (
    "power",
    "bus",
    "telemetry",
    "protection",
    "energy",
    "console",
    "housekeeping",
    "factory",
    "images",
    "recorder",
)

# The power monitors' first averages are there after 16 conversions of bus and shunt.
_FIRST_READING_MS = 20


class Bmc:
    """Builds everything, in the order in which the parts need each other."""

    def __init__(self, base: object) -> None:
        """`base` is on the bus already (racklet_base/base.py)."""
        self.base = base
        self.clock = clock = base.clock
        self.slot, self.unique_id = base.slot, base.unique_id
        self.registers, self.engine, self.mover = base.registers, base.engine, base.mover
        self.log, self.images = base.log, base.images
        self.settings = Settings(base.region("settings"))
        self.settings.report(self.log)
        self.store = Store(base.region("energy"))
        self._build_sensors()
        self._build_power()
        self.console = Console(compute_console())
        self.housekeeping = Housekeeping(self.power, (self.log, self.store), self.mover.is_busy)
        button = pins.input_pin("BTN_FACTORY_N")
        self.factory = FactoryReset(clock, button, self.settings, self.log)
        self._take_first_readings()
        self._build_bus()
        self.supervisor = Supervisor(clock, base.watchdog, base.scratch, self.log)
        bitten = chip.reset_cause() == chip.WATCHDOG
        record_reset(self.log, bitten, self.supervisor.culprit(_SERVED))

    def _build_sensors(self) -> None:
        i2c = local_i2c()
        self.parts = parts = {}
        shunts = {}  # by part, how far its resistance may be off, in ppm
        for row in board.DEVICES:
            name, address, driver = row["name"], row["address"], row["driver"]
            if driver == "tmp1075":
                parts[name] = TMP1075(i2c, address)
            elif driver == "at24cs32":
                parts[name] = AT24(i2c, address)
            else:
                shunts[name] = row["shunt_ppm"]
                more = (self.clock if driver == "ina226" else row.get("shunt_ppm_k", 0),)
                facts = (row["shunt_uohm"], row["full_scale_ma"])
                parts[name] = _DRIVERS[driver](i2c, address, *facts, *more)
        self.calibrations = calibrations = (
            Calibration(self.settings, "in", parts["input"], shunts["input"]),
            Calibration(self.settings, "out", parts["output"], shunts["output"]),
        )
        self.telemetry = Telemetry(
            self.clock,
            parts["output"],
            parts["input"],
            parts["board"],
            settings=self.settings,
            calibrations=calibrations,
        )
        self.energy = Energy(
            self.clock,
            self.store,
            output=parts["output"],
            input_=parts["input"],
            limits=board.LIMITS,
            log=self.log,
            calibrations=calibrations,
        )
        self.hotplug = Hotplug(self.clock, self.settings, parts["fru"], self.log)
        self._measuring_since = self.clock.ms()

    def _build_power(self) -> None:
        nets = {net: pins.input_pin(net) for net in _INPUTS}
        nets.update({net: pins.output_pin(net) for net in _OUTPUTS})
        self.power_good = nets["PG_ALL"]
        self._moved = False  # one of them, since the last look in a round of the bus
        self.adc = Adc()
        self.recorder = Recorder(self.clock, recorder)
        self.rail = Rail(pins.Latch(protection), nets, self.adc)
        self.power = power = Power(
            self.clock,
            self.settings,
            rail=self.rail,
            hotplug=self.hotplug,
            monitors=(self.parts["output"], self.parts["input"]),
            log=self.log,
            store=self.store,
            slot=self.slot,
            last_words=LastWords(self.clock, self.energy, self.log),
            telemetry=self.telemetry,
            recorder=self.recorder,
            payloads=self.base.verifier.payloads,
        )
        self.protection = Protection(
            self.clock,
            self.settings,
            telemetry=self.telemetry,
            energy=self.energy,
            power_service=power,
            log=self.log,
            slot=self.slot,
        )
        self.power_wake = wake = edges.Wake()
        for net in ("EF_FLT_N", "LOC_ALERT_N"):
            edges.watch(net, edges.FALLING, wake, self._on_fault_edge)
        both = edges.FALLING | edges.RISING
        edges.watch("PRES_N", both, wake, self._on_presence)
        edges.watch("PG_ALL", both, wake, self._on_power_good)
        edges.watch("PI_OFF", edges.RISING, wake)
        self.recorder_wake = edges.Wake()
        self.recorder.wake = self.recorder_wake.set
        edges.watch("LATCH_Q", edges.RISING, wake, lambda _net: self.recorder.on_latch())

    def _on_presence(self, _net: str) -> None:
        self._moved = True
        self.power.on_presence_edge()

    def _on_power_good(self, _net: str) -> None:
        self._moved = True
        if not self.power_good.value():
            self.recorder.on_edge()

    def _on_fault_edge(self, net: str) -> None:
        self._moved = True
        self.recorder.on_edge()
        self.power.on_fault_edge(net)

    def _take_first_readings(self) -> None:
        """What the bus shows first; mostly the other parts took longer than the monitors."""
        sleep_ms(max(self._measuring_since + _FIRST_READING_MS - self.clock.ms(), 0))
        self.telemetry.step()

    def _build_bus(self) -> None:
        self.alert = pins.output_pin("SMBALERT_DRV")
        self.self_test = bus.self_test(self)
        self.bus = bus.dispatcher(self)
        self.bus.attend = self._attend
        self.power.on_change = self._on_change

    def _on_change(self) -> None:
        """A new state of the rail: shown at once."""
        if not self.bus.is_doing:
            self.bus.is_stale = True
            self.base.bus_wake.set()

    def _attend(self) -> None:
        """An edge of the rail's pins does not wait for the bus's round to end."""
        if self._moved:
            self._moved = False
            self.power.look()

    async def run(self) -> None:
        """Serve until a reset."""
        pauses = {
            "power": self.power_wake.pause,
            "bus": self.base.bus_wake.pause,
            "images": self.images.pause,
            "recorder": self.recorder_wake.pause,
        }
        services = [(name, getattr(self, name), pauses.get(name)) for name in _SERVED]
        await self.base.serve(self.supervisor, services)


bmc = None  # what the REPL looks at


def run(base: object) -> None:
    """Build what is not built yet and serve until a reset, or Ctrl-C at the REPL."""
    global bmc  # noqa: PLW0603 - one board, one application
    if bmc is None:
        bmc = Bmc(base)
    asyncio.new_event_loop()
    asyncio.run(bmc.run())
