"""PIO's registers on the bus: an instruction forced by the CPU moves its pins at once.

rp2040py looks at the pins after a step of a state machine only, so that one which waits would
keep what was forced upon it to itself. And what the CPU writes wakes machines that do nothing but
jump to where they are.
"""

from typing import Any

from .engine_patches import PARKED


class PioRegisters:
    """Stands on the bus for one of the emulator's PIO blocks."""

    def __init__(self, pio: Any) -> None:
        self._pio = pio

    def read_uint32(self, offset: int) -> int:
        return int(self._pio.read_uint32(offset))

    def _wake(self) -> None:
        for machine in self._pio.machines:
            if machine.next_due_fp >= PARKED:
                machine.next_due_fp = self._pio.cycle_fp
        self._pio.recompute_due()

    def write_uint32(self, offset: int, value: int) -> None:
        self._wake()
        self._pio.write_uint32(offset, value)
        self._pio.check_changed_pins()

    def write_uint32_atomic(self, offset: int, value: int, kind: int) -> None:
        self._wake()
        self._pio.write_uint32_atomic(offset, value, kind)
        self._pio.check_changed_pins()

    def reset(self) -> None:
        self._pio.reset()
