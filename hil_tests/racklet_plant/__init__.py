"""The one model of the world behind every simulated bench.

Supply, busbar, contacts, latch, eFuse, regulator, power monitors, temperature sensor, FRU
EEPROM, compute unit and SMBus. Python's standard library only. Time is explicit: integer
nanoseconds of a `World`, which only its owner moves. Nothing here knows firmware, wire format
or clients.

Units: uV, uA, ns inside; mV, mA, ms at the controls.
"""

from .errors import Arbitration, ControlError, Nack, PlantError, Timeout
from .rack import Rack, Slot
from .smbus import Read, SmbusModel, Write
from .unit import Unit
from .world import World

__all__ = [
    "Arbitration",
    "ControlError",
    "Nack",
    "PlantError",
    "Rack",
    "Read",
    "Slot",
    "SmbusModel",
    "Timeout",
    "Unit",
    "World",
    "Write",
]
