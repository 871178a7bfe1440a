"""Waits that an interrupt cuts short, and the pins whose edges do that."""

import asyncio
from asyncio import core

from board import PINS
from machine import Pin

FALLING = Pin.IRQ_FALLING
RISING = Pin.IRQ_RISING


class Wake:
    """`set` may be called from an interrupt; it ends the `pause` of the one task that is in it, or
    the next one, unless `clear` comes before.

    asyncio.wait_for_ms would do, with two tasks and an exception for every pause.
    """

    def __init__(self) -> None:
        self._flag = asyncio.ThreadSafeFlag()
        self.set = self._flag.set  # bound once: an interrupt must not allocate
        self.clear = self._flag.clear
        self._queue = self._sleeper = None

    async def pause(self, ms: int) -> None:
        """Wait that long, or until `set`."""
        if self._queue is not core._task_queue:  # a new event loop
            self._queue = core._task_queue
            asyncio.create_task(self._watch())
        self._sleeper = core.cur_task
        await asyncio.sleep_ms(ms)

    async def _watch(self) -> None:
        """Other tasks run in a pause only: what is not due yet rests in it."""
        while True:
            await self._flag.wait()
            sleeper = self._sleeper
            if core.ticks_diff(sleeper.ph_key, core.ticks()) > 0:
                self._queue.remove(sleeper)
                self._queue.push(sleeper)


def watch(net: str, trigger: int, handler: "callable") -> None:
    """At these edges of the net call `handler(pin)`, soon after and outside of the interrupt."""
    Pin(PINS[net], Pin.IN).irq(handler, trigger)
