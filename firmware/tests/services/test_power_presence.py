# runs on: cpython, micropython
"""A unit comes, goes, and stands alone."""

import unittest

from power_case import Seated, states
from racklet_wire import power, status
from service_fakes import Bench


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

    def test_a_rail_that_is_fed_in_the_meantime_is_not_switched_on(self) -> None:
        bench = Bench()
        bench.settings.set("restore_policy", 1)
        bench.hardware.seat()
        bench.run_until(power.OFF)
        bench.hardware.fed_mv = 600
        bench.run(10_000)
        self.assertEqual((bench.power.state, bench.hardware.sets), (power.FAULT, 0))
        self.assertEqual(bench.power.fault, power.R_BACK_FED)

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
            bench.boot(has_power_returned=True)
            bench.run(8_000)
            self.assertEqual(bench.power.state, state)

    def test_restore_policy_last_remembers_what_ran_when_the_input_went(self) -> None:
        for returns, state in ((False, power.ON), (True, power.OFF)):
            bench = Bench()
            bench.settings.set("restore_policy", 2)
            bench.settings.store()
            bench.hardware.seat()
            bench.run_until(power.PROBATION)
            bench.power.request(power.COMMAND_ON)
            bench.run_until(power.ON)
            bench.hardware.vin_mv = 9_500
            bench.hardware.trip()  # the eFuse's undervoltage lockout, before the BMC is gone
            bench.run_until(power.FAULT)
            bench.run(15)
            if returns:  # only a dip: that is a fault like others
                bench.hardware.vin_mv = 12_000
                bench.run(200)
            bench.hardware.mv, bench.hardware.vin_mv = 0, 12_000
            bench.boot(has_power_returned=True)
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


if __name__ == "__main__":
    unittest.main()
