"""Edges of the pins that must not wait for the next look, as a wait that they cut short."""

import asyncio

from board import PINS
from machine import Pin


class Edges:
    """Calls back from a soft interrupt, and wakes whoever is in `pause`."""

    def __init__(self) -> None:
        self._flag = asyncio.ThreadSafeFlag()
        self._pins = []

    def watch(self, net: str, trigger: int, handler: object = None) -> None:
        """Wake at these edges of the net; `handler(net)`, if given, is called first."""

        def moved(_pin: Pin) -> None:
            if handler is not None:
                handler(net)
            self._flag.set()

        pin = Pin(PINS[net], Pin.IN)
        pin.irq(moved, trigger)
        self._pins.append(pin)

    async def pause(self, ms: int) -> None:
        """Wait that long, or until an edge."""
        try:
            await asyncio.wait_for_ms(self._flag.wait(), ms)
        except TimeoutError:
            pass


FALLING = Pin.IRQ_FALLING
RISING = Pin.IRQ_RISING
