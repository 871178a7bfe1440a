# runs on: cpython, micropython
"""The BMC restarts, and adopts the rail as it is."""

import unittest

from power_case import Seated, states
from racklet_bmc.services.settings_schema import RESTORE_LAST, RESTORE_OFF, RESTORE_ON
from racklet_wire import cbor, power


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

    def test_what_is_off_stays_off_whatever_the_policy(self) -> None:
        for policy in (RESTORE_OFF, RESTORE_ON, RESTORE_LAST):
            for has_fault in (False, True):
                self.setUp()
                self.bench.settings.set("restore_policy", policy)
                self.bench.settings.store()
                self.on()
                if has_fault:
                    self.world.shorted = True
                    self.bench.run(100)
                    self.world.shorted = False
                else:
                    self.power.request(power.COMMAND_OFF, 2)
                    self.bench.run_until(power.OFF)
                self.bench.boot()
                self.bench.run(10_000)
                self.assertEqual((self.power.state, self.world.latched), (power.OFF, False))

    def test_what_fell_meanwhile_stays_off_until_it_is_inserted_again(self) -> None:
        self.bench.settings.set("restore_policy", RESTORE_LAST)
        self.bench.settings.store()
        self.on()
        self.bench.run(100)  # what is wanted is in flash
        self.world.trip(0)
        self.bench.boot()
        self.bench.run(10_000)
        self.assertEqual((self.power.state, self.world.latched), (power.OFF, False))
        self.world.seat(False)
        self.bench.run(200)
        self.world.seat()
        self.bench.run(10_000)
        self.assertEqual(self.power.state, power.ON)

    def test_what_is_inserted_after_a_reset_follows_its_policy(self) -> None:
        self.bench.settings.set("restore_policy", RESTORE_ON)
        self.bench.settings.store()
        self.world.seat(False)
        self.bench.boot()
        self.bench.run(200)
        self.world.seat()
        self.bench.run(10_000)
        self.assertEqual(self.power.state, power.ON)


if __name__ == "__main__":
    unittest.main()
