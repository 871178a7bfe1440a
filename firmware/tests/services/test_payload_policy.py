# runs on: cpython, micropython
"""Verified boot or no power, for those who want it."""

import unittest

from racklet_wire import power
from service_fakes import Bench


class Policy(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = bench = Bench()
        bench.settings.set("require_payload", 1)
        bench.hardware.seat()
        bench.run_until(power.OFF)

    def command(self, command: int) -> "tuple[int, int]":
        service = self.bench.power
        service.request(command)
        self.bench.run(500)
        return service.result, service.reason

    def test_without_a_verified_payload_there_is_no_power(self) -> None:
        for command in (power.COMMAND_ON, power.COMMAND_CYCLE):
            refused = power.REFUSED, power.R_PAYLOAD_UNVERIFIED
            self.assertEqual(self.command(command), refused)
        self.assertEqual(self.bench.power.state, power.OFF)

    def test_with_one_there_is(self) -> None:
        self.bench.payloads.verified = (bytes(16), 1)
        self.assertEqual(self.command(power.COMMAND_ON)[0], power.DONE)

    def test_a_rail_that_is_on_stays_on_and_goes_off_when_told(self) -> None:
        self.bench.payloads.verified = (bytes(16), 1)
        self.command(power.COMMAND_ON)
        self.bench.payloads.verified = None
        self.assertEqual(self.command(power.COMMAND_ON)[0], power.DONE)
        self.assertEqual(self.command(power.COMMAND_CYCLE)[1], power.R_PAYLOAD_UNVERIFIED)
        self.assertEqual(self.bench.power.state, power.ON)
        self.assertEqual(self.command(power.COMMAND_OFF)[0], power.DONE)

    def test_removal_forgets_what_was_verified(self) -> None:
        self.bench.payloads.verified = (bytes(16), 1)
        self.bench.hardware.seat(False)
        self.bench.run_until(power.ABSENT)
        self.bench.hardware.seat()
        self.bench.run_until(power.OFF)
        self.assertEqual(self.command(power.COMMAND_ON)[1], power.R_PAYLOAD_UNVERIFIED)

    def test_nor_does_it_come_on_by_itself(self) -> None:
        bench = self.bench
        bench.settings.set("restore_policy", 1)
        bench.hardware.seat(False)
        bench.run_until(power.ABSENT)
        bench.hardware.seat()
        bench.run_until(power.OFF)
        bench.run(5_000)
        self.assertEqual(bench.power.state, power.OFF)

    def test_as_delivered_nothing_is_asked(self) -> None:
        self.bench.settings.set("require_payload", 0)
        self.assertEqual(self.command(power.COMMAND_ON)[0], power.DONE)


if __name__ == "__main__":
    unittest.main()
