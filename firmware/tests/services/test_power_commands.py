# runs on: cpython, micropython
"""Every command to the rail: what it reaches, when it is refused, and what the log says."""

import unittest

from power_case import Seated
from racklet_wire import cbor, events, power, status


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

    def test_a_fall_is_told_before_the_next_rise(self) -> None:
        """A reset right after that rise finds a rail that is on, and knows no more."""
        self.on()
        self.power.request(power.COMMAND_OFF, 2)
        while self.power.state != power.OFF:
            self.world.tick()
            self.power.look()  # no step for the flash
        self.power.request(power.COMMAND_ON, 3)
        self.assertEqual(self.power.state, power.TURNING_ON)
        record = cbor.decode(self.bench.log.read(self.bench.log.last))
        self.assertEqual((record["state"], record["before"]), (power.OFF, power.TURNING_OFF))

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
        for _ in self.while_running():
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
        for _ in self.while_running():
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

    def test_shutdown_ends_what_is_no_longer_or_not_yet_on(self) -> None:
        self.power.request(power.COMMAND_ON, 1)
        self.bench.run(5)
        self.power.request(power.COMMAND_SHUTDOWN, 2)
        self.assertEqual((self.power.state, self.world.latched), (power.TURNING_OFF, False))
        self.bench.run_until(power.OFF)
        self.power.request(power.COMMAND_ON, 3)
        self.bench.run_until(power.ON)
        self.world.trip()
        self.bench.run_until(power.FAULT)
        self.power.request(power.COMMAND_SHUTDOWN, 4)
        self.bench.run_until(power.OFF)
        self.assertEqual(self.outcome(), (power.OFF, power.DONE, power.R_NONE))

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


if __name__ == "__main__":
    unittest.main()
