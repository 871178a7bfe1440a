"""The management bus behind one interface: whole transactions in, bytes read out.

`open_bus("virtual:PATH")` and `open_bus("i2c:/dev/i2c-N")` give a `Bus`; `Target` talks
SMBus with PEC to one address of it. Errors are the `BusError` branch of `racklet.errors`.
"""

from racklet.bus.base import Bus, Clock, Message, Read, Write
from racklet.bus.smbus import Patience, Target
from racklet.bus.specs import open_bus

__all__ = ["Bus", "Clock", "Message", "Patience", "Read", "Target", "Write", "open_bus"]
