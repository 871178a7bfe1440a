# runs on: cpython, micropython
"""What a power-on took, seen by the looks of the sequencer and by telemetry."""

import unittest

from racklet_bmc.services import power_ons as p
from service_fakes import FakeMonitor
from tests.fakes.fake_clock import FakeClock


class Readings:
    iin_ma = None
    pin_mw = 450


class Records(unittest.TestCase):
    def setUp(self):
        self.clock = FakeClock()
        self.output, self.input = FakeMonitor(), FakeMonitor()
        self.readings = Readings()
        monitors = (self.output, self.input)
        self.power_ons = p.PowerOns(self.clock, monitors, self.readings)

    def latest(self):
        return self.power_ons.records[0]

    def test_the_highest_input_of_the_first_half_minute(self):
        self.power_ons.begin()
        for after_ms, iin_ma in ((500, 300), (9_250, 640), (20_000, None), (29_000, 500)):
            self.clock.now_ms = after_ms
            self.readings.iin_ma = iin_ma
            self.power_ons.watch()
        self.clock.now_ms = p.WATCHED_MS + 1
        self.readings.iin_ma = 2_000
        self.power_ons.watch()
        self.assertEqual((self.latest()[p.PEAK_IN_MA], self.latest()[p.PEAK_IN_MS]), (640, 9_250))

    def test_what_the_bmc_took_before(self):
        self.power_ons.begin()
        self.readings.pin_mw = None  # its sensor is lost
        self.power_ons.begin()
        self.assertEqual([r[p.OWN_MW] for r in self.power_ons.records], [None, 450])

    def test_the_energy_count_may_wrap_meanwhile(self):
        self.output.energy = self.output.energy_modulus - 100
        self.power_ons.begin()
        self.output.energy = 924
        self.power_ons.risen()
        self.assertEqual(self.latest()[p.RISE_OUT_UJ], 1_024 * 25 // 256)

    def test_a_silent_monitor_leaves_its_energy_unknown(self):
        self.output.silent = True
        self.power_ons.begin()
        self.output.silent = False
        self.power_ons.risen()
        self.assertIsNone(self.latest()[p.RISE_OUT_UJ])
        self.assertEqual(self.latest()[p.RISE_IN_UJ], 0)

    def test_a_rise_that_began_before_the_boot_is_no_record(self):
        self.power_ons.rising(900)
        self.power_ons.risen()
        self.power_ons.watch()
        self.assertEqual((self.power_ons.records, self.power_ons.inrush_ma), ([], None))


if __name__ == "__main__":
    unittest.main()
