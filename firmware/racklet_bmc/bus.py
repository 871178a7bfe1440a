"""What the application shows on the bus: every family of handlers over its service.

Forgotten, like `assembly`, when all is built.
"""

import recorder
from racklet_base.handlers.dispatcher import Dispatcher
from racklet_base.handlers.images import Images
from racklet_base.handlers.log import Log
from racklet_wire import blocks

from . import release
from .handlers.console import Console
from .handlers.energy import Energy
from .handlers.factory import FactoryReset
from .handlers.hotplug import Hotplug
from .handlers.limits import Limits
from .handlers.measure import Measure
from .handlers.post import Post
from .handlers.power import Power
from .handlers.telemetry import Telemetry
from .handlers.waveform import Waveform
from .services.post import Post as Report

_FEATURES = (
    blocks.FEATURE_IMAGES
    | blocks.FEATURE_LOG
    | blocks.FEATURE_CONSOLE
    | blocks.FEATURE_SETTINGS
    | blocks.FEATURE_ENERGY
    | blocks.FEATURE_WAVEFORM
)

# Name of a self-test -> the part that must answer and be the right one.
_PARTS = {
    "output monitor": "output",
    "input monitor": "input",
    "temperature sensor": "board",
    "fru eeprom": "fru",
}


def self_test(bmc: object) -> Report:
    """Ask every part whether it is there and the right one."""
    report = Report(bmc.clock, blocks.SELF_TESTS)
    for test, part in _PARTS.items():
        try:
            passed = bmc.parts[part].probe()
        except OSError:
            passed = False
        report.report(test, passed)
    report.report("settings", not bmc.settings.damaged)
    report.report("slot straps", bmc.slot != 0)
    return report


def dispatcher(bmc: object) -> Dispatcher:
    """All families, joined; `bmc` is the application."""
    registers, clock, generation = bmc.registers, bmc.clock, bmc.log.generation
    power = Power(registers, bmc.power, clock, generation)
    sensors = Telemetry(registers, bmc.telemetry)
    families = [
        power,
        bmc.base.identity(release.version(), release.BUILD, _FEATURES),
        bmc.base.boot,
        sensors,
        Energy(registers, bmc.energy, generation),
        Measure(registers, bmc.telemetry, bmc.power.power_ons, bmc.calibrations, bmc.adc.errors),
        Hotplug(registers, bmc.hotplug, bmc.slot, generation, bmc.unique_id),
        Limits(registers, bmc.settings),
        Log(registers, bmc.log, clock),
        Images(registers, bmc.images, generation),
        Console(registers, bmc.console),
        Post(registers, bmc.self_test, generation),
        FactoryReset(bmc.factory, generation),
        Waveform(registers, bmc.recorder, bmc.adc.scales, recorder.FRAME_US, generation),
    ]
    return Dispatcher(registers, families, [power, sensors], clock, bmc.on_round)
