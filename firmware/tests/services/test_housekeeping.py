# runs on: cpython, micropython
"""Flash is erased ahead of need, but never while the rail is on its way."""

import unittest

from power_case import Seated
from racklet_base.services.eventlog import EventLog
from racklet_bmc.services.housekeeping import Housekeeping
from racklet_wire import events, power
from service_fakes import RamFlash
from tests.fakes.fake_clock import FakeClock


class Kept:
    def __init__(self) -> None:
        self.rounds = 0
        self.full = False

    def maintain(self) -> bool:
        self.rounds += 1
        return self.full


class Rail:
    state = power.OFF
    sag_ms = None


class Turns(unittest.TestCase):
    def setUp(self) -> None:
        self.kept = (Kept(), Kept())
        self.rail = Rail()
        self.bus_is_busy = False
        self.housekeeping = Housekeeping(self.rail, self.kept, lambda: self.bus_is_busy)

    def rounds(self) -> "list[int]":
        return [kept.rounds for kept in self.kept]

    def test_one_sector_in_a_step_and_the_log_first(self) -> None:
        steps = ((False, False), [1, 1]), ((True, True), [2, 1]), ((False, True), [3, 2])
        for full, rounds in steps:
            for kept, is_full in zip(self.kept, full):  # noqa: B905 - not in MicroPython
                kept.full = is_full
            self.housekeeping.step()
            self.assertEqual(self.rounds(), rounds)

    def test_soon_again_after_an_erase_and_while_it_waits(self) -> None:
        def period_ms() -> int:
            self.housekeeping.step()
            return self.housekeeping.period_ms()

        idle_ms = period_ms()
        self.kept[0].full = True
        self.assertLess(period_ms(), idle_ms)
        self.kept[0].full = False
        self.rail.state = power.TURNING_ON
        self.assertLess(period_ms(), idle_ms)
        self.rail.state = power.ON
        self.assertEqual(period_ms(), idle_ms)

    def test_not_while_the_bus_talks_to_us(self) -> None:
        self.bus_is_busy = True
        self.housekeeping.step()
        self.assertEqual(self.rounds(), [0, 0])
        self.bus_is_busy = False
        self.housekeeping.step()
        self.assertEqual(self.rounds(), [1, 1])

    def test_not_while_the_rail_is_on_its_way(self) -> None:
        for state in (power.SETTLING, power.TURNING_ON, power.TURNING_OFF):
            self.rail.state = state
            self.housekeeping.step()
        self.assertEqual(self.rounds(), [0, 0])
        for state in (power.ABSENT, power.PROBATION, power.OFF, power.ON, power.FAULT):
            self.rail.state = state
            self.housekeeping.step()
        self.assertEqual(self.rounds(), [5, 5])

    def test_not_while_a_sag_of_the_rail_is_judged(self) -> None:
        self.rail.state, self.rail.sag_ms = power.ON, 5_000
        self.housekeeping.step()
        self.assertEqual(self.rounds(), [0, 0])

    def test_the_last_record_finds_a_page_however_long_a_shutdown_takes(self) -> None:
        self.rail.state = power.SHUTTING_DOWN
        log = EventLog(RamFlash(2), FakeClock())
        housekeeping = Housekeeping(self.rail, (log,), lambda: False)
        for _ in range(40):  # more than the ring has pages
            housekeeping.step()
            self.assertTrue(log.append(events.BROWN_OUT, last_gasp=True))


class Storm(Seated):
    REST_MS = 120  # between two commands

    def test_a_storm_of_commands_never_waits_for_an_erase_while_the_rail_moves(self) -> None:
        flash, erased_in = self.bench.log_flash, []
        erase = flash.erase

        def noted_erase(offset: int) -> None:
            erased_in.append(self.power.state)
            erase(offset)

        flash.erase = noted_erase
        housekeeping = Housekeeping(self.power, (self.bench.log, self.bench.store), lambda: False)
        due_ms = 0
        for turn in range(60):
            command = (power.COMMAND_ON, power.COMMAND_OFF)[turn % 2]
            self.power.request(command)
            rest_ms = self.REST_MS
            while rest_ms > 0:
                if self.bench.clock.ms() >= due_ms:
                    housekeeping.step()
                    due_ms = self.bench.clock.ms() + housekeeping.period_ms()
                self.bench.run(10)
                if self.power.state in (power.ON, power.OFF):
                    rest_ms -= 10
        self.assertGreater(len(erased_in), 2)
        self.assertEqual(set(erased_in) - {power.ON, power.OFF}, set())


if __name__ == "__main__":
    unittest.main()
