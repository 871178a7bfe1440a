# runs on: cpython, micropython
"""Flash is erased ahead of need, but never while the rail is on its way."""

import unittest

from racklet_bmc.services.housekeeping import Housekeeping
from racklet_wire import power


class Kept:
    def __init__(self) -> None:
        self.rounds = 0

    def maintain(self) -> None:
        self.rounds += 1


class Rail:
    state = power.OFF


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
        for state in (
            power.SETTLING,
            power.TURNING_ON,
            power.SHUTTING_DOWN,
            power.TURNING_OFF,
        ):
            self.rail.state = state
            self.housekeeping.step()
        self.assertEqual(self.rounds(), [0, 0])
        for state in (power.ABSENT, power.PROBATION, power.OFF, power.ON, power.FAULT):
            self.rail.state = state
            self.housekeeping.step()
        self.assertEqual(self.rounds(), [3, 2])


if __name__ == "__main__":
    unittest.main()
