# runs on: cpython, micropython
"""The journal: the last record that was completely written counts, whatever lies around it."""

import unittest

from fakes.fake_flash import FakeFlash, PowerCut
from racklet_base.services.journal import Journal

SIZE = 64
SECTOR = 4096


class JournalTest(unittest.TestCase):
    def setUp(self):
        self.flash = FakeFlash(2 * SECTOR)
        self.journal = Journal(self.flash, SIZE)

    def reopened(self):
        return Journal(self.flash, SIZE).latest()

    def test_nothing_was_written(self):
        self.assertIsNone(self.journal.latest())
        self.assertIsNone(self.reopened())

    def test_the_latest_counts_over_many_sectors(self):
        for number in range(300):  # 64 records fill a sector
            data = b"record %d" % number
            self.journal.append(data)
            self.assertEqual(self.journal.latest(), data)
            if number % 7 == 0:
                self.assertEqual(self.reopened(), data)
                self.journal = Journal(self.flash, SIZE)

    def test_a_record_holds_ten_bytes_less_than_its_slot(self):
        self.journal.append(bytes(SIZE - 10))
        self.assertEqual(self.reopened(), bytes(SIZE - 10))
        with self.assertRaises(ValueError):
            self.journal.append(bytes(SIZE - 9))

    def test_a_damaged_record_gives_way_to_the_one_before(self):
        self.journal.append(b"first")
        self.journal.append(b"second")
        for at in range(SIZE, SIZE + 10 + 6):
            self.flash.data[at] ^= 0x10
            self.assertEqual(self.reopened(), b"first")
            self.flash.data[at] ^= 0x10
        self.assertEqual(self.reopened(), b"second")

    def test_a_torn_record_with_a_blank_header_hides_nothing(self):
        self.journal.append(b"first")
        self.flash.data[SIZE + 20] = 0  # all that a cut left of the second record
        self.journal = Journal(self.flash, SIZE)
        self.journal.append(b"third")
        self.assertEqual(self.reopened(), b"third")

    def test_flash_that_does_not_hold_is_an_error_and_the_old_record_stands(self):
        self.journal.append(b"first")
        self.flash.data[2 * SIZE - 1] = 0
        self.flash.program = lambda offset, data: None  # a worn-out cell
        with self.assertRaises(OSError):
            self.journal.append(b"second")
        self.assertEqual(self.journal.latest(), b"first")
        self.assertEqual(self.reopened(), b"first")

    def test_a_cut_at_any_operation_leaves_old_or_new(self):
        for torn in (0, 1, 40, 128, 250, 256):
            for after in range(2):
                self.setUp()
                for number in range(64):  # the next one needs the other sector
                    self.journal.append(bytes([number]) * 50)
                self.flash.power.cut(after, torn)
                with self.assertRaises(PowerCut):
                    self.journal.append(b"new")
                self.flash.power.restore()
                self.assertIn(self.reopened(), (bytes([63]) * 50, b"new"))
                self.journal = Journal(self.flash, SIZE)
                self.journal.append(b"newer")
                self.assertEqual(self.reopened(), b"newer")


if __name__ == "__main__":
    unittest.main()
