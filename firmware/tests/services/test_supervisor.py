# runs on: cpython, micropython
"""The watchdog is fed only while all services come round; who did not is named."""

import asyncio
import unittest

from racklet_base.services.crash import PIECE, record_crash
from racklet_base.services.eventlog import EventLog
from racklet_base.services.supervisor import Supervisor
from racklet_wire import cbor, events
from service_fakes import RamFlash
from tests.fakes.fake_clock import FakeClock

NAMES = ("power", "telemetry", "energy")


class Dog:
    def __init__(self) -> None:
        self.fed = 0

    def feed(self) -> None:
        self.fed += 1


class Stop(BaseException):
    """Ends a service that would run for ever."""


class Service:
    limit_ms = 1_000

    def __init__(self, rounds: int, error: BaseException) -> None:
        self.rounds = rounds
        self.error = error

    def period_ms(self) -> int:
        return 100

    def step(self) -> None:
        self.rounds -= 1
        if self.rounds < 0:
            raise self.error


class Watching(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = FakeClock()
        self.dog = Dog()
        self.scratch = [0] * 6
        self.log = EventLog(RamFlash(3), self.clock)
        self.supervisor = Supervisor(self.clock, self.dog, self.scratch, self.log)
        for name in NAMES:
            self.supervisor.watch(name, 1_000)

    def after_reset(self) -> str:
        return Supervisor(self.clock, self.dog, self.scratch, self.log).culprit(NAMES)

    def test_fed_while_all_report(self) -> None:
        for _ in range(20):
            self.clock.now_ms += 900
            for number in range(3):
                self.supervisor.report(number)
            self.assertTrue(self.supervisor.feed())
        self.assertEqual(self.dog.fed, 20)

    def test_one_overdue_service_starves_the_dog(self) -> None:
        for late in range(3):
            self.setUp()
            self.clock.now_ms += 900
            for number in range(3):
                if number != late:
                    self.supervisor.report(number)
            self.assertTrue(self.supervisor.feed())
            self.clock.now_ms += 101
            self.assertFalse(self.supervisor.feed())
            self.assertEqual(self.after_reset(), NAMES[late])

    def test_if_everything_hangs_the_last_one_is_named(self) -> None:
        self.supervisor.report(0)
        self.supervisor.report(2)
        self.assertEqual(self.after_reset(), "energy")

    def test_other_words_name_nobody(self) -> None:
        for word in (0, 0xFFFFFFFF, 0x52560063, 1):
            self.scratch[0] = self.scratch[1] = word
            self.assertEqual(self.after_reset(), "")

    def test_tells_when_all_was_well(self) -> None:
        self.clock.now_ms = 2**32 + 7_000  # the word has 32 bits
        self.assertTrue(self.reported_by_all())
        self.clock.now_ms += 1_500
        self.assertFalse(self.supervisor.feed())
        after = Supervisor(self.clock, self.dog, self.scratch, self.log)
        self.assertEqual(after.fed_ms, 7_000)

    def test_tells_once_where_the_processor_stood(self) -> None:
        self.scratch[5] = 0x1002_3456
        after = Supervisor(self.clock, self.dog, self.scratch, self.log)
        self.assertEqual(after.pc, 0x1002_3456)
        later = Supervisor(self.clock, self.dog, self.scratch, self.log)
        self.assertEqual(later.pc, 0)

    def reported_by_all(self) -> bool:
        for number in range(3):
            self.supervisor.report(number)
        return self.supervisor.feed()

    def test_names_only_the_run_before(self) -> None:
        self.supervisor.report(1)
        self.assertEqual(self.after_reset(), "telemetry")
        self.assertEqual(self.after_reset(), "")


class Serving(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = FakeClock()
        self.dog = Dog()
        self.log = EventLog(RamFlash(3), self.clock)
        self.supervisor = Supervisor(self.clock, self.dog, [0] * 6, self.log)

    def serve(self, service: Service) -> None:
        asyncio.run(self.supervisor.serve("energy", service))

    def test_rounds_at_the_services_own_pace(self) -> None:
        try:
            self.serve(Service(5, Stop()))
            self.fail("did not run until it was stopped")
        except Stop:
            pass
        self.assertEqual(self.clock.now_ms, 500)
        self.assertTrue(self.supervisor.feed())

    def test_an_exception_is_recorded_and_starves_the_dog(self) -> None:
        self.serve(Service(2, ValueError("the cause")))
        record = cbor.decode(self.log.read(1))
        self.assertEqual((record[events.KIND], record["service"]), (events.CRASH, "energy"))
        self.assertIn("ValueError: the cause", record["text"])
        self.assertFalse(self.supervisor.feed())


class Due:
    """`done` is told of its steps."""

    limit_ms = 1_000

    def __init__(self, name: str, done: list) -> None:
        self.name, self.done = name, done

    def period_ms(self) -> int:
        return 1_000_000

    def step(self) -> None:
        self.done.append(self.name)


class Urgent(Due):
    """A service that is called whenever `calls` has something."""

    def __init__(self, name: str, done: list, error: "BaseException | None" = None) -> None:
        super().__init__(name, done)
        self.error = error
        self.calls = 0

    def is_called(self) -> bool:
        return self.calls > 0

    def step(self) -> None:
        super().step()
        if self.calls:
            self.calls -= 1
            if self.error is not None:
                raise self.error


class Order(unittest.TestCase):
    """Two that can be called, and two that are due."""

    def setUp(self) -> None:
        self.done = []
        self.log = EventLog(RamFlash(3), FakeClock())
        self.supervisor = Supervisor(FakeClock(), Dog(), [0] * 6, self.log)

    def serve(self, *services: Due) -> None:
        async def rest(_ms: int) -> None:
            await asyncio.sleep(3_600)

        async def run() -> None:
            for service in services:
                asyncio.create_task(self.supervisor.serve(service.name, service, rest))
            await asyncio.sleep(0)
            await asyncio.sleep(0)

        asyncio.run(run())

    def services(self, error: "BaseException | None" = None) -> "list[Due]":
        urgent = [Urgent(name, self.done, error) for name in ("power", "bus")]
        return urgent + [Due(name, self.done) for name in ("telemetry", "console")]

    def test_nobody_makes_way_for_who_is_not_called(self) -> None:
        self.serve(*self.services())
        self.assertEqual(self.done, ["power", "bus", "telemetry", "console"])

    def test_who_is_called_goes_before_who_is_due(self) -> None:
        power, bus, telemetry, console = self.services()

        def step() -> None:  # in which a pin moves, and what it did is to be shown
            self.done.append("telemetry")
            power.calls = bus.calls = 1

        telemetry.step = step
        self.serve(power, bus, telemetry, console)
        self.assertEqual(self.done, ["power", "bus", "telemetry", "power", "bus", "console"])

    def test_what_crashes_in_the_way_of_another_is_named_and_called_no_more(self) -> None:
        power, bus, telemetry, console = self.services(ValueError("the cause"))
        telemetry.step = lambda: setattr(power, "calls", 9)
        self.serve(power, bus, telemetry, console, Due("energy", self.done))
        crashes = [cbor.decode(self.log.read(number)) for number in range(1, self.log.last + 1)]
        self.assertEqual({crash["service"] for crash in crashes}, {"power"})
        self.assertEqual(self.done, ["power", "bus", "power", "energy"])
        self.assertEqual(self.supervisor.overdue(), "power")


class CrashRecords(unittest.TestCase):
    def test_a_long_traceback_comes_in_pieces_the_end_first(self) -> None:
        log = EventLog(RamFlash(3), FakeClock())
        try:
            raise ValueError("x" * 400)
        except ValueError as error:
            record_crash(log, error, "power")
        pieces = [cbor.decode(log.read(number)) for number in range(1, log.last + 1)]
        self.assertEqual(len(pieces), pieces[0]["of"])
        text = "".join([piece["text"] for piece in reversed(pieces)])
        self.assertIn("ValueError: " + "x" * 400, text)
        self.assertEqual(len(pieces[0]["text"]), PIECE)


if __name__ == "__main__":
    unittest.main()
