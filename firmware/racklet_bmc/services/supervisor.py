"""Feeds the watchdog only while every service does its rounds, and names the one that did not.

Two scratch words that survive a watchdog reset tell what happened: which service reported
last (so a loop that hangs the whole firmware is found), and which one was overdue.
"""

_MAGIC = 0x5256_0000  # "RV" and a service's number
_LAST = 0  # scratch word: the service that reported last
_OVERDUE = 1  # scratch word: the service that was overdue


class Supervisor:
    """`watch(name, limit_ms)` once per service, then `report(name)` in each of its rounds.

    `wdt` has `feed()`; `scratch` is read and written like a list of 32-bit words.
    """

    PERIOD_MS = 500

    def __init__(self, clock: object, wdt: object, scratch: object) -> None:
        self._clock = clock
        self._wdt = wdt
        self._scratch = scratch
        self._names = []
        self._limits = []
        self._seen_ms = []
        self._found = tuple([scratch[word] for word in (_LAST, _OVERDUE)])
        scratch[_LAST] = scratch[_OVERDUE] = 0

    def watch(self, name: str, limit_ms: int) -> None:
        """From now on `name` has to report at least every `limit_ms`."""
        self._names.append(name)
        self._limits.append(limit_ms)
        self._seen_ms.append(self._clock.ms())

    def report(self, name: str) -> None:
        """A service is about to do its round."""
        number = self._names.index(name)
        self._seen_ms[number] = self._clock.ms()
        self._scratch[_LAST] = _MAGIC | number

    def overdue(self) -> "str | None":
        """The first service that has not reported within its limit."""
        now = self._clock.ms()
        for number, seen in enumerate(self._seen_ms):
            if now - seen > self._limits[number]:
                self._scratch[_OVERDUE] = _MAGIC | number
                return self._names[number]
        return None

    def feed(self) -> bool:
        """Feed the watchdog if nobody is overdue; whether it did."""
        if self.overdue() is not None:
            return False
        self._wdt.feed()
        return True

    async def run(self) -> None:
        while True:
            self.feed()
            await self._clock.sleep_ms(self.PERIOD_MS)

    def culprit(self) -> str:
        """After a watchdog reset: who was overdue, else who ran last; "" when nothing is known.

        To be asked when all services are watched again, in the same order as before.
        """
        for word in (self._found[_OVERDUE], self._found[_LAST]):
            number = word & 0xFFFF
            if word & 0xFFFF_0000 == _MAGIC and number < len(self._names):
                return self._names[number]
        return ""
