"""Co-simulation: the plant in this process, each BMC a process of real MicroPython.

A BMC runs until its event loop would wait, says until when, and blocks; the plant moves
time to the earliest event or deadline of the whole world and lets that process run on.
Only one of them runs at a time, so a rack is deterministic with a seed, and an idle rack
costs nothing.
"""

from .bmc import FirmwareDoesNotStart
from .rack import VirtualRack

__all__ = ["FirmwareDoesNotStart", "VirtualRack"]
