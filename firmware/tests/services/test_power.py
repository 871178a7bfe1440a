# runs on: cpython, micropython
"""The power service on a small world: every way a rail can go, and every command."""

import unittest

from racklet_base.services.eventlog import EventLog
from racklet_wire import cbor, events, power, status
from service_fakes import Bench

DEFAULT_SHUTDOWN_MS = 90_000


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


class Insertion(unittest.TestCase):
    def test_empty_slot_stays_absent(self) -> None:
        bench = Bench()
        bench.run(1_000)
        self.assertEqual(bench.power.state, power.ABSENT)
        self.assertFalse(bench.hotplug.present)

    def test_bounce_delays_settling(self) -> None:
        bench = Bench()
        for _ in range(20):
            bench.hardware.seat(True)
            bench.run(30)
            self.assertNotEqual(bench.power.state, power.PROBATION)
            bench.hardware.seat(False)
            bench.run(5)
        bench.hardware.seat(True)
        self.assertLess(bench.run_until(power.PROBATION), 250)
        self.assertEqual(bench.hotplug.serial, "SN0001")

    def test_alone_it_ends_probation_and_stays_off(self) -> None:
        bench = Bench()
        bench.hardware.seat()
        bench.run(10_000)
        self.assertEqual(bench.power.state, power.OFF)

    def test_restore_policy_on_waits_for_its_slots_turn(self) -> None:
        bench = Bench()
        bench.settings.set("restore_policy", 1)
        bench.hardware.seat()
        bench.run_until(power.OFF)
        since = bench.clock.ms()
        bench.run_until(power.ON)
        self.assertGreaterEqual(bench.clock.ms() - since, 2 * 500)  # slot 2

    def test_restore_policy_last(self) -> None:
        for command, state in ((power.COMMAND_ON, power.ON), (power.COMMAND_OFF, power.OFF)):
            bench = Bench()
            bench.settings.set("restore_policy", 2)
            bench.settings.store()
            bench.hardware.seat()
            bench.run_until(power.OFF)
            bench.power.request(command)
            bench.run_until(state)
            bench.hardware.clear()
            bench.hardware.mv = 0  # the power was gone, and is back
            bench.boot()
            bench.run(8_000)
            self.assertEqual(bench.power.state, state)

    def test_command_before_admission_admits(self) -> None:
        bench = Bench()
        bench.hardware.seat()
        bench.run_until(power.PROBATION)
        self.assertEqual(bench.power.request(power.COMMAND_ON, 1), power.RUNNING)
        bench.run_until(power.ON)

    def test_command_to_an_absent_unit_is_refused(self) -> None:
        bench = Bench()
        self.assertEqual(bench.power.request(power.COMMAND_ON, 1), power.REFUSED)
        self.assertEqual(bench.power.reason, power.R_ABSENT)
        bench.hardware.seat()
        bench.power.step()
        self.assertEqual(bench.power.request(power.COMMAND_ON, 2), power.REFUSED)
        self.assertEqual(bench.power.reason, power.R_NOT_ADMITTED)
        self.assertFalse(bench.hardware.latched)

    def test_removed_unit_is_known_by_its_serial(self) -> None:
        bench = Bench()
        bench.hardware.seat()
        bench.run_until(power.PROBATION)
        bench.hardware.seat(False)
        bench.run(200)
        bench.eeprom.content = None
        bench.hardware.seat()
        bench.run_until(power.PROBATION)
        self.assertIsNone(bench.hotplug.fru)
        self.assertEqual(bench.hotplug.serial, "")
        self.assertEqual(bench.hotplug.fru_error, "EEPROM does not answer")
        self.assertEqual(bench.hotplug.insertions, 2)


class Commands(Seated):
    def test_on_is_measured(self) -> None:
        self.assertEqual(self.power.request(power.COMMAND_ON, 1), power.RUNNING)
        while self.power.result == power.RUNNING:
            self.bench.run(1)
        self.assertEqual(self.outcome(), (power.ON, power.DONE, power.R_NONE))
        self.assertGreater(self.world.mv, 4_750)
        self.assertLess(abs(self.power.rise_ms - 15), 5)
        record = cbor.decode(self.bench.log.read(self.bench.log.last))
        self.assertEqual((record["state"], record["before"]), (power.ON, power.TURNING_ON))

    def test_highest_current_while_rising_is_kept(self) -> None:
        for highest in (900, 300):  # not that of the time before
            self.power.request(power.COMMAND_ON)
            self.bench.output.current_ma = highest
            self.bench.run(6)
            self.bench.output.current_ma = 200
            self.bench.run_until(power.ON)
            self.assertEqual(self.power.inrush_ma, highest)
            record = cbor.decode(self.bench.log.read(self.bench.log.last))
            self.assertEqual(record["inrush_ma"], highest)
            self.power.request(power.COMMAND_OFF)
            self.bench.run_until(power.OFF)

    def test_off_is_measured(self) -> None:
        self.on()
        self.assertEqual(self.power.request(power.COMMAND_OFF, 2), power.RUNNING)
        self.assertFalse(self.world.latched)
        while self.power.result == power.RUNNING:
            self.bench.run(1)
        self.assertEqual(self.outcome(), (power.OFF, power.DONE, power.R_NONE))
        self.assertLess(self.world.mv, 400)
        self.assertEqual(self.world.pins["DISCHG"].level, 0)
        self.assertLess(abs(self.power.fall_ms - 30), 10)

    def test_what_is_already_so_is_done(self) -> None:
        self.assertEqual(self.power.request(power.COMMAND_OFF, 11), power.DONE)
        self.assertEqual(self.power.request(power.COMMAND_SHUTDOWN, 12), power.DONE)
        self.on()
        self.assertEqual(self.power.request(power.COMMAND_ON, 3), power.DONE)
        self.assertTrue(self.world.latched)

    def test_same_transaction_runs_once(self) -> None:
        self.on()
        self.power.request(power.COMMAND_OFF, 7)
        self.bench.run_until(power.OFF)
        self.power.request(power.COMMAND_ON, 8)
        self.bench.run_until(power.ON)
        self.assertEqual(self.power.request(power.COMMAND_OFF, 7), power.DONE)
        self.assertEqual(self.power.request(power.COMMAND_ON, 8), power.DONE)
        self.bench.run(200)
        self.assertEqual(self.power.state, power.ON)
        self.assertEqual(self.power.transaction_id, 8)

    def test_id_0_is_never_a_repetition(self) -> None:
        self.power.request(power.COMMAND_ON, 0)
        self.bench.run_until(power.ON)
        self.power.request(power.COMMAND_OFF, 0)
        self.bench.run_until(power.OFF)

    def test_shutdown_asks_and_waits(self) -> None:
        self.on()
        self.power.request(power.COMMAND_SHUTDOWN, 2)
        self.assertEqual(self.power.state, power.SHUTTING_DOWN)
        self.assertEqual(self.world.pins["SHDN_REQ"].level, 1)
        self.bench.run(1_000)
        self.assertEqual(self.world.pins["SHDN_REQ"].level, 0)  # held, it would wake it again
        self.bench.run(5_000)
        self.assertTrue(self.world.latched)
        self.world.pins["PI_OFF"].level = 1
        self.bench.run(150)
        self.assertTrue(self.world.latched)  # TOFF_DELAY
        self.bench.run_until(power.OFF)
        self.assertEqual(self.power.result, power.DONE)

    def test_shutdown_is_forced_at_its_limit(self) -> None:
        self.bench.settings.set("shutdown_limit_ms", 2_000)
        self.on()
        self.power.request(power.COMMAND_SHUTDOWN, 2)
        self.assertLess(abs(self.bench.run_until(power.OFF) - 2_000), 150)
        self.assertEqual(self.outcome(), (power.OFF, power.DONE, power.R_SHUTDOWN_TIMEOUT))
        mfr = self.power.status_bits()[status.STATUS_MFR_SPECIFIC]
        self.assertEqual(mfr, status.MFR_SHUTDOWN_TIMEOUT)

    def test_cycle_is_off_then_on(self) -> None:
        self.on()
        self.power.request(power.COMMAND_CYCLE, 2)
        self.world.pins["PI_OFF"].level = 1
        lowest = 5_100
        while self.power.result == power.RUNNING:
            self.bench.run(1)
            lowest = min(lowest, self.world.mv)
            if not self.world.latched:
                self.world.pins["PI_OFF"].level = 0
        self.assertEqual(self.outcome(), (power.ON, power.DONE, power.R_NONE))
        self.assertLess(lowest, 400)

    def test_cycle_of_a_rail_that_is_off_switches_it_on(self) -> None:
        self.power.request(power.COMMAND_CYCLE, 2)
        self.bench.run_until(power.ON)
        self.assertEqual(self.power.result, power.DONE)

    def test_on_while_turning_off_waits_for_the_discharge(self) -> None:
        self.on()
        self.power.request(power.COMMAND_OFF, 2)
        self.bench.run(3)
        self.power.request(power.COMMAND_ON, 3)
        lowest = 5_100
        while self.power.result == power.RUNNING:
            self.bench.run(1)
            lowest = min(lowest, self.world.mv)
        self.assertEqual(self.power.state, power.ON)
        self.assertLess(lowest, 400)
        self.assertEqual(self.power.request(power.COMMAND_OFF, 2), power.SUPERSEDED)

    def test_off_takes_over_from_on(self) -> None:
        self.power.request(power.COMMAND_ON, 1)
        self.bench.run(5)
        self.power.request(power.COMMAND_OFF, 2)
        self.assertFalse(self.world.latched)
        self.bench.run_until(power.OFF)
        self.assertEqual(self.power.request(power.COMMAND_ON, 1), power.SUPERSEDED)
        self.assertEqual(self.power.result, power.DONE)

    def test_the_rail_moves_before_the_flash_is_touched(self) -> None:
        self.on()
        self.bench.run(10)
        flash = self.bench.log.append, self.bench.store.save
        touched = []
        self.bench.log.append = self.bench.store.save = lambda *_, **__: touched.append(1)
        self.power.request(power.COMMAND_OFF, 2)
        self.assertFalse(self.world.latched)
        self.assertEqual(touched, [])
        self.bench.log.append, self.bench.store.save = flash
        before = self.bench.log.last
        self.bench.run(10)
        self.assertEqual(self.bench.log.last, before + 2)  # the command and the new state
        self.assertFalse(self.bench.store.values["wanted"])

    def test_a_storm_is_told_in_order_and_to_its_end(self) -> None:
        self.on()
        self.bench.run(10)
        before = self.bench.log.last
        for number in range(2, 42):
            self.power.request(9, number)  # no such command: refused, and told
        self.bench.run(100)
        self.bench.log.flush()
        told = [
            cbor.decode(self.bench.log.read(n)) for n in range(before + 1, self.bench.log.last + 1)
        ]
        self.assertEqual(sum([record.get(events.COUNT, 1) for record in told]), 40)
        self.assertEqual(told[-1]["transaction"], 41)

    def test_last_words_that_find_no_erased_page_are_told_if_the_power_stays(self) -> None:
        self.on()
        self.bench.run(10)
        before, append = self.bench.log.last, self.bench.log.append
        self.bench.log.append = lambda *_, **__: 0
        self.power.request(power.COMMAND_OFF, 2)
        self.world.vin_mv = 9_000
        self.power.look()
        self.bench.log.append = append
        self.world.vin_mv = 19_000
        self.bench.run(20)
        kinds = [cbor.decode(self.bench.log.read(before + n))[events.KIND] for n in (1, 2)]
        self.assertEqual(kinds, [events.COMMAND, events.STATE])

    def test_off_cuts_a_shutdown_short(self) -> None:
        self.on()
        self.power.request(power.COMMAND_SHUTDOWN, 2)
        self.bench.run(100)
        self.power.request(power.COMMAND_OFF, 3)
        self.assertFalse(self.world.latched)
        self.assertEqual(self.world.pins["SHDN_REQ"].level, 0)

    def test_while_the_compute_unit_shuts_down_only_off_is_taken(self) -> None:
        self.on()
        self.power.request(power.COMMAND_SHUTDOWN, 2)
        since = self.power.changed_ms
        for number, command in enumerate(
            (power.COMMAND_ON, power.COMMAND_SHUTDOWN, power.COMMAND_CYCLE), 3
        ):
            self.bench.run(100)
            self.assertEqual(self.power.request(command, number), power.REFUSED)
            self.assertEqual(self.power.request(command, number), power.REFUSED)
            self.bench.run(10)
            record = cbor.decode(self.bench.log.read(self.bench.log.last))
            self.assertEqual((record["command"], record["reason"]), (command, power.R_BUSY))
        self.assertEqual((self.power.transaction_id, self.power.result), (2, power.RUNNING))
        self.assertEqual(self.power.changed_ms, since)
        self.assertEqual(self.power.request(power.COMMAND_SHUTDOWN, 2), power.RUNNING)
        self.assertEqual(self.power.request(power.COMMAND_OFF, 9), power.RUNNING)
        self.assertFalse(self.world.latched)
        self.bench.run_until(power.OFF)
        self.assertEqual(self.power.result, power.DONE)

    def test_unknown_command_is_refused(self) -> None:
        self.assertEqual(self.power.request(9, 1), power.REFUSED)
        self.assertEqual(self.power.reason, power.R_UNKNOWN_COMMAND)

    def test_low_input_refuses_on(self) -> None:
        self.world.vin_mv = 9_000
        self.assertEqual(self.power.request(power.COMMAND_ON, 1), power.REFUSED)
        self.assertEqual(self.power.reason, power.R_INPUT_UNDERVOLTAGE)
        self.world.vin_mv = 23_000
        self.assertEqual(self.power.request(power.COMMAND_ON, 2), power.REFUSED)
        self.assertEqual(self.power.reason, power.R_INPUT_OVERVOLTAGE)

    def test_ton_delay(self) -> None:
        self.bench.settings.set("ton_delay_ms", 300)
        self.power.request(power.COMMAND_ON, 1)
        self.bench.run(290)
        self.assertFalse(self.world.latched)
        self.bench.run_until(power.ON)

    def test_storm(self) -> None:
        kinds = (power.COMMAND_ON, power.COMMAND_OFF, power.COMMAND_CYCLE, power.COMMAND_SHUTDOWN)
        self.bench.settings.set("shutdown_limit_ms", 1_000)
        for number in range(1, 400):
            self.power.request(kinds[number * 7 % 4], number)
            self.bench.run(number % 6)
        self.power.request(power.COMMAND_ON, 1_000)
        self.bench.run_until(power.ON, 20_000)
        self.assertEqual(self.power.result, power.DONE)


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

    def test_fault_during_shutdown(self) -> None:
        self.power.request(power.COMMAND_SHUTDOWN, 5)
        self.bench.run(100)
        self.world.shorted = True
        self.bench.run(100)
        self.assertEqual(self.outcome(), (power.FAULT, power.FAILED, power.R_SHORT_CIRCUIT))


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


class Removal(Seated):
    def test_at_every_millisecond_of_every_course(self) -> None:
        for command in (power.COMMAND_ON, power.COMMAND_OFF, power.COMMAND_CYCLE):
            for after in range(0, 60, 2):
                self.setUp()
                if command != power.COMMAND_ON:
                    self.on()
                self.world.pins["PI_OFF"].level = 1
                self.power.request(command, 2)
                self.bench.run(after)
                running = self.power.result == power.RUNNING
                self.world.seat(False)
                self.bench.run(110)
                self.assertEqual(self.power.state, power.ABSENT)
                self.assertFalse(self.world.latched)
                if running:
                    self.assertEqual(self.power.reason, power.R_REMOVED)
                self.bench.run(3_000)
                self.assertEqual(self.power.state, power.ABSENT)
                self.assertEqual(self.world.pins["DISCHG"].level, 0)

    def test_under_power_is_a_status(self) -> None:
        self.on()
        self.world.seat(False)
        self.bench.run(110)
        mfr = self.power.status_bits()[status.STATUS_MFR_SPECIFIC]
        self.assertEqual(mfr, status.MFR_REMOVED)
        self.assertEqual(states(self.bench.log)[-1], power.ABSENT)

    def test_put_back_it_settles_again_and_stays_off(self) -> None:
        self.on()
        self.world.seat(False)
        self.bench.run(110)
        self.world.seat(True)
        self.bench.run_until(power.OFF)
        self.assertFalse(self.world.latched)


class Restart(Seated):
    def test_adopts_a_rail_that_is_on(self) -> None:
        self.on()
        self.bench.boot()
        self.assertEqual(self.power.state, power.ON)
        self.bench.run(5_000)
        self.assertEqual((self.power.state, self.world.latched), (power.ON, True))
        self.assertEqual(states(self.bench.log)[-1], power.ON)
        found = [
            cbor.decode(self.bench.log.read(n))
            for n in range(self.bench.log.boot_first, self.bench.log.last + 1)
        ]
        self.assertEqual([record["state"] for record in found], [power.ON])
        self.assertNotIn("before", found[0])

    def test_at_every_millisecond_of_switching_on(self) -> None:
        for after in range(24):
            self.setUp()
            self.power.request(power.COMMAND_ON, 1)
            self.bench.run(after)
            latched = self.world.latched
            self.bench.boot()
            self.assertEqual(self.world.latched, latched)
            self.bench.run(8_000)
            self.assertEqual(self.power.state, power.ON if latched else power.OFF, after)

    def test_at_every_millisecond_of_switching_off(self) -> None:
        for after in range(0, 40, 3):
            self.setUp()
            self.on()
            self.power.request(power.COMMAND_OFF, 2)
            self.bench.run(after)
            self.bench.boot()
            self.bench.run(8_000)
            self.assertEqual((self.power.state, self.world.latched), (power.OFF, False))

    def test_after_a_fault_it_stays_off(self) -> None:
        self.bench.settings.set("restore_policy", 2)
        self.bench.settings.store()
        self.on()
        self.world.shorted = True
        self.bench.run(100)
        self.bench.boot()
        self.bench.run(10_000)
        self.assertEqual((self.power.state, self.world.latched), (power.OFF, False))


if __name__ == "__main__":
    unittest.main()
