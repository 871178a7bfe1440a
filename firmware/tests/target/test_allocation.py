# runs on: cpython, micropython
"""Nothing of the target allocates in the interrupt: on MicroPython the heap is locked.

With the heap locked an allocation raises MemoryError. On CPython the same calls run unlocked.
"""

import sys
import unittest

from racklet_base.target import guards
from racklet_base.target.engine import Engine
from racklet_wire.pec import crc8
from tests.target.controller import ADDRESS, Controller

try:
    from time import sleep_ms, ticks_us

    from micropython import heap_lock, heap_unlock
except ImportError:

    def heap_lock():
        pass

    def heap_unlock():
        pass

    def ticks_us():
        return 30_000

    def sleep_ms(ms):
        pass


def message(*data):
    return bytearray(data), len(data)


def with_pec(*data):
    return message(*data, crc8(bytes((ADDRESS << 1,) + data)))


class Allocation(unittest.TestCase):
    def setUp(self):
        bus = Controller()
        registers = bus.registers
        registers.publish(0x88, b"\x8d\xca")
        registers.publish(0x40, b"\x00\x50")
        registers.publish(0xD0, bytes(32))
        registers.coefficients[0x86] = b"\x01\x00\x00\x00\x00"
        registers.guards[0x01] = guards.Allowed(b"\x00\x40\x80")
        rows = [
            (0x40, "linear16", 4_000, 6_000, 4_000, 6_000),
            (0x41, "bits", 0x80, 0xBF, 0x80, 0xBF),
            (0x46, "linear11", 100, 6_000, 100, 6_000),
            (0x4A, "linear11", 100, 6_000, 100, 6_000),
        ]
        bounds = guards.Bounds(registers.replies, rows, [(0x4A, 0x46)])
        bounds.know(0x46, 5_500)
        for row in rows:
            registers.guards[row[0]] = bounds
        self.engine = Engine(registers, ticks_us)
        self.registers = registers
        self.fifo = bytearray(16)

    def run_locked(self, write, restarted, pieces):
        """One transaction as a mover feeds it; the sum of what was sent."""
        data, n = write
        engine = self.engine
        total = 0
        heap_lock()
        try:
            engine.on_write()
            engine.on_bytes(data, n)
            engine.on_end_write(restarted)
            if restarted:
                engine.on_read()
                for _ in range(pieces):
                    engine.take(self.fifo)
                    total += self.fifo[0]
                engine.on_end_read()
        finally:
            heap_unlock()
        return total

    def test_the_lock_is_real(self):
        heap_lock()
        try:
            failed = False
            bytearray(64)
        except MemoryError:
            failed = True
        finally:
            heap_unlock()
        self.assertEqual(failed, sys.implementation.name == "micropython")

    def test_reads(self):
        for write in (
            message(0x88),
            message(0x40),
            message(0xD0),
            message(0x8A),
            message(0x78),
            message(0x79),
            message(0x7E),
            message(0x00),
            message(0x10),
            message(0x03),
            message(0xD4),
            message(0x1A, 1, 0x88),
            message(0x1B, 1, 0x7A),
            message(0x1B, 1, 0x00),
            message(0x30, 2, 0x86, 1),
            message(0x30, 2, 0x88, 1),
            message(),
        ):
            for pieces in (1, 2, 5):
                self.run_locked(write, True, pieces)

    def test_writes(self):
        for write in (
            message(0x03),
            message(0x00, 0xFF),
            message(0x10, 0x00, 0x00),
            message(0x01, 0x80, 0x97),
            message(0x01, 0x94, 0x00),
            message(0x40, 0x00, 0x50),
            message(0x40, 0x00, 0x00),
            message(0x46, 0xFF, 0x7B),
            message(0x46, 0x00, 0xC3),
            message(0x46, 0x00, 0xA4),
            message(0x4A, 0x00, 0xC3),
            message(0x4A, 0xE6, 0xCA),
            message(0x1B, 0x7A, 0xFF),
            message(0x79, 0xFF, 0xFF),
            message(0x7E, 0xFF),
            message(0x8A, 0xFF),
            with_pec(0x15),
            with_pec(0xDB, 4, 1, 2, 3, 4),
            with_pec(0xDD, 32, *range(32)),
            with_pec(0xDB, 3, 1, 2, 3, 4),
            message(0xDB, 4, 1, 2, 3, 4, 0),
            message(*([0x40] * 60)),
            message(),
        ):
            for _ in range(60):  # beyond the depth of the mailbox
                self.run_locked(write, False, 0)
        self.assertIsNotNone(self.registers.mailbox.take())

    def test_stalls_and_abort(self):
        engine = self.engine
        heap_lock()
        try:
            engine.on_write()
            sleep_ms(30)
            stalled = engine.is_open and engine.is_stuck(True)
            engine.abort()
        finally:
            heap_unlock()
        self.assertEqual(stalled, sys.implementation.name == "micropython")
