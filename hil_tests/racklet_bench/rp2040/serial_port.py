"""The emulated board's serial port as a pseudo-terminal, for unmodified programs."""

import os
import select
import time
import tty

from .bench import EmulatedRack

_STEP_NS = 2_000_000


class SerialPort:
    """`path` is what a program opens; `serve` lets emulated time pass and bytes flow.

    Emulated time is never ahead of the wall clock, which the program goes by: the watchdog would
    bite between two of its lines.
    """

    def __init__(self, rack: EmulatedRack, slot: int) -> None:
        self._rack = rack
        self._slot = slot
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self._slave = slave  # kept open, so that a program may come and go
        self.path = os.ttyname(slave)
        self._ahead_ns = rack.world.now_ns - time.monotonic_ns()  # of emulated time, at the start

    @property
    def now_ns(self) -> int:
        """The board's time."""
        return self._rack.world.now_ns

    def serve(self) -> None:
        """One step: what was typed goes in, time passes, what was printed comes out."""
        chip = self._rack.bmc(self._slot).chip
        if chip is None:
            raise LookupError(f"the BMC in slot {self._slot} has no power")
        ahead_ns = self._rack.world.now_ns - time.monotonic_ns() - self._ahead_ns
        if select.select([self._master], [], [], max(ahead_ns, 0) / 1e9)[0]:
            chip.usb.write(os.read(self._master, 4096))
        self._rack.run_until(self._rack.world.now_ns + _STEP_NS)
        if chip.usb.received:
            os.write(self._master, chip.usb.received)
            chip.usb.received.clear()

    def close(self) -> None:
        os.close(self._master)
        os.close(self._slave)
