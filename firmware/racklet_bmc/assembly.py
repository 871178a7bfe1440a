"""Builds the application: every part once, handed to those that use it.

Forgotten when that is done. With `bus`, the only module that knows both the chip and the
services; what they became together is app.Bmc.
"""

from time import sleep_ms

import board
import protection
import recorder
from racklet_base.hal import chip, edges, pins
from racklet_base.hal.adc import Adc
from racklet_base.hal.buses import compute_console, local_i2c
from racklet_base.services.crash import record_bite
from racklet_base.services.supervisor import Supervisor

from . import bus
from .drivers.at24 import AT24
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

_INPUTS = ("PRES_N", "PG_ALL", "EF_FLT_N", "LOC_ALERT_N", "PI_OFF")
_OUTPUTS = ("DISCHG", "SHDN_REQ")

# The power monitors' first averages are there after 16 conversions of bus and shunt.
_FIRST_READING_MS = 20


def build(bmc: object, served: "tuple[str, ...]") -> None:
    """Give the application its parts, in the order in which they need each other."""
    base, clock, log = bmc.base, bmc.clock, bmc.log
    bmc.settings = Settings(base.region("settings"))
    bmc.settings.report(log)
    bmc.store = Store(base.region("energy"))
    measuring_since = _build_sensors(bmc)
    _build_power(bmc)
    _watch_pins(bmc)
    bmc.console = Console(compute_console())
    bmc.housekeeping = Housekeeping(bmc.power, (log, bmc.store), bmc.mover.is_busy)
    button = pins.input_pin("BTN_FACTORY_N")
    bmc.factory = FactoryReset(clock, button, bmc.settings, log)
    sleep_ms(max(measuring_since + _FIRST_READING_MS - clock.ms(), 0))
    bmc.telemetry.step()  # what the bus shows first
    bmc.alert = pins.output_pin("SMBALERT_DRV")
    bmc.self_test = bus.self_test(bmc)
    bmc.bus = bus.dispatcher(bmc)
    bmc.bus.is_in_the_way = bmc.power.is_called
    bmc.power.on_change = bmc.on_change
    bmc.supervisor = Supervisor(clock, base.watchdog, base.scratch, log)
    if chip.reset_cause() == chip.WATCHDOG:
        record_bite(log, bmc.supervisor, served)


def _monitor(driver: str) -> type:
    """Of the power monitors, only what the board has is loaded."""
    if driver == "ina226":
        from .drivers.ina226 import INA226  # noqa: PLC0415

        return INA226
    from .drivers.ina228 import INA228  # noqa: PLC0415

    return INA228


def _build_sensors(bmc: object) -> int:
    """Since when the monitors measure, in ms."""
    i2c = local_i2c()
    bmc.parts = parts = {}
    shunts = {}  # by part, how far its resistance may be off, in ppm
    for row in board.DEVICES:
        name, address, driver = row["name"], row["address"], row["driver"]
        if driver == "tmp1075":
            parts[name] = TMP1075(i2c, address)
        elif driver == "at24cs32":
            parts[name] = AT24(i2c, address)
        else:
            shunts[name] = row["shunt_ppm"]
            more = (bmc.clock if driver == "ina226" else row.get("shunt_ppm_k", 0),)
            facts = (row["shunt_uohm"], row["full_scale_ma"])
            parts[name] = _monitor(driver)(i2c, address, *facts, *more)
    bmc.calibrations = calibrations = (
        Calibration(bmc.settings, "in", parts["input"], shunts["input"]),
        Calibration(bmc.settings, "out", parts["output"], shunts["output"]),
    )
    bmc.telemetry = Telemetry(
        bmc.clock,
        parts["output"],
        parts["input"],
        parts["board"],
        settings=bmc.settings,
        calibrations=calibrations,
    )
    bmc.energy = Energy(
        bmc.clock,
        bmc.store,
        output=parts["output"],
        input_=parts["input"],
        limits=board.LIMITS,
        log=bmc.log,
        calibrations=calibrations,
    )
    bmc.hotplug = Hotplug(bmc.clock, bmc.settings, parts["fru"], bmc.log)
    return bmc.clock.ms()


def _build_power(bmc: object) -> None:
    nets = {net: pins.input_pin(net) for net in _INPUTS}
    nets.update({net: pins.output_pin(net) for net in _OUTPUTS})
    bmc.adc = Adc()
    bmc.recorder = Recorder(bmc.clock, recorder)
    bmc.rail = Rail(pins.Latch(protection), nets, bmc.adc)
    bmc.power = power = Power(
        bmc.clock,
        bmc.settings,
        rail=bmc.rail,
        hotplug=bmc.hotplug,
        monitors=(bmc.parts["output"], bmc.parts["input"]),
        log=bmc.log,
        store=bmc.store,
        slot=bmc.slot,
        last_words=LastWords(bmc.clock, bmc.energy, bmc.log),
        telemetry=bmc.telemetry,
        recorder=bmc.recorder,
        payloads=bmc.base.verifier.payloads,
        has_power_returned=chip.reset_cause() == chip.POWER_ON,
    )
    bmc.protection = Protection(
        bmc.clock,
        bmc.settings,
        telemetry=bmc.telemetry,
        energy=bmc.energy,
        power_service=power,
        log=bmc.log,
        slot=bmc.slot,
    )


def _watch_pins(bmc: object) -> None:
    bmc.power_wake = edges.Wake()
    bmc.recorder_wake = edges.Wake()
    bmc.recorder.wake = bmc.recorder_wake.set
    both = edges.FALLING | edges.RISING
    for net, trigger, handler in (
        ("EF_FLT_N", edges.FALLING, bmc.on_fault_pin),
        ("LOC_ALERT_N", edges.FALLING, bmc.on_alert_pin),
        ("PRES_N", both, bmc.on_presence),
        ("PG_ALL", both, bmc.on_power_good),
        ("PI_OFF", edges.RISING, bmc.on_halted),
        ("LATCH_Q", edges.RISING, bmc.on_latch),
    ):
        edges.watch(net, trigger, handler)
