# runs on: cpython, micropython
"""Temperatures of the LM75 family in its several resolutions."""

import unittest

from fake_i2c import FakeI2C
from racklet_bmc.drivers.tmp1075 import TMP1075


class Temperatures(unittest.TestCase):
    def test_readings(self) -> None:
        for register, millidegrees in (
            ("1920", 25_125),  # 11 bits, PCT2075
            ("1910", 25_062),  # 12 bits: 25.0625
            ("2980", 41_500),
            ("f580", -10_500),
            ("0000", 0),
            ("ff80", -500),
        ):
            bus = FakeI2C()
            bus.chips[0x48] = {0: bytes.fromhex(register)}
            sensor = TMP1075(bus, 0x48)
            self.assertEqual(sensor.read_mc(), millidegrees)
            self.assertTrue(sensor.probe())

    def test_alert_is_silenced(self) -> None:
        bus = FakeI2C()
        bus.chips[0x48] = {0: bytes(2)}
        sensor = TMP1075(bus, 0x48)
        sensor.read_mc()
        sensor.read_mc()
        self.assertEqual(bus.written, [(0x48, 3, "7ff0"), (0x48, 2, "7fe0")])

    def test_a_chip_that_does_not_hold_a_limit_is_not_the_right_one(self) -> None:
        for held, is_right in (("7ff0", True), ("7f80", True), ("ffff", False), ("5000", False)):
            bus = FakeI2C()
            bus.chips[0x48] = {0: bytes(2)}
            sensor = TMP1075(bus, 0x48)
            sensor.read_mc()
            bus.chips[0x48][3] = bytes.fromhex(held)
            self.assertEqual(sensor.probe(), is_right)
            self.assertTrue(sensor.probe())  # one that was reset has its limits again

    def test_absent_sensor_raises(self) -> None:
        with self.assertRaises(OSError):
            TMP1075(FakeI2C(), 0x48).read_mc()


if __name__ == "__main__":
    unittest.main()
