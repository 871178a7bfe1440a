# runs on: cpython, micropython
"""INA228 and INA226 against register values worked out from their data sheets."""

import unittest

from fake_i2c import FakeI2C
from racklet_bmc.drivers.ina226 import INA226
from racklet_bmc.drivers.ina228 import ALERT_OVER_CURRENT, ALERT_OVER_VOLTAGE, INA228

AT = 0x40


def ina228(shunt_uohm: int, full_scale_ma: int, **registers: str) -> "tuple[FakeI2C, INA228]":
    bus = FakeI2C()
    bus.chips[AT] = {0x3E: b"\x54\x49", 0x3F: b"\x22\x81"}
    for name, value in registers.items():
        bus.chips[AT][int(name[1:], 16)] = bytes.fromhex(value)
    return bus, INA228(bus, AT, shunt_uohm, full_scale_ma)


class Ina228Registers(unittest.TestCase):
    def test_identity(self) -> None:
        _, chip = ina228(5_000, 8_192)
        self.assertTrue(chip.probe())
        _, chip = ina228(5_000, 8_192, r3F="2381")  # an INA238
        self.assertFalse(chip.probe())
        _, chip = ina228(5_000, 8_192, r3E="5448")
        self.assertFalse(chip.probe())

    def test_absent_chip_raises(self) -> None:
        with self.assertRaises(OSError):
            INA228(FakeI2C(), AT, 5_000, 8_192).probe()

    def test_calibration(self) -> None:
        # shunt, full scale -> ADCRANGE, SHUNT_CAL
        for shunt_uohm, full_scale_ma, config, calibration in (
            (5_000, 8_192, "4010", "1000"),
            (10_000, 4_096, "4010", "1000"),
            (10_000, 8_000, "4000", "07d0"),
            (10_000, 16_384, "4000", "1000"),
            (5_000, 10_000, "4000", "04e2"),
        ):
            bus, chip = ina228(shunt_uohm, full_scale_ma)
            chip.configure(5_000, 5_400)
            self.assertIn((AT, 0x00, config), bus.written)
            self.assertIn((AT, 0x02, calibration), bus.written)

    def test_shunt_that_grows_with_warmth(self) -> None:
        bus, chip = ina228(5_000, 8_192)
        chip.configure(5_000, 5_400)
        self.assertIn((AT, 0x03, "0000"), bus.written)
        bus = FakeI2C()
        bus.chips[AT] = {}
        INA228(bus, AT, 5_000, 8_192, 75).configure(5_000, 5_400)
        self.assertIn((AT, 0x00, "4030"), bus.written)  # TEMPCOMP
        self.assertIn((AT, 0x03, "004b"), bus.written)

    def test_charge_has_a_sign(self) -> None:
        # CURRENT_LSB is 15.625 uA: 64,000 counts are 1 C
        for register, microcoulombs in (
            ("000000fa00", 1_000_000),
            ("ffffff0600", -1_000_000),
            ("8000000000", -8_589_934_592_000),
        ):
            _, chip = ina228(5_000, 8_192, r0A=register)
            self.assertEqual(chip.read_charge_uc(), microcoulombs)

    def test_alert_limits(self) -> None:
        bus, chip = ina228(5_000, 8_192)
        chip.configure(5_500, 5_400)
        self.assertIn((AT, 0x0C, "55f0"), bus.written)  # 27.5 mV in steps of 1.25 uV
        self.assertIn((AT, 0x0E, "06c0"), bus.written)  # 5.4 V in steps of 3.125 mV
        self.assertIn((AT, 0x0D, "8000"), bus.written)
        self.assertIn((AT, 0x0B, "8000"), bus.written)  # latched until read
        chip.set_limits(60_000, 200_000)
        self.assertIn((AT, 0x0C, "7fff"), bus.written)
        self.assertIn((AT, 0x0E, "7fff"), bus.written)

    def test_adc_configuration_is_the_last_write_and_the_mark(self) -> None:
        bus, chip = ina228(5_000, 8_192, r01="fb68")  # as after power-on
        self.assertFalse(chip.configured())
        chip.configure(5_000, 5_400)
        # SLYS021A table 7-6: bus and shunt in turn (B), 50 us (0), 1052 us (5), averages of 4 (1).
        self.assertEqual(bus.written[-1], (AT, 0x01, "b141"))
        self.assertTrue(chip.configured())

    def test_bus_voltage(self) -> None:
        for register, millivolts in (("066000", 5_100), ("000000", 0), ("0f0000", 12_000)):
            _, chip = ina228(5_000, 8_192, r05=register)
            self.assertEqual(chip.read_bus_mv(), millivolts)

    def test_current(self) -> None:
        # 15.625 uA a step: 64,000 steps are 1 A
        for register, milliamperes in (
            ("0fa000", 1_000),
            ("f06000", -1_000),
            ("000000", 0),
            ("7ffff0", 8_192),
            ("800000", -8_192),
        ):
            _, chip = ina228(5_000, 8_192, r07=register)
            self.assertEqual(chip.read_current_ma(), milliamperes)

    def test_power(self) -> None:
        # 50 uW a step
        for register, milliwatts in (("01b9e0", 5_656), ("07a120", 25_000), ("000000", 0)):
            _, chip = ina228(5_000, 8_192, r08=register)
            self.assertEqual(chip.read_power_mw(), milliwatts)

    def test_energy_unit(self) -> None:
        # microjoules of a count: 16 * 3.2 * CURRENT_LSB
        for full_scale_ma, counts, microjoules in (
            (8_192, 1_000, 800_000),
            (4_096, 1_000, 400_000),
            (8_000, 1_000, 781_250),
            (16_384, 1_000, 1_600_000),
        ):
            _, chip = ina228(5_000, full_scale_ma)
            self.assertEqual(counts * chip.energy_num // chip.energy_den, microjoules)

    def test_energy_has_40_bits(self) -> None:
        _, chip = ina228(5_000, 8_192, r09="ffffffffff")
        self.assertEqual(chip.read_energy(), chip.energy_modulus - 1)

    def test_alerts(self) -> None:
        for register, alerts in (
            ("0001", 0),
            ("8041", ALERT_OVER_CURRENT),
            ("8011", ALERT_OVER_VOLTAGE),
            ("8051", ALERT_OVER_CURRENT | ALERT_OVER_VOLTAGE),
        ):
            _, chip = ina228(5_000, 8_192, r0B=register)
            self.assertEqual(chip.read_alerts(), alerts)


class StepClock:
    def __init__(self) -> None:
        self.now_us = 0

    def us(self) -> int:
        return self.now_us


class Ina226Registers(unittest.TestCase):
    def setUp(self) -> None:
        self.bus = FakeI2C()
        self.clock = StepClock()
        self.registers = self.bus.chips[AT] = {0xFE: b"\x54\x49", 0xFF: b"\x22\x60"}
        self.chip = INA226(self.bus, AT, 10_000, 8_192, self.clock)

    def test_identity(self) -> None:
        self.assertTrue(self.chip.probe())
        self.registers[0xFF] = b"\x22\x81"
        self.assertFalse(self.chip.probe())

    def test_calibration(self) -> None:
        self.chip.configure(5_000, 5_400)
        self.assertIn((AT, 0x05, "0800"), self.bus.written)  # 250 uA a step in 10 mOhm
        self.assertIn((AT, 0x07, "4e20"), self.bus.written)  # 50 mV in steps of 2.5 uV
        self.assertIn((AT, 0x06, "8001"), self.bus.written)
        self.assertTrue(self.chip.configured())

    def test_readings(self) -> None:
        self.registers.update({2: b"\x0f\xf0", 3: b"\x04\x80", 4: b"\x16\x30"})
        self.assertEqual(self.chip.read_bus_mv(), 5_100)
        self.assertEqual(self.chip.read_power_mw(), 7_200)  # 6.25 mW a step
        self.assertEqual(self.chip.read_current_ma(), 1_420)
        self.registers[4] = b"\xff\xfc"
        self.assertEqual(self.chip.read_current_ma(), -1)

    def test_energy_is_power_times_time(self) -> None:
        self.registers[3] = b"\x04\x80"  # 7.2 W
        self.chip.configure(5_000, 5_400)
        for _ in range(10):
            self.clock.now_us += 250_000
            counts = self.chip.read_energy()
        self.assertEqual(counts * self.chip.energy_num // self.chip.energy_den, 18_000_000)

    def test_a_long_pause_is_a_gap(self) -> None:
        self.registers[3] = b"\x04\x80"
        self.chip.configure(5_000, 5_400)
        self.clock.now_us += 5_000_000
        self.assertEqual(self.chip.read_energy(), 0)

    def test_a_restart_of_the_firmware_is_not_configured(self) -> None:
        self.chip.configure(5_000, 5_400)
        again = INA226(self.bus, AT, 10_000, 8_192, self.clock)
        self.assertFalse(again.configured())

    def test_alert(self) -> None:
        self.registers[6] = b"\x80\x11"
        self.assertEqual(self.chip.read_alerts(), ALERT_OVER_CURRENT)
        self.registers[6] = b"\x80\x01"
        self.assertEqual(self.chip.read_alerts(), 0)


if __name__ == "__main__":
    unittest.main()
