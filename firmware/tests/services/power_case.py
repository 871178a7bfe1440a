"""A unit whose rail a test moves."""

import unittest

from racklet_base.services.eventlog import EventLog
from racklet_wire import cbor, events, power
from service_fakes import Bench


def states(log: EventLog) -> "list[int]":
    """Every state that the log says was entered, in order."""
    entered = []
    for sequence in range(log.first, log.last + 1):
        record = cbor.decode(log.read(sequence))
        if record[events.KIND] == events.STATE:
            entered.append(record["state"])
    return entered


class Seated(unittest.TestCase):
    """A unit that was inserted and admitted, off."""

    def setUp(self) -> None:
        self.bench = Bench()
        self.world = self.bench.hardware
        self.world.seat()
        self.bench.run_until(power.PROBATION)
        self.power.admit()
        self.bench.run_until(power.OFF)

    @property
    def power(self) -> object:
        return self.bench.power

    def on(self) -> None:
        self.power.request(power.COMMAND_ON, 1)
        self.bench.run_until(power.ON)

    def outcome(self) -> "tuple[int, int, int]":
        return self.power.state, self.power.result, self.power.reason

    def while_running(self) -> "iter":
        """Once a millisecond, until the command has ended."""
        for _ in range(10_000):
            if self.power.result != power.RUNNING:
                return
            self.bench.run(1)
            yield
        raise AssertionError("the command does not end")
