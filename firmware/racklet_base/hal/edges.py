"""Waits that an interrupt cuts short, and the pins whose edges do that."""

import asyncio

from board import PINS
from machine import Pin

FALLING = Pin.IRQ_FALLING
RISING = Pin.IRQ_RISING


class Wake:
    """`set` may be called from an interrupt; it ends the `pause` of the one task that is in it."""

    def __init__(self) -> None:
        self._flag = asyncio.ThreadSafeFlag()
        self.set = self._flag.set  # bound once: an interrupt must not allocate

    async def pause(self, ms: int) -> None:
        """Wait that long, or until `set`."""
        try:
            await asyncio.wait_for_ms(self._flag.wait(), ms)
        except asyncio.TimeoutError:
            pass


def watch(net: str, trigger: int, handler: "callable") -> None:
    """At these edges of the net call `handler(pin)`, soon after and outside of the interrupt."""
    Pin(PINS[net], Pin.IN).irq(handler, trigger)
