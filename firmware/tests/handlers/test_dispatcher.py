# runs on: cpython, micropython
"""A round that shows everything is long: it makes way, and what has changed comes first."""

import unittest

from racklet_base.handlers.dispatcher import Dispatcher
from racklet_base.handlers.family import Family
from tests.fakes.fake_clock import FakeClock
from tests.target.controller import Controller


class Shown(Family):
    def __init__(self, name: str, shown: list) -> None:
        self.name, self.shown = name, shown

    def refresh(self) -> None:
        self.shown.append(self.name)


class Rounds(unittest.TestCase):
    def setUp(self) -> None:
        self.shown = []
        bus = Controller(0x11)
        families = [Shown(name, self.shown) for name in "abcd"]
        self.dispatcher = Dispatcher(bus.registers, families, [], FakeClock())
        self.shown.clear()

    def leave_after(self, name: str) -> None:
        """In a round, somebody who goes first is called while this one is shown."""
        self.dispatcher.is_in_the_way = lambda: self.shown[-1] == name
        self.dispatcher.step()
        self.dispatcher.is_in_the_way = lambda: False

    def test_a_round_that_was_left_goes_on_where_it_was(self) -> None:
        self.leave_after("b")
        self.assertEqual(self.dispatcher.period_ms(), 0)
        self.dispatcher.step()
        self.assertEqual(self.shown, ["a", "b", "c", "d"])

    def test_what_has_changed_meanwhile_is_shown_first(self) -> None:
        self.leave_after("b")
        self.dispatcher.is_stale = True
        self.assertTrue(self.dispatcher.is_called())
        self.dispatcher.step()
        self.assertEqual(self.shown, ["a", "b", "a", "b", "c", "d"])
        self.assertFalse(self.dispatcher.is_called())


if __name__ == "__main__":
    unittest.main()
