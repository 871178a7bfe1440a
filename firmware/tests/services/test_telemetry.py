# runs on: cpython, micropython
"""Telemetry: a value that no sensor gave is None."""

import unittest

from racklet_bmc.services.telemetry import Telemetry
from service_fakes import FakeClock, FakeMonitor


class Thermometer:
    def __init__(self) -> None:
        self.millidegrees = 25_000
        self.silent = False
        self.reads = 0

    def read_mc(self) -> int:
        self.reads += 1
        if self.silent:
            raise OSError(5)
        return self.millidegrees


class Readings(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = FakeClock()
        self.output, self.input, self.board = FakeMonitor(), FakeMonitor(), Thermometer()
        self.telemetry = Telemetry(self.clock, self.output, self.input, self.board)
        self.output.bus_mv, self.output.current_ma, self.output.power_mw = 5_100, 800, 4_080
        self.input.bus_mv, self.input.current_ma, self.input.power_mw = 12_000, 400, 4_800

    def test_nothing_is_known_before_the_first_round(self) -> None:
        self.assertIsNone(self.telemetry.vout_mv)
        self.assertIsNone(self.telemetry.temperature_mc)

    def test_a_round(self) -> None:
        self.clock.now_ms = 700
        self.telemetry.step()
        found = self.telemetry
        self.assertEqual((found.vout_mv, found.iout_ma, found.pout_mw), (5_100, 800, 4_080))
        self.assertEqual((found.vin_mv, found.iin_ma, found.pin_mw), (12_000, 400, 4_800))
        self.assertEqual((found.temperature_mc, found.taken_ms), (25_000, 700))

    def test_a_silent_sensor_is_unknown_and_counted_and_comes_back(self) -> None:
        self.telemetry.step()
        self.output.silent = True
        self.telemetry.step()
        self.telemetry.step()
        self.assertIsNone(self.telemetry.vout_mv)
        self.assertIsNone(self.telemetry.pout_mw)
        self.assertEqual(self.telemetry.vin_mv, 12_000)
        self.assertEqual(self.telemetry.errors, {"output": 2, "input": 0, "temperature": 0})
        self.assertEqual(self.telemetry.lost, {"output"})
        self.output.silent = False
        self.telemetry.step()
        self.assertEqual(self.telemetry.vout_mv, 5_100)
        self.assertEqual(self.telemetry.lost, set())

    def test_temperature_once_a_second(self) -> None:
        for _ in range(41):
            self.telemetry.step()
            self.clock.now_ms += 250
        self.assertEqual(self.board.reads, 11)
        self.board.silent = True
        self.clock.now_ms += 1_000
        self.telemetry.step()
        self.assertIsNone(self.telemetry.temperature_mc)


if __name__ == "__main__":
    unittest.main()
