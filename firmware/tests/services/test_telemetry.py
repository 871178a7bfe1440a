# runs on: cpython, micropython
"""Telemetry: a value that no sensor gave is None."""

import unittest

from racklet_bmc.services.calibration import Calibration
from racklet_bmc.services.settings import Settings
from racklet_bmc.services.telemetry import Telemetry
from racklet_bmc.services.windows import Window
from service_fakes import FakeMonitor, RamFlash
from tests.fakes.fake_clock import FakeClock


class Thermometer:
    def __init__(self) -> None:
        self.millidegrees = 25_000
        self.silent = False
        self.reads = 0

    def probe(self) -> bool:
        if self.silent:
            raise OSError(5)
        return True

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
        self.assertEqual(self.telemetry.reasons, {"output": "no answer"})
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

    def test_a_wrong_chip_is_not_believed(self) -> None:
        self.output.right = False
        self.telemetry.step()
        self.assertIsNone(self.telemetry.vout_mv)
        self.assertEqual(self.telemetry.reasons, {"output": "wrong chip"})
        self.output.right = True
        self.telemetry.step()
        self.assertEqual(self.telemetry.vout_mv, 5_100)

    def test_what_cannot_be_is_not_believed(self) -> None:
        self.output.bus_mv = 204_799  # as a bus reads whose data line is stuck high
        self.board.millidegrees = -55_001
        self.telemetry.step()
        self.assertIsNone(self.telemetry.vout_mv)
        self.assertIsNone(self.telemetry.temperature_mc)
        expected = {"output": "out of range", "temperature": "out of range"}
        self.assertEqual(self.telemetry.reasons, expected)
        self.assertEqual(self.telemetry.vin_mv, 12_000)

    def test_a_chip_exchanged_later_is_noticed(self) -> None:
        self.telemetry.step()
        self.input.right = False
        for _ in range(10):
            self.clock.now_ms += 250
            self.output.energy += 10_000
            self.telemetry.step()
        self.assertEqual(self.telemetry.reasons, {"input": "wrong chip"})

    def test_a_stuck_monitor_is_not_believed(self) -> None:
        for _ in range(40):
            self.clock.now_ms += 250
            self.input.energy += 10_000
            self.telemetry.step()
        self.assertIsNone(self.telemetry.vout_mv)  # power flows, but its count stands still
        self.assertEqual(self.telemetry.reasons, {"output": "stuck"})
        for _ in range(10):
            self.clock.now_ms += 250
            self.input.energy += 10_000
            self.output.energy += 10_000
            self.telemetry.step()
        self.assertEqual(self.telemetry.reasons, {})

    def test_identity_is_asked_for_every_two_seconds_only(self) -> None:
        for _ in range(40):  # 10 s
            self.output.energy += 10_000
            self.input.energy += 10_000
            self.telemetry.step()
            self.clock.now_ms += 250
        self.assertEqual((self.output.probes, self.input.probes), (5, 5))

    def test_no_power_is_not_stuck(self) -> None:
        self.output.power_mw = self.input.power_mw = 0
        for _ in range(40):
            self.clock.now_ms += 250
            self.telemetry.step()
        self.assertEqual(self.telemetry.reasons, {})


class Calibrated(unittest.TestCase):
    def setUp(self) -> None:
        self.settings = Settings(RamFlash(2))
        self.calibration = Calibration(self.settings, "out")

    def test_as_delivered_nothing_changes(self) -> None:
        self.assertEqual(self.calibration.apply(5_100, 800, 4_080), (5_100, 800, 4_080))
        self.assertEqual(self.calibration.energy_scale(), (1, 1))

    def test_gain_and_offset(self) -> None:
        self.settings.set("vout_gain_ppm", 2_000)
        self.settings.set("vout_offset_mv", -10)
        self.settings.set("iout_gain_ppm", -5_000)
        self.settings.set("iout_offset_ma", 14)
        millivolts, milliamperes, milliwatts = self.calibration.apply(5_000, 2_000, 10_000)
        self.assertEqual((millivolts, milliamperes), (5_000, 2_004))
        self.assertLessEqual(abs(milliwatts - 10_020), 1)

    def test_reaches_the_readings(self) -> None:
        clock, monitor = FakeClock(), FakeMonitor()
        monitor.bus_mv, monitor.current_ma, monitor.power_mw = 5_100, 800, 4_080
        self.settings.set("vout_offset_mv", 7)
        calibrations = (Calibration(self.settings, "in"), self.calibration)
        telemetry = Telemetry(
            clock, monitor, FakeMonitor(), Thermometer(), calibrations=calibrations
        )
        telemetry.step()
        self.assertEqual((telemetry.vout_mv, telemetry.vin_mv), (5_107, 0))


class Windows(unittest.TestCase):
    def test_lowest_highest_and_mean_with_their_times(self) -> None:
        window = Window(1_000)
        for now, value in ((0, 5), (250, -3), (500, 9), (750, 9)):
            window.add(value, now)
        self.assertIsNone(window.last)
        self.assertEqual(window.now(800), (4, -3, 9, 5, 0, 800, 250, 500))
        window.add(100, 1_000)
        self.assertEqual(window.last, (4, -3, 9, 5, 0, 1_000, 250, 500))
        window.add(None, 2_000)
        self.assertEqual(window.last, (1, 100, 100, 100, 1_000, 2_000, 1_000, 1_000))

    def test_a_window_without_values_is_unknown(self) -> None:
        window = Window(1_000)
        window.add(1, 0)
        for now in range(250, 2_500, 250):
            window.add(None, now)
        self.assertIsNone(window.last)

    def test_telemetry_fills_them(self) -> None:
        clock, monitor = FakeClock(), FakeMonitor()
        settings = Settings(RamFlash(2))
        settings.set("window_ms", 2_000)
        telemetry = Telemetry(clock, monitor, FakeMonitor(), Thermometer(), settings=settings)
        for current in (100, 900, 500, 300, 100, 100, 100, 100, 0):
            monitor.current_ma = current
            telemetry.step()
            clock.now_ms += 250
        last = telemetry.windows["iout_ma"].last
        self.assertEqual(last, (8, 100, 900, 275, 0, 2_000, 0, 250))


if __name__ == "__main__":
    unittest.main()
