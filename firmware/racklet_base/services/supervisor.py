"""Runs the services, and feeds the watchdog only while every one of them does its rounds.

An exception that a service lets out leaves a crash record in the log; the service stands still
from then on, so the watchdog resets the BMC, at most once in its timeout. The rail stays as it
is, since the firmware adopts what it finds.

Scratch words that survive a watchdog reset tell who is to blame, the service that was overdue or,
if everything hung, the one whose turn it was last, when the watchdog was fed for the last time,
and where the processor stood before it bit.
"""

from racklet_base.compiled import const

from .crash import record_crash

_MAGIC = const(0x5256_0000)  # marks a word as ours; below it the service's number
_LAST = const(0)  # scratch word: the service whose turn it was last
_OVERDUE = const(1)  # scratch word: the service that was overdue
_FED = const(3)  # scratch word: uptime in ms at the last feed
_PC = const(5)  # scratch word: the program counter before the bite; hal/chip.py


class Supervisor:
    """`wdt` has `feed()`; `scratch` is read and written like a list of 32-bit words.

    If a watchdog ended the boot before this one, `fed_ms` is the uptime at its last feed and `pc`
    the program counter before the bite, 0 if no interrupt got through.

    A service that has `is_called()` goes before the others when that is true: the event loop takes
    all that are due in turn, and ten turns take 60 ms on the chip.
    """

    PERIOD_MS = 500

    def __init__(self, clock: object, wdt: object, scratch: object, log: object) -> None:
        self._clock = clock
        self._wdt = wdt
        self._scratch = scratch
        self._log = log
        self.begin()
        self._found = (scratch[_OVERDUE], scratch[_LAST])
        self.fed_ms = scratch[_FED]
        self.pc = scratch[_PC]
        scratch[_LAST] = scratch[_OVERDUE] = scratch[_PC] = 0

    def begin(self) -> None:
        """Nobody is watched: those of before were stopped at the REPL."""
        self._names = []
        self._limits = []
        self._seen_ms = []
        self._urgent = []  # (number, service) of those that can be called

    def watch(self, name: str, limit_ms: int) -> int:
        """From now on `name` has to report at least every `limit_ms`; its number."""
        self._names.append(name)
        self._limits.append(limit_ms)
        self._seen_ms.append(self._clock.ms())
        return len(self._names) - 1

    def report(self, number: int) -> None:
        """It is the turn of this service."""
        self._seen_ms[number] = self._clock.ms()
        self._scratch[_LAST] = _MAGIC | number

    async def serve(self, name: str, service: object, pause: object = None) -> None:
        """Call `service.step()` every `service.period_ms()` for ever.

        `pause`, when given, is an `async pause(ms)` that may end early.
        """
        own = self.watch(name, service.limit_ms)
        if hasattr(service, "is_called"):
            self._urgent.append((own, service))
        pause = pause or self._clock.sleep_ms
        try:
            while True:
                for number, urgent in self._urgent:
                    if number != own and urgent.is_called():
                        self.report(number)
                        urgent.step()
                number = own
                self.report(number)
                service.step()
                await pause(service.period_ms())
        except Exception as error:
            self._limits[number] = -1  # overdue from now on
            self._urgent = []  # or it would crash in the way of every other, too
            record_crash(self._log, error, self._names[number])

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
        self._scratch[_FED] = self._clock.ms() & 0xFFFF_FFFF
        return True

    async def run(self) -> None:
        while True:
            self.feed()
            await self._clock.sleep_ms(self.PERIOD_MS)

    def culprit(self, names: "tuple[str, ...]") -> str:
        """After a watchdog reset: who was overdue, else whose turn it was; "" if unknown.

        `names` are the services in the order in which they are served.
        """
        for word in self._found:
            number = word & 0xFFFF
            if word & 0xFFFF_0000 == _MAGIC and number < len(names):
                return names[number]
        return ""
