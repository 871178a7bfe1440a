# runs on: cpython, micropython
"""LINEAR11 and LINEAR16 against worked values of PMBus devices."""

import unittest

from racklet_wire import linear

LINEAR11 = (
    (5_100, 0xCA8D),
    (1_420, 0xBAD7),
    (7_250, 0xCBA0),
    (3_000, 0xC300),
    (12_000, 0xD300),
    (15_300, 0xD3D3),
    (25_000, 0xDB20),
    (41_500, 0xE298),
    (60_000, 0xE3C0),
    (100_000, 0xEB20),
    (-10_500, 0xD560),
    (0, 0x0000),
)


class Linear11(unittest.TestCase):
    def test_encodes_to_the_smallest_exponent(self):
        for milli, word in LINEAR11:
            self.assertEqual(linear.linear11_encode(milli), word)

    def test_decodes_to_the_nearest_thousandth(self):
        for word, milli in (
            (0xCA8D, 5_102),  # 5.1015625
            (0xBAD7, 1_420),  # 1.41992
            (0xD560, -10_500),
            (0xFFFF, -500),
            (0xF3FF, 255_750),
            (0x0400, -1_024_000),
            (0x07FF, -1_000),
            (0x7C00, -33_554_432_000),
            (0x7BFF, 33_521_664_000),
        ):
            self.assertEqual(linear.linear11_decode(word), milli)

    def test_beyond_the_range_raises(self):
        for milli in (33_600_000_000, -33_600_000_000):
            with self.assertRaises(ValueError):
                linear.linear11_encode(milli)


class Linear16(unittest.TestCase):
    def test_5100_mv_in_every_exponent(self):
        for exponent, word in ((-9, 0x0A33), (-10, 0x1466), (-11, 0x28CD), (-12, 0x519A)):
            self.assertEqual(linear.linear16_encode(5_100, exponent), word)
            self.assertLess(abs(linear.linear16_decode(word, exponent) - 5_100), 2)

    def test_vout_mode_says_absolute_linear_with_our_exponent(self):
        self.assertEqual(linear.VOUT_MODE, 0x14)

    def test_beyond_the_range_raises(self):
        for mv in (-1, 16_000):
            with self.assertRaises(ValueError):
                linear.linear16_encode(mv)
