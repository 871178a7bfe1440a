# runs on: cpython, micropython
"""Status registers: summaries, clearing, causes that persist, SMBALERT#."""

import unittest

from racklet_base.target import guards
from racklet_base.target.replies import Replies
from racklet_base.target.status import Status
from racklet_wire import linear
from racklet_wire import status as s


class Registers(unittest.TestCase):
    def setUp(self):
        self.status = Status()
        self.cleared = []

    def report(self, bits, is_off=False, is_good=True):
        self.status.take_clears(lambda code, mask: self.cleared.append((code, mask)))
        self.status.show(bits, is_off, is_good)

    def test_nothing_wrong_reads_zero(self):
        self.report({})
        self.assertEqual(self.status.word(), 0)
        self.assertFalse(self.status.is_alerting())

    def test_the_rail_is_live(self):
        self.report({}, is_off=True, is_good=False)
        self.assertEqual(self.status.word(), 0x0840)
        self.status.clear_all()
        self.assertEqual(self.status.word(), 0x0840)
        self.report({})
        self.assertEqual(self.status.word(), 0)

    def test_each_detail_is_summed_up(self):
        for code, bits, word in (
            (s.STATUS_VOUT, 0x80, 0x8020),
            (s.STATUS_VOUT, 0x10, 0x8001),
            (s.STATUS_IOUT, 0x80, 0x4010),
            (s.STATUS_IOUT, 0x20, 0x4001),
            (s.STATUS_INPUT, 0x10, 0x2008),
            (s.STATUS_INPUT, 0x80, 0x2001),
            (s.STATUS_TEMPERATURE, 0x40, 0x0004),
            (s.STATUS_CML, 0x10, 0x0002),
            (s.STATUS_OTHER, 0x01, 0x0201),
            (s.STATUS_MFR_SPECIFIC, 0x80, 0x1001),
        ):
            self.report({code: bits})
            self.assertEqual(self.status.word(), word)
            self.assertTrue(self.status.is_alerting())

    def test_write_one_to_clear_is_seen_at_once_and_told_to_the_services(self):
        self.report({s.STATUS_VOUT: 0x30})
        self.status.clear(s.STATUS_VOUT, 0x10)
        self.assertEqual(self.status.register(s.STATUS_VOUT), 0x20)
        self.report({s.STATUS_VOUT: 0x20})
        self.assertEqual(self.cleared, [(s.STATUS_VOUT, 0x10)])
        self.assertEqual(self.status.register(s.STATUS_VOUT), 0x20)

    def test_a_cause_that_persists_shows_again(self):
        self.report({s.STATUS_INPUT: 0x10})
        self.status.clear_all()
        self.assertEqual(self.status.word(), 0)
        self.report({s.STATUS_INPUT: 0x10})
        self.assertEqual(self.status.register(s.STATUS_INPUT), 0x10)

    def test_a_clear_between_taking_and_showing_is_not_lost(self):
        self.report({s.STATUS_VOUT: 0x30})
        self.status.clear(s.STATUS_VOUT, 0x10)
        self.status.take_clears(lambda code, mask: None)
        self.status.clear(s.STATUS_VOUT, 0x20)
        self.status.show({s.STATUS_VOUT: 0x20}, False, True)
        self.assertEqual(self.status.register(s.STATUS_VOUT), 0)
        self.report({})
        self.assertEqual(self.cleared, [(s.STATUS_VOUT, 0x20)])

    def test_a_fault_that_was_not_shown_yet_survives_a_clear(self):
        self.report({s.STATUS_VOUT: 0x20})
        self.status.clear_all()
        self.report({s.STATUS_IOUT: 0x80})
        self.assertEqual(self.cleared, [(s.STATUS_VOUT, 0x20)])
        self.assertEqual(self.status.register(s.STATUS_IOUT), 0x80)

    def test_a_masked_bit_does_not_alert(self):
        self.report({s.STATUS_VOUT: 0x20})
        self.status.mask[0] = 0x20
        self.assertFalse(self.status.is_alerting())
        self.assertEqual(self.status.word(), 0x8001)


class Guards(unittest.TestCase):
    def test_every_linear11_word_is_judged_as_it_decodes(self):
        low, high = -10_000, 30_000
        guard = guards.Bounds(Replies(0x10), [(0x46, "linear11", low, high, low, high)], [])
        buffer = bytearray(b"\x46\x00\x00")
        for word in range(0, 65_536, 7):
            buffer[1], buffer[2] = word & 0xFF, word >> 8
            expected = low <= linear.linear11_decode(word) <= high
            self.assertEqual(guard.check(buffer, 1), expected)

    def test_every_linear16_word_is_judged_as_it_decodes(self):
        low, high = 4_000, 6_000
        guard = guards.Bounds(Replies(0x10), [(0x40, "linear16", low, high, low, high)], [])
        buffer = bytearray(b"\x40\x00\x00")
        for word in range(0, 65_536, 7):
            buffer[1], buffer[2] = word & 0xFF, word >> 8
            expected = low <= linear.linear16_decode(word) <= high
            self.assertEqual(guard.check(buffer, 1), expected)
