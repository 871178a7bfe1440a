# runs on: cpython, micropython
"""Limits that firmware measures, fault responses, retries, shedding and last words."""

import unittest

from racklet_bmc.services import responses
from racklet_bmc.services.energy import Energy
from racklet_bmc.services.lastwords import LastWords
from racklet_bmc.services.limits import ALWAYS, OUTPUT
from racklet_bmc.services.protection import Protection
from racklet_bmc.services.settings_schema import SCHEMA
from racklet_wire import cbor, events, power, status
from service_fakes import Bench, FakeMonitor

LIMITS = {"iin_max_ma": 3_020, "vin_max_mv": 21_960, "iout_max_ma": 5_500, "vout_max_mv": 5_400}


class Readings:
    """Telemetry as a test wants it."""

    def __init__(self) -> None:
        self.vin_mv, self.iin_ma, self.pin_mw = 12_000, 400, 4_800
        self.vout_mv, self.iout_ma, self.pout_mw = 5_100, 800, 4_080
        self.temperature_mc = 40_000
        self.lost = set()
        self.taken_ms = 0
        self.reasons = {}

    def period_ms(self) -> int:
        return 250


class Protected(unittest.TestCase):
    """A unit that is on, and its protection."""

    def setUp(self) -> None:
        self.bench = Bench()
        self.readings = Readings()
        self.energy = Energy(
            self.bench.clock,
            self.bench.store,
            output=self.bench.output,
            input_=self.bench.input,
            limits=LIMITS,
            log=self.bench.log,
        )
        self.protection = Protection(
            self.bench.clock,
            self.bench.settings,
            telemetry=self.readings,
            energy=self.energy,
            power_service=self.bench.power,
            log=self.bench.log,
            slot=2,
        )
        self.bench.hardware.seat()
        self.bench.run_until(power.PROBATION)
        self.bench.power.request(power.COMMAND_ON, 1)
        self.bench.run_until(power.ON)

    def run_for(self, ms: int) -> None:
        for _ in range(ms // 250):
            self.readings.taken_ms = self.bench.clock.ms()
            self.protection.step()
            self.bench.run(250)

    def bits(self, register: int) -> int:
        return self.bench.power.status_bits().get(register, 0)

    def logged(self, kind: int) -> "list[dict]":
        log = self.bench.log
        found = [cbor.decode(log.read(n)) for n in range(log.first, log.last + 1)]
        return [record for record in found if record[events.KIND] == kind]

    @property
    def state(self) -> int:
        return self.bench.power.state


class Warnings(Protected):
    def test_quiet_while_all_is_well(self) -> None:
        self.run_for(2_000)
        self.assertEqual(self.bench.power.status_bits(), {status.STATUS_WORD: 0})
        self.assertEqual(self.logged(events.WARNING), [])

    def test_every_warning_sets_its_bit_once_moves_nothing_and_returns_after_a_clear(self) -> None:
        for quantity, limit, side, consequence in OUTPUT + ALWAYS:
            if not isinstance(consequence, tuple):
                continue
            self.setUp()
            self.bench.settings.set("shed_step_ms", 0)
            setattr(self.readings, quantity, self.bench.settings.get(limit) + side)
            self.run_for(1_000)
            register, bit = consequence
            self.assertEqual(self.bits(register), bit, limit)
            self.assertEqual(self.state, power.ON, limit)
            self.assertEqual(len(self.logged(events.WARNING)), 1, limit)
            self.bench.power.clear_faults()
            self.run_for(250)
            self.assertEqual(self.bits(register), bit, limit)
            setattr(self.readings, quantity, self.bench.settings.get(limit))
            self.bench.power.clear_faults()
            self.run_for(250)
            self.assertEqual(self.bits(register), 0, limit)

    def test_a_reading_of_before_the_rail_came_up_is_not_judged(self) -> None:
        self.readings.vout_mv = 0
        risen_ms = self.bench.power.changed_ms
        for taken_ms in (risen_ms - 100, risen_ms + 39):
            self.readings.taken_ms = taken_ms
            self.protection.step()
            self.assertEqual(self.state, power.ON)
        self.readings.taken_ms = risen_ms + 40
        self.protection.step()
        self.assertEqual(self.state, power.FAULT)

    def test_unknown_value_violates_nothing(self) -> None:
        for name in ("vin_mv", "iin_ma", "pin_mw", "vout_mv", "iout_ma", "pout_mw"):
            setattr(self.readings, name, None)
        self.readings.temperature_mc = None
        self.run_for(1_000)
        self.assertEqual(self.state, power.ON)

    def test_lost_sensor_is_a_status_and_an_event(self) -> None:
        self.readings.lost = {"output"}
        self.readings.reasons = {"output": "stuck"}
        self.run_for(1_000)
        self.assertEqual(self.bits(status.STATUS_MFR_SPECIFIC), status.MFR_SENSOR_LOST)
        self.readings.lost = set()
        self.run_for(500)
        self.assertEqual([event["why"] for event in self.logged(events.SENSOR_LOST)], ["stuck"])
        self.assertEqual(len(self.logged(events.SENSOR_FOUND)), 1)


class Faults(Protected):
    def test_every_fault_limit_switches_off_and_is_named(self) -> None:
        for quantity, limit, side, reason in OUTPUT + ALWAYS:
            if isinstance(reason, tuple):
                continue
            self.setUp()
            settings = self.bench.settings
            settings.set("shed_step_ms", 0)
            if not settings.get(limit):
                settings.set(limit, 100)
            if settings.get(responses.SETTING[reason]) >> 6 == responses.IGNORE:
                settings.set(responses.SETTING[reason], 0x80)
            setattr(self.readings, quantity, settings.get(limit) + side)
            self.run_for(500)
            self.assertEqual((self.state, self.bench.power.fault), (power.FAULT, reason), limit)
            self.assertFalse(self.bench.hardware.latched)
            self.assertEqual(len(self.logged(events.FAULT)), 1)

    def test_what_a_fault_pin_did_since_the_last_look_is_the_name(self) -> None:
        """The latch has fallen, and the low rail is measured before the sequencer had its turn."""
        self.run_for(500)
        self.bench.hardware.trip()
        self.bench.hardware.pins["EF_FLT_N"].level = 1
        self.readings.vout_mv = 2_000
        self.readings.taken_ms = self.bench.clock.ms()
        self.protection.step()
        self.assertEqual(self.bench.power.fault, power.R_INPUT_SHORT_CIRCUIT)

    def test_ignore_reports_and_moves_nothing(self) -> None:
        self.bench.settings.set("ot_fault_response", 0x00)
        self.readings.temperature_mc = 86_000
        self.run_for(5_000)
        self.assertEqual(self.state, power.ON)
        bits = self.bits(status.STATUS_TEMPERATURE)
        self.assertEqual(bits, status.TEMPERATURE_OT_FAULT | status.TEMPERATURE_OT_WARN)

    def test_delay_waits(self) -> None:
        self.bench.settings.set("ot_fault_response", 0x44)  # 4 units, then off
        self.readings.temperature_mc = 86_000
        self.run_for(1_750)
        self.assertEqual(self.state, power.ON)
        self.run_for(1_000)
        self.assertEqual(self.state, power.FAULT)

    def test_delay_starts_again_after_a_pause(self) -> None:
        self.bench.settings.set("ot_fault_response", 0x44)
        for _ in range(5):
            self.readings.temperature_mc = 86_000
            self.run_for(1_500)
            self.readings.temperature_mc = 84_000
            self.run_for(250)
        self.assertEqual(self.state, power.ON)

    def test_off_while_it_lasts(self) -> None:
        self.bench.settings.set("ot_fault_response", 0xC0)
        self.readings.temperature_mc = 86_000
        self.run_for(1_000)
        self.assertEqual(self.state, power.FAULT)
        self.readings.temperature_mc = 84_500  # not yet well below
        self.run_for(2_000)
        self.assertEqual(self.state, power.FAULT)
        self.assertFalse(self.bench.store.values["wanted"])
        self.readings.temperature_mc = 80_000
        self.run_for(1_000)
        self.assertEqual(self.state, power.ON)
        self.assertTrue(self.bench.store.values["wanted"])  # for the restore policy

    def test_off_while_it_lasts_is_off_and_tried_again_when_off_ends_it(self) -> None:
        self.bench.settings.set("iout_uc_fault_limit_ma", 100)
        self.bench.settings.set("iout_uc_fault_response", 0xC0 | 1 << 3)
        self.readings.iout_ma = 50
        sets = self.bench.hardware.sets
        self.run_for(3_000)
        self.assertEqual((self.state, self.bench.hardware.sets), (power.FAULT, sets + 1))


class AlertLimits(Protected):
    def test_follow_the_settings_and_survive_a_sensor_reset(self) -> None:
        self.run_for(250)
        self.assertEqual(self.bench.output.limits, (5_500, 5_400))
        self.assertEqual(self.bench.input.limits, (3_000, 21_900))
        self.bench.settings.set("iout_oc_warn_limit_ma", 1_000)
        self.bench.settings.set("iout_oc_fault_limit_ma", 2_000)
        self.run_for(250)
        self.assertEqual(self.bench.output.limits, (2_000, 5_400))
        self.bench.output.lose_power()
        self.energy.step()
        self.assertEqual(self.bench.output.limits, (2_000, 5_400))

    def test_silent_sensor_gets_them_when_it_is_back(self) -> None:
        self.bench.output.silent = True
        self.bench.settings.set("vout_ov_fault_limit_mv", 5_300)
        self.run_for(250)
        self.bench.output.silent = False
        self.bench.output.lose_power()
        self.energy.step()
        self.assertEqual(self.bench.output.limits, (5_500, 5_300))


class Retries(Protected):
    def short_again_and_again(self, response: int, ms: int) -> int:
        """How often the latch was set although the output stays shorted."""
        self.bench.settings.set("iout_oc_fault_response", response)
        self.bench.hardware.shorted = True
        before = self.bench.hardware.sets
        self.bench.run(ms)
        return self.bench.hardware.sets - before

    def test_latch_off(self) -> None:
        self.assertEqual(self.short_again_and_again(0xC0, 5_000), 0)
        self.assertEqual(self.state, power.FAULT)

    def test_two_retries_with_a_delay(self) -> None:
        self.assertEqual(self.short_again_and_again(0xC0 | 2 << 3 | 2, 10_000), 2)
        self.assertEqual(self.state, power.FAULT)

    def test_for_ever(self) -> None:
        sets = self.short_again_and_again(0xF9, 10_000)
        self.assertGreater(sets, 10)
        self.bench.hardware.shorted = False
        self.bench.run_until(power.ON)

    def test_a_short_whose_bursts_no_look_meets_keeps_its_name_and_its_retries(self) -> None:
        self.short_again_and_again(0xC0 | 2 << 3 | 2, 500)
        self.bench.hardware.shorted = False
        self.bench.hardware.stuck_off = True
        self.bench.hardware.stuck_hook = self.bench.output.count_bursts
        before = self.bench.hardware.sets
        self.bench.run(10_000)
        self.assertEqual(self.bench.hardware.sets, before + 2)
        self.assertEqual(self.bench.power.fault, power.R_SHORT_CIRCUIT)

    def test_retry_that_works_ends_the_fault(self) -> None:
        self.short_again_and_again(0xC0 | 1 << 3 | 2, 500)
        self.bench.hardware.shorted = False
        self.bench.run_until(power.ON)
        self.assertEqual(self.bench.power.fault, power.R_NONE)

    def test_a_stable_rail_has_all_retries_again(self) -> None:
        self.bench.settings.set("iin_oc_fault_response", 0x80 | 1 << 3)
        for _ in range(4):
            self.bench.run(12_000)
            self.bench.hardware.trip()
            self.bench.run(50)
            self.bench.run_until(power.ON)
        self.bench.hardware.trip()  # at once again: that was the last one
        self.bench.run(2_000)
        self.assertEqual(self.state, power.FAULT)

    def test_command_runs_until_the_retries_are_used_up(self) -> None:
        self.bench.settings.set("iout_oc_fault_response", 0xC0 | 2 << 3)
        self.bench.power.request(power.COMMAND_OFF, 2)
        self.bench.run_until(power.OFF)
        self.bench.hardware.shorted = True
        self.bench.power.request(power.COMMAND_ON, 3)
        self.bench.run(50)
        self.assertEqual(self.bench.power.result, power.RUNNING)
        self.bench.run(2_000)
        self.assertEqual(self.bench.power.result, power.FAILED)
        self.assertEqual(self.bench.power.reason, power.R_SHORT_CIRCUIT)

    def test_off_stops_the_retries(self) -> None:
        self.short_again_and_again(0xF9, 1_000)
        self.bench.power.request(power.COMMAND_OFF, 9)
        self.bench.hardware.shorted = False
        self.bench.run(5_000)
        self.assertEqual((self.state, self.bench.hardware.latched), (power.OFF, False))

    def test_removal_stops_the_retries(self) -> None:
        self.short_again_and_again(0xF9, 1_000)
        self.bench.hardware.seat(False)
        self.bench.hardware.shorted = False
        self.bench.run(500)
        self.bench.hardware.seat(True)
        self.bench.run(10_000)
        self.assertEqual((self.state, self.bench.hardware.latched), (power.OFF, False))


class ResponseBytes(unittest.TestCase):
    def test_fault_pins_take_only_off_with_retries(self) -> None:
        bounds = {row[0]: row[1:3] for row in SCHEMA}
        self.assertEqual(bounds["iout_oc_fault_response"], (0xC0, 0xFF))
        for name in ("vout_ov", "vin_ov", "iin_oc", "ton_max"):
            self.assertEqual(bounds[name + "_fault_response"], (0x80, 0xBF))

    def test_fields(self) -> None:
        self.assertEqual(responses.what("ot_fault_response", 0x80), responses.OFF)
        self.assertEqual(responses.what("iout_oc_fault_response", 0xC0), responses.OFF)
        self.assertEqual(responses.what("iout_uc_fault_response", 0xC0), responses.OFF)
        self.assertEqual(responses.what("ot_fault_response", 0xC0), responses.WHILE)
        self.assertEqual(responses.retries(0xF8), responses.FOREVER)
        self.assertEqual(responses.retries(0x9A), 3)
        self.assertEqual(responses.delay_ms(0x9A), 1_000)


class Shedding(Protected):
    def test_after_the_turn_of_the_slot(self) -> None:
        self.readings.vin_mv = 11_000
        self.run_for(250)
        self.assertEqual(self.state, power.ON)
        self.run_for(500)  # slot 2: 400 ms
        self.assertEqual(self.state, power.SHUTTING_DOWN)
        self.bench.hardware.pins["PI_OFF"].level = 1
        self.run_for(1_000)
        self.assertEqual(self.state, power.OFF)
        self.assertTrue(self.bits(status.STATUS_INPUT) & status.INPUT_OFF_LOW_VIN)
        self.assertEqual(len(self.logged(events.BROWN_OUT)), 1)

    def test_a_short_sag_sheds_nothing(self) -> None:
        for _ in range(5):
            self.readings.vin_mv = 11_000
            self.run_for(250)
            self.readings.vin_mv = 11_400
            self.run_for(250)
        self.assertEqual(self.state, power.ON)

    def test_switched_off(self) -> None:
        self.bench.settings.set("shed_step_ms", 0)
        self.readings.vin_mv = 11_000
        self.run_for(5_000)
        self.assertEqual(self.state, power.ON)


class TheLast(Protected):
    def test_words_on_removal_and_on_a_failing_input_once_each(self) -> None:
        self.bench.hardware.vin_mv = 9_000
        self.bench.run(500)
        self.assertEqual(self.bench.spoken, [9_000])
        self.bench.hardware.vin_mv = 12_000
        self.bench.run(500)
        self.bench.hardware.seat(False)
        self.bench.run(500)
        self.assertEqual(self.bench.spoken, [9_000, None])

    def test_words_are_few_pages_and_no_erase(self) -> None:
        bench = self.bench
        bench.log.maintain()
        bench.store.maintain()
        output, input_ = FakeMonitor(), FakeMonitor()
        energy = Energy(
            bench.clock, bench.store, output=output, input_=input_, limits=LIMITS, log=bench.log
        )
        for _ in range(50):
            bench.log.append(events.WARNING, value=1)
        output.energy = 1_000_000
        words = LastWords(bench.clock, energy, bench.log)
        flashes = (bench.log_flash, bench.store_flash)
        before = [(flash.erases, flash.operations) for flash in flashes]
        self.assertTrue(words.speak(9_000))
        erases = [flash.erases for flash in flashes]
        self.assertEqual(erases, [erased for erased, _ in before])
        operations = sum([flash.operations for flash in flashes])
        # Totals, event, count of the flood, and that its notes count no more.
        self.assertLessEqual(operations - sum([count for _, count in before]), 4)
        self.assertEqual(bench.store.values["energy"][2], energy.out_uj)
        self.assertEqual(energy.out_uj, 1_000_000 * 25 // 256)
        self.assertEqual(len(self.logged(events.BROWN_OUT)), 1)
        self.assertFalse(words.speak(9_000))  # a fluttering supply wears nothing out


if __name__ == "__main__":
    unittest.main()
