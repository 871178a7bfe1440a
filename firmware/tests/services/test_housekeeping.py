# runs on: cpython, micropython
"""Flash is erased ahead of need, but never while the rail is on its way."""

import unittest

from racklet_base.services.eventlog import EventLog
from racklet_bmc.services.housekeeping import Housekeeping
from racklet_wire import events, power
from service_fakes import RamFlash
from tests.fakes.fake_clock import FakeClock


class Kept:
    def __init__(self) -> None:
        self.rounds = 0

    def maintain(self) -> None:
        self.rounds += 1


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

    def test_everyone_in_turn(self) -> None:
        for _ in range(6):
            self.housekeeping.step()
        self.assertEqual(self.rounds(), [3, 3])

    def test_not_while_the_bus_talks_to_us(self) -> None:
        self.bus_is_busy = True
        self.housekeeping.step()
        self.assertEqual(self.rounds(), [0, 0])
        self.bus_is_busy = False
        self.housekeeping.step()
        self.assertEqual(self.rounds(), [1, 0])

    def test_not_while_the_rail_is_on_its_way(self) -> None:
        for state in (power.SETTLING, power.TURNING_ON, power.TURNING_OFF):
            self.rail.state = state
            self.housekeeping.step()
        self.assertEqual(self.rounds(), [0, 0])
        for state in (power.ABSENT, power.PROBATION, power.OFF, power.ON, power.FAULT):
            self.rail.state = state
            self.housekeeping.step()
        self.assertEqual(self.rounds(), [3, 2])

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


if __name__ == "__main__":
    unittest.main()
