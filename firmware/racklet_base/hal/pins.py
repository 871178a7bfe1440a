"""The board's nets as pins, the enable latch, and the slot straps."""

from board import PINS
from machine import Pin

_STRAPS = ("SLOT0", "SLOT1", "SLOT2", "SLOT3")


def input_pin(net: str) -> Pin:
    """An input with an external pull; nets that float at reset have one on the board."""
    return Pin(PINS[net], Pin.IN)


def output_pin(net: str, value: int = 0) -> Pin:
    return Pin(PINS[net], Pin.OUT, value=value)


def rail() -> "tuple[bool, bool]":
    """(enable latch set, power good), looked at without touching anything."""
    return bool(input_pin("LATCH_Q").value()), bool(input_pin("PG_ALL").value())


def read_slot() -> int:
    """The slot number from the backplane straps; 15 means that there is no backplane.

    The pull-ups are on only while sampled, so that grounded straps draw nothing.
    """
    slot = 0
    for bit, net in enumerate(_STRAPS):
        pin = Pin(PINS[net], Pin.IN, Pin.PULL_UP)
        slot |= pin.value() << bit
        Pin(PINS[net], Pin.IN, Pin.PULL_DOWN)
    return slot


class Latch:
    """The set/clear latch outside the chip that holds the rail's enable.

    It keeps its state while the BMC is in reset; the clear line belongs to the protection.
    """

    def __init__(self, protection) -> None:
        self._protection = protection
        self._set = output_pin("LATCH_SET")
        self._q = input_pin("LATCH_Q")

    def set(self) -> None:
        """Arm the protection, then raise LATCH_SET: the latch takes the rising edge."""
        self._protection.arm()
        self._set.value(1)
        self._set.value(0)

    def clear(self) -> None:
        self._protection.clear()

    def q(self) -> bool:
        return bool(self._q.value())
