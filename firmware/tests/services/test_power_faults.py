# runs on: cpython, micropython
"""Faults while the rail is on, rises or is off: what it does, and how they are named."""

import unittest

from power_case import Seated
from racklet_bmc.services.sequencer import SAG_MS
from racklet_wire import power, status


class Faults(Seated):
    def setUp(self) -> None:
        super().setUp()
        self.on()

    def named(self, reason: int, register: int, bits: int) -> None:
        self.bench.run(120)
        self.assertEqual((self.power.state, self.power.fault), (power.FAULT, reason))
        self.assertFalse(self.world.latched)
        self.assertEqual(self.power.status_bits()[register] & bits, bits)
        self.bench.run(2_000)
        self.assertEqual(self.power.state, power.FAULT)  # latched
        self.assertLess(self.world.mv, 400)
        self.assertEqual(self.world.pins["DISCHG"].level, 0)  # does not heat for ever

    def test_short_circuit(self) -> None:
        self.world.shorted = True
        self.named(power.R_SHORT_CIRCUIT, status.STATUS_IOUT, status.IOUT_OC_FAULT)

    def test_efuse_that_opens_while_the_rail_stands(self) -> None:
        self.world.trip()
        self.named(power.R_INPUT_SHORT_CIRCUIT, status.STATUS_INPUT, status.INPUT_IIN_OC_FAULT)

    def test_efuse_that_opens_and_a_monitor_that_does_not_answer(self) -> None:
        self.bench.input.silent = True  # it might have been an overload
        self.world.trip()
        self.named(power.R_FAULT_PIN, status.STATUS_IOUT, status.IOUT_OC_FAULT)

    def test_efuse_that_opens_under_too_much_output_current(self) -> None:
        self.bench.output.current_ma = 5_600
        self.world.trip()
        self.named(power.R_OVERCURRENT, status.STATUS_IOUT, status.IOUT_OC_FAULT)

    def test_output_overcurrent_alert(self) -> None:
        self.bench.output.alerts = 1
        self.world.pins["LOC_ALERT_N"].level = 0
        self.bench.run(110)
        self.world.pins["LOC_ALERT_N"].level = 1
        self.named(power.R_OVERCURRENT, status.STATUS_IOUT, status.IOUT_OC_FAULT)

    def test_output_overvoltage_alert(self) -> None:
        self.bench.output.alerts = 2
        self.world.pins["LOC_ALERT_N"].level = 0
        self.named(power.R_OVERVOLTAGE, status.STATUS_VOUT, status.VOUT_OV_FAULT)

    def test_input_overcurrent_alert(self) -> None:
        self.bench.input.alerts = 1
        self.world.pins["LOC_ALERT_N"].level = 0
        self.named(power.R_INPUT_OVERCURRENT, status.STATUS_INPUT, status.INPUT_IIN_OC_FAULT)

    def test_input_undervoltage(self) -> None:
        self.world.vin_mv = 9_500
        self.world.trip()
        self.named(power.R_INPUT_UNDERVOLTAGE, status.STATUS_INPUT, status.INPUT_VIN_UV_FAULT)

    def test_sagging_rail(self) -> None:
        self.world.stuck_off = True
        self.world.mv = 4_500
        self.named(power.R_UNDERVOLTAGE, status.STATUS_VOUT, status.VOUT_UV_FAULT)

    def test_latch_that_fell(self) -> None:
        self.world.clear()
        self.named(power.R_LATCH, status.STATUS_MFR_SPECIFIC, status.MFR_LATCH)

    def test_latch_that_fell_while_presence_bounced(self) -> None:
        self.world.clear()
        self.power.on_presence_edge()
        self.named(power.R_REMOVED, status.STATUS_MFR_SPECIFIC, status.MFR_REMOVED)

    def test_monitor_that_does_not_answer_names_no_less(self) -> None:
        self.bench.output.silent = self.bench.input.silent = True
        self.world.shorted = True
        self.named(power.R_SHORT_CIRCUIT, status.STATUS_IOUT, status.IOUT_OC_FAULT)

    def test_sagging_under_too_much_current(self) -> None:
        self.world.stuck_off = True
        self.world.mv = 4_500
        self.bench.output.current_ma = 5_600
        self.named(power.R_OVERCURRENT, status.STATUS_IOUT, status.IOUT_OC_FAULT)

    def test_an_edge_of_a_moment_ago_does_not_name_a_sag(self) -> None:
        self.power.on_fault_edge("LOC_ALERT_N")  # at 5 V, and nothing came of it
        self.power.on_fault_edge()
        self.bench.run(50)
        self.world.stuck_off = True
        self.world.mv = 0  # the regulator has given up
        self.named(power.R_SHORT_CIRCUIT, status.STATUS_IOUT, status.IOUT_OC_FAULT)

    def test_a_limit_that_is_measured_first_names_the_cause_all_the_same(self) -> None:
        for mv, reason in ((0, power.R_SHORT_CIRCUIT), (4_500, power.R_UNDERVOLTAGE)):
            self.setUp()
            self.world.stuck_off = True
            self.world.mv = mv
            self.bench.rail.sample()
            self.power.trip(power.R_UNDERVOLTAGE)
            self.assertEqual((self.power.state, self.power.fault), (power.FAULT, reason))

    def test_the_rail_is_cut_before_anybody_asks_why(self) -> None:
        seen = []
        self.bench.output.read_alerts = lambda: seen.append(self.world.latched) or 0
        self.world.stuck_off = True
        self.world.mv = 4_500
        self.named(power.R_UNDERVOLTAGE, status.STATUS_VOUT, status.VOUT_UV_FAULT)
        self.assertEqual(seen, [False])

    def test_no_record_is_written_while_a_sag_is_judged(self) -> None:
        self.bench.run(10)
        before = self.bench.log.last
        self.power.request(power.COMMAND_ON, 2)  # to be told
        self.world.stuck_off = True
        self.world.mv = 4_500
        self.bench.run(9)
        self.assertEqual(self.bench.log.last, before)
        self.bench.run(20)
        self.assertEqual(self.power.state, power.FAULT)
        self.assertGreater(self.bench.log.last, before + 1)

    def test_a_sag_that_has_lasted_calls_for_a_look_and_no_more(self) -> None:
        self.bench.run(1)  # nothing is left to be told
        self.world.stuck_off = True
        self.world.mv = 4_500
        self.power.step()
        self.bench.clock.now_ms += SAG_MS - 1
        self.assertFalse(self.power.is_called())
        self.bench.clock.now_ms += 1
        self.assertTrue(self.power.is_called())
        self.power.step()
        self.assertEqual(self.power.state, power.FAULT)
        self.assertFalse(self.power.is_called())

    def test_short_load_step_is_no_sag(self) -> None:
        self.world.mv = 4_400
        self.bench.power.step()
        self.world.mv = 5_100
        self.bench.run(100)
        self.assertEqual(self.power.state, power.ON)

    def test_clear_faults_moves_nothing(self) -> None:
        self.world.shorted = True
        self.bench.run(100)
        self.world.shorted = False
        self.power.clear_faults()
        self.bench.run(1_000)
        self.assertEqual((self.power.state, self.world.latched), (power.FAULT, False))
        self.assertNotIn(status.STATUS_IOUT, self.power.status_bits())

    def test_command_on_after_a_fault_tries_again(self) -> None:
        self.world.shorted = True
        self.bench.run(100)
        self.power.request(power.COMMAND_ON, 5)
        self.bench.run(100)
        self.assertEqual(self.outcome(), (power.FAULT, power.FAILED, power.R_SHORT_CIRCUIT))
        self.world.shorted = False
        self.power.request(power.COMMAND_ON, 6)
        self.bench.run_until(power.ON)
        self.assertEqual(self.power.fault, power.R_NONE)
        self.assertNotIn(status.STATUS_IOUT, self.power.status_bits())

    def test_command_off_after_a_fault_ends_it(self) -> None:
        self.world.shorted = True
        self.bench.run(100)
        self.power.request(power.COMMAND_OFF, 5)
        self.bench.run_until(power.OFF)
        self.assertEqual(self.power.result, power.DONE)

    def test_every_fault_ends_a_shutdown_too(self) -> None:
        def trip() -> None:
            self.world.trip()
            self.bench.power.step()  # at once, where a sag takes 10 ms

        def sag() -> None:
            self.world.stuck_off = True
            self.world.mv = 4_500
            self.bench.run(30)

        def exceed() -> None:
            self.power.trip(power.R_OVERTEMPERATURE)

        def short() -> None:
            self.world.shorted = True
            self.bench.run(100)

        for fail, reason in (
            (trip, power.R_INPUT_SHORT_CIRCUIT),
            (sag, power.R_UNDERVOLTAGE),
            (exceed, power.R_OVERTEMPERATURE),
            (short, power.R_SHORT_CIRCUIT),
        ):
            self.setUp()
            self.power.request(power.COMMAND_SHUTDOWN, 5)
            self.bench.run(100)
            fail()
            self.assertEqual(self.outcome(), (power.FAULT, power.FAILED, reason))
            self.assertFalse(self.world.latched)


class NeverOn(Seated):
    def test_regulator_that_does_not_start(self) -> None:
        self.world.stuck_off = True
        self.power.request(power.COMMAND_ON, 1)
        self.bench.run(1_000)
        self.assertEqual(self.outcome(), (power.FAULT, power.FAILED, power.R_POWER_GOOD_TIMEOUT))
        vout = self.power.status_bits()[status.STATUS_VOUT]
        self.assertEqual(vout, status.VOUT_TON_MAX_FAULT)

    def test_regulator_in_hiccup_is_a_short_circuit(self) -> None:
        self.world.stuck_off = True  # the rail stays down, but current flows in pulses
        self.power.request(power.COMMAND_ON, 1)
        self.bench.run(20)
        self.bench.output.current_ma = 400
        self.bench.run(4)
        self.bench.output.current_ma = 0
        self.bench.run(1_000)
        self.assertEqual(self.outcome(), (power.FAULT, power.FAILED, power.R_SHORT_CIRCUIT))

    def test_hiccup_that_no_look_meets_is_told_by_its_charge(self) -> None:
        for ton_max_ms in (30, 5_000):
            self.setUp()
            self.bench.settings.set("ton_max_fault_limit_ms", ton_max_ms)
            self.world.stuck_off = True
            self.world.stuck_hook = self.bench.output.count_bursts
            self.power.request(power.COMMAND_ON, 1)
            self.bench.run(6_000)
            self.assertEqual(self.outcome(), (power.FAULT, power.FAILED, power.R_SHORT_CIRCUIT))

    def test_charge_of_a_monitor_that_is_off_by_its_most_is_no_short_circuit(self) -> None:
        def drift() -> None:
            self.bench.output.charge_uc += self.bench.output.shunt_error()[1] // 1_000 + 1

        self.bench.settings.set("ton_max_fault_limit_ms", 5_000)
        self.world.stuck_off, self.world.stuck_hook = True, drift
        self.power.request(power.COMMAND_ON, 1)
        self.bench.run(6_000)
        self.assertEqual(self.outcome(), (power.FAULT, power.FAILED, power.R_POWER_GOOD_TIMEOUT))

    def test_switching_on_into_a_short(self) -> None:
        self.world.shorted = True
        self.power.request(power.COMMAND_ON, 1)
        self.bench.run(1_000)
        self.assertEqual(self.outcome(), (power.FAULT, power.FAILED, power.R_SHORT_CIRCUIT))

    def test_efuse_that_opens_before_anything_flowed_into_the_output(self) -> None:
        for input_alerts, reason in (
            (0, power.R_INPUT_SHORT_CIRCUIT),
            (1, power.R_INPUT_OVERCURRENT),
        ):
            self.setUp()
            self.world.stuck_off = True
            self.power.request(power.COMMAND_ON, 1)
            self.bench.run(6)
            self.bench.input.alerts = input_alerts
            self.world.trip()
            self.bench.run(1_000)
            self.assertEqual(self.outcome(), (power.FAULT, power.FAILED, reason))

    def test_rail_fed_from_outside_cannot_be_off(self) -> None:
        self.on()
        self.world.fed_mv = 1_500
        self.power.request(power.COMMAND_OFF, 2)
        self.bench.run(10_000)
        self.assertEqual(self.outcome(), (power.FAULT, power.FAILED, power.R_DISCHARGE_TIMEOUT))
        self.assertEqual(self.world.pins["DISCHG"].level, 0)
        self.power.request(power.COMMAND_ON, 3)
        self.bench.run(10_000)
        self.assertEqual(self.outcome(), (power.FAULT, power.FAILED, power.R_DISCHARGE_TIMEOUT))
        self.assertFalse(self.world.latched)


class Fed(Seated):
    def test_a_rail_that_is_fed_while_off_is_not_called_off(self) -> None:
        self.world.fed_mv = 600
        self.bench.run(800)
        self.assertEqual((self.power.state, self.power.fault), (power.FAULT, power.R_BACK_FED))
        self.assertEqual(self.world.pins["DISCHG"].level, 0)
        vout = self.power.status_bits()[status.STATUS_VOUT]
        self.assertEqual(vout, status.VOUT_TOFF_MAX_WARN)
        self.world.fed_mv = 0
        self.power.request(power.COMMAND_OFF, 2)
        self.bench.run_until(power.OFF)

    def test_a_short_rise_or_a_little_voltage_is_nothing(self) -> None:
        for fed_mv, ms in ((5_000, 300), (450, 5_000)):
            self.world.fed_mv = fed_mv
            self.bench.run(ms)
            self.world.fed_mv = self.world.mv = 0
            self.bench.run(3_000)
            self.assertEqual(self.power.state, power.OFF)


if __name__ == "__main__":
    unittest.main()
