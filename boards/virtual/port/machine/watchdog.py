"""The watchdog: at most 8,388 ms on an RP2040, and it cannot be stopped."""

from link import link


class WDT:
    def __init__(self, id: int = 0, timeout: int = 5000) -> None:
        if not 1 <= timeout <= 8388:
            raise ValueError("timeout")
        self._timeout = timeout
        self.feed()

    def feed(self) -> None:
        link.call("watchdog", self._timeout)
