# runs on: cpython, micropython
"""Factory reset by the button: held long, once, settings only."""

import unittest

from racklet_bmc.services.factory import FactoryReset
from racklet_bmc.services.settings import Settings
from racklet_wire import cbor, events
from service_fakes import Bench, FakePin


class Button(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = Bench()
        self.pin = FakePin(1)
        self.bench.settings.set("settle_ms", 300)
        self.bench.settings.store()
        self.factory = FactoryReset(self.bench.clock, self.pin, self.bench.settings, self.bench.log)

    def hold(self, ms: int) -> None:
        for _ in range(ms // 250):
            self.factory.step()
            self.bench.clock.now_ms += 250
        self.factory.step()

    def test_a_short_press_does_nothing(self) -> None:
        for _ in range(5):
            self.pin.level = 0
            self.hold(4_500)
            self.pin.level = 1
            self.hold(250)
        self.assertEqual(self.bench.settings.get("settle_ms"), 300)

    def test_held_it_resets_settings_in_flash_once_and_keeps_the_log(self) -> None:
        last = self.bench.log.last
        self.pin.level = 0
        self.hold(20_000)
        self.assertEqual(self.bench.settings.get("settle_ms"), 100)
        self.assertEqual(Settings(self.bench.settings_flash).get("settle_ms"), 100)
        log = self.bench.log
        self.assertEqual(log.last, last + 1)
        self.assertEqual(cbor.decode(log.read(log.last))[events.KIND], events.FACTORY_RESET)

    def test_what_was_measured_on_this_unit_is_kept(self) -> None:
        names = [f"{c}_calibrated_day" for c in ("vin", "iin", "vout", "iout")]
        names += ["vin_gain_ppm", "iout_uncertainty_ua"]
        for name in names:
            self.bench.settings.set(name, 7)
        self.pin.level = 0
        self.hold(20_000)
        stored = Settings(self.bench.settings_flash)
        self.assertEqual([stored.get(name) for name in names], [7] * len(names))


if __name__ == "__main__":
    unittest.main()
