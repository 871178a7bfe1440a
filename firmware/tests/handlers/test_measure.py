# runs on: cpython, micropython
"""Windows, power-ons and calibration on the bus: one item selected, one picture read."""

import unittest

from racklet_wire import blocks, power
from tests.handlers.bmc import Bmc

DATA = 0x40


class Case(unittest.TestCase):
    def setUp(self):
        self.bmc = Bmc()
        self.bench = self.bmc.bench
        self.ticket = 0

    def select(self, item):
        self.ticket = self.ticket + 1 & 0xFF
        self.bmc.write_block("MEASURE_SELECT", item=item, ticket=self.ticket)

    def picture(self, page, place):
        self.select(blocks.item(page, place))
        shown = self.bmc.block("MEASURE")
        self.assertEqual((shown["item"], shown["ticket"]), (blocks.item(page, place), self.ticket))
        return blocks.unpack(page, shown["data"])


class Items(Case):
    def test_before_any_select_item_0_is_shown(self):
        shown = self.bmc.block("MEASURE")
        self.assertEqual((shown["item"], shown["ticket"]), (0, 0))

    def test_what_is_no_item_changes_nothing(self):
        before = self.picture("CALIBRATION", 2)
        shown = self.bmc.block("MEASURE")
        for item in (0x07, 0x0F, 0x28, 0x33, 0x40, 0xFF):
            self.select(item)
            self.assertEqual(self.bmc.cml(), DATA)
            self.bmc.put(0x03)
            self.bmc.dispatcher.step()
            self.assertEqual(self.bmc.block("MEASURE"), shown)
        self.assertEqual(self.picture("CALIBRATION", 2), before)


class Windows(Case):
    def step(self, current_ma):
        self.bench.output.current_ma = current_ma
        self.bmc.telemetry.step()
        self.bench.clock.now_ms += 250

    def test_a_window_under_way_and_then_whole(self):
        start = self.bench.clock.now_ms
        for current in (-3, 1_850, 700):
            self.step(current)
        now = self.picture("WINDOW", 4 + blocks.WINDOW_NOW)
        self.assertEqual((now["lowest"], now["highest"], now["count"]), (-3, 1_850, 4))
        self.assertEqual(now["highest_ms"], start + 250)
        self.assertEqual(self.picture("WINDOW", 4)["count"], 0)  # none is whole yet
        self.bench.clock.now_ms = start + 60_000
        self.step(0)
        whole = self.picture("WINDOW", 4)
        self.assertEqual((whole["lowest"], whole["highest"], whole["count"]), (-3, 1_850, 4))
        self.assertEqual((whole["begin_ms"], whole["end_ms"]), (start, start + 60_000))

    def test_a_picture_is_of_one_instant_and_stays(self):
        self.step(700)
        before = self.picture("WINDOW", 4 + blocks.WINDOW_NOW)
        shown = self.bmc.block("MEASURE")
        self.step(900)
        self.bmc.dispatcher.step()
        self.assertEqual(self.bmc.block("MEASURE"), shown)
        self.assertEqual(self.picture("WINDOW", 4 + blocks.WINDOW_NOW)["highest"], 900)
        self.assertEqual(before["highest"], 700)

    def test_a_sensor_without_values_has_no_window(self):
        self.bmc.temperature.silent = True
        self.bench.clock.now_ms += 60_000
        self.bmc.telemetry.step()
        self.assertEqual(self.picture("WINDOW", 6 + blocks.WINDOW_NOW)["count"], 0)


class PowerOns(Case):
    def on(self, inrush_ma):
        bench = self.bench
        bench.power.request(power.COMMAND_ON)
        bench.output.power_mw, bench.input.power_mw = 5_000, 6_000
        bench.output.current_ma = inrush_ma
        bench.run(8)
        bench.output.current_ma = 200
        bench.run_until(power.ON)

    def off(self):
        self.bench.power.request(power.COMMAND_OFF)
        self.bench.run_until(power.OFF)

    def test_none_has_number_0(self):
        self.assertEqual(self.picture("POWER_ON", 0)["number"], 0)

    def test_peak_and_energy_of_the_rise_with_their_times(self):
        self.bench.run(5_000)
        begin = self.bench.clock.now_ms
        self.on(1_320)
        record = self.picture("POWER_ON", 0)
        self.assertEqual((record["number"], record["inrush_ma"]), (1, 1_320))
        self.assertTrue(begin <= record["begin_ms"] <= begin + 10)
        self.assertTrue(0 < record["inrush_ms"] <= 10)
        self.assertEqual(record["rise_ms"], self.bench.power.rise_ms)
        for side, milliwatts in (("out", 5_000), ("in", 6_000)):
            microjoules = record[f"rise_{side}_uj"]
            expected = milliwatts * record["rise_ms"]
            self.assertLess(abs(microjoules - expected), 3 * milliwatts)

    def test_the_latest_comes_first_and_four_are_kept(self):
        self.bench.run(5_000)
        for number in range(1, 7):
            self.on(1_000 + number)
            self.off()
        shown = [self.picture("POWER_ON", place) for place in range(5)]
        self.assertEqual([record["number"] for record in shown], [6, 5, 4, 3, 0])
        self.assertEqual([record["inrush_ma"] for record in shown[:2]], [1_006, 1_005])

    def test_a_rise_that_failed_has_no_time(self):
        self.bench.run(5_000)
        self.bench.hardware.stuck_off = True
        self.bench.power.request(power.COMMAND_ON)
        self.bench.run_until(power.FAULT)
        record = self.picture("POWER_ON", 0)
        self.assertEqual(record["rise_ms"], blocks.UNKNOWN_U16)
        self.assertEqual(record["rise_out_uj"], blocks.UNKNOWN_U32)


class Calibrations(Case):
    def test_as_delivered_by_the_data_sheets(self):
        voltage, current = self.picture("CALIBRATION", 2), self.picture("CALIBRATION", 3)
        self.assertEqual((voltage["uncertainty_ppm"], voltage["uncertainty_micro"]), (500, 2_500))
        self.assertEqual((current["uncertainty_ppm"], current["uncertainty_micro"]), (13_500, 200))
        self.assertEqual((current["day"], current["clock_ppm"]), (0, 5_000))
        warmth = self.picture("CALIBRATION", 4)
        self.assertEqual((warmth["uncertainty_ppm"], warmth["uncertainty_micro"]), (0, 1_000_000))

    def test_what_the_converter_reads_is_known_by_the_boards_table(self):
        shown = [self.picture("CALIBRATION", place) for place in (5, 6, 7)]
        errors = [(page["uncertainty_ppm"], page["uncertainty_micro"]) for page in shown]
        self.assertEqual(errors, [(35_000, 16_000), (43_000, 68_000), (95_000, 19_000)])
        self.assertEqual({page["day"] for page in shown}, {0})

    def test_as_calibrated(self):
        for name, value in (
            ("iin_gain_ppm", -4_210),
            ("iin_offset_ma", 2),
            ("iin_calibrated_day", 20_783),
            ("iin_uncertainty_ppm", 2_100),
            ("iin_uncertainty_ua", 300),
        ):
            self.bench.settings.set(name, value)
        shown = self.picture("CALIBRATION", 1)
        self.assertEqual((shown["gain_ppm"], shown["offset_milli"]), (-4_210, 2))
        self.assertEqual((shown["day"], shown["uncertainty_ppm"]), (20_783, 2_100))
        self.assertEqual(shown["uncertainty_micro"], 300)
        self.assertEqual(self.picture("CALIBRATION", 3)["day"], 0)


class Sensors(Case):
    def test_a_good_one_has_no_reason(self):
        self.assertEqual(self.picture("SENSOR", 0), {"reason": 0, "errors": 0})

    def test_reason_and_count_of_failed_reads(self):
        bench = self.bench
        bench.output.right = False
        self.bmc.temperature.silent = True
        for _ in range(12):
            bench.clock.now_ms += 250
            self.bmc.telemetry.step()
        shown = [self.picture("SENSOR", place) for place in range(3)]
        names = [blocks.SENSOR_REASONS[sensor["reason"]] for sensor in shown]
        self.assertEqual(names, ["wrong chip", "", "no answer"])
        self.assertEqual(shown[1]["errors"], 0)
        self.assertEqual(shown[0]["errors"], self.bmc.telemetry.errors["output"])
        self.assertTrue(shown[0]["errors"] > 2)


if __name__ == "__main__":
    unittest.main()
