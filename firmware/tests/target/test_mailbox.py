# runs on: cpython, micropython
"""Accepted writes: one by one, and whole rows of numbered pieces."""

import unittest

from racklet_base.target.mailbox import SLOT, Mailbox

PIECE = 0xDD


class Rows(unittest.TestCase):
    def setUp(self):
        self.mailbox = Mailbox(8)
        self.buffer = bytearray(100)

    def put(self, number, code=PIECE, start=2):
        """As the engine does: code, count, the number, and ten bytes that say it, too."""
        at = self.mailbox.ends[0]
        data = bytes((number & 0xFF, number >> 8 & 0xFF)) + bytes([number & 0xFF]) * 10
        self.mailbox.memory[at] = code
        self.mailbox.memory[at + start : at + start + 12] = data
        self.assertTrue(self.mailbox.accept(start, 12))

    def take_row(self, number, at=0, room=100):
        return self.mailbox.take_row(PIECE, number, self.buffer, at, room)

    def test_a_row_is_taken_in_order_and_what_ends_it_stays(self):
        for number in (7, 8, 9, 11):
            self.put(number)
        self.assertEqual(self.take_row(7, at=5), 35)
        self.assertEqual(self.buffer[:35], bytes(5) + b"\x07" * 10 + b"\x08" * 10 + b"\x09" * 10)
        self.assertEqual(self.mailbox.take()[1][:2], b"\x0b\x00")
        self.assertIsNone(self.mailbox.take())

    def test_only_whole_pieces_that_fit_are_taken(self):
        self.put(1)
        self.put(2)
        self.assertEqual(self.take_row(1, room=19), 10)
        self.assertEqual(self.take_row(2, at=10, room=9), 10)
        self.assertEqual(self.take_row(2, at=10, room=10), 20)

    def test_another_code_or_number_is_left_alone(self):
        self.put(1, code=0xDC)
        self.assertEqual(self.take_row(1), 0)
        self.assertEqual(self.mailbox.take()[0], 0xDC)
        self.put(1)
        self.assertEqual(self.take_row(2), 0)
        self.assertEqual(self.mailbox.take()[0], PIECE)

    def test_numbers_and_the_ring_wrap(self):
        number = 0xFFF0
        for _ in range(12):
            for more in range(3):
                self.put(number + more)
            self.assertEqual(self.take_row(number), 30)
            self.assertEqual(self.buffer[20:30], bytes([number + 2 & 0xFF]) * 10)
            number += 3
        self.assertLess(self.mailbox.ends[1], 9 * SLOT)


if __name__ == "__main__":
    unittest.main()
