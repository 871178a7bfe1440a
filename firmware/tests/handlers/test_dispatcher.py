# runs on: cpython, micropython
"""A round that shows everything is long: it makes way, and what has changed comes first."""

import unittest

from racklet_base.handlers.dispatcher import Dispatcher
from racklet_base.handlers.family import Family
from racklet_wire.commands import code_of
from tests.fakes.fake_clock import FakeClock
from tests.target.controller import Controller


class Shown(Family):
    def __init__(self, name: str, shown: list) -> None:
        self.name, self.shown = name, shown

    def refresh(self) -> None:
        self.shown.append(self.name)


class Streamed(Shown):
    """Takes pieces one by one, and shows how many there were."""

    stream = code_of("IMAGE_CHUNK")
    writes = (stream,)

    def write(self, code: int, data: bytes) -> None:
        pass

    def drain(self, mailbox: object) -> bool:
        return False

    def progress(self) -> None:
        self.shown.append("progress")


class Rounds(unittest.TestCase):
    def setUp(self) -> None:
        self.shown = []
        bus = Controller(0x11)
        self.mailbox, self.clock = bus.registers.mailbox, FakeClock()
        families = [Streamed("a", self.shown)] + [Shown(name, self.shown) for name in "bcd"]
        self.dispatcher = Dispatcher(bus.registers, families, [], self.clock)
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

    def test_a_piece_is_shown_though_the_round_is_behind_its_family(self) -> None:
        self.leave_after("b")
        self.clock.now_ms = 1_000
        self.mailbox.memory[self.mailbox.ends[0]] = Streamed.stream
        self.mailbox.accept(2, 32)
        self.dispatcher.step()
        self.assertEqual(self.shown[:2], ["a", "b"])
        self.assertIn("progress", self.shown)


if __name__ == "__main__":
    unittest.main()
