"""Time since the start as plain integers that never wrap, and waiting.

`time.ticks_ms` wraps every 12.4 days on the RP2040; `ms()` must be called at least once in
half that time, which every service does within a second.
"""

import time


class Clock:
    def __init__(self) -> None:
        self._last_ms = time.ticks_ms()
        self._ms = 0
        self._last_us = time.ticks_us()
        self._us = 0

    def ms(self) -> int:
        """Milliseconds since the start."""
        now = time.ticks_ms()
        self._ms += time.ticks_diff(now, self._last_ms)
        self._last_ms = now
        return self._ms

    def us(self) -> int:
        """Microseconds for short intervals: right if called at least every 9 minutes."""
        now = time.ticks_us()
        self._us += time.ticks_diff(now, self._last_us)
        self._last_us = now
        return self._us

    async def sleep_ms(self, ms: int) -> None:
        import asyncio  # noqa: PLC0415 - 9 ms, and the first answer waits for this module

        await asyncio.sleep_ms(ms)
