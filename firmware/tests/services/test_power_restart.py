# runs on: cpython, micropython
"""The BMC restarts, and adopts the rail as it is."""

import unittest

from power_case import Seated, states
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
