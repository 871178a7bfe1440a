# runs on: cpython, micropython
"""Row FA of protocol version 1, byte by byte. DO NOT CHANGE THIS FILE.

Worked out by hand and with a CRC by long division, not with the code under test. The message is
a read from slot 2 (address 0x12), with addresses and PEC, without START and STOP.
"""

import unittest

from racklet_wire import blocks, commands
from racklet_wire.pec import crc8
from tests.target.controller import Controller

CODE, HEAD = 0xFA, 4  # bytes before the data: address, code, address, count
FIELDS = {
    "mode": 1,
    "running": 1,
    "confirmed": 1,
    "trial": 0xFF,
    "attempts": 0,
    "reason": 20,
    "reason_a": 9,
    "reason_b": 0,
    "sequence": 12,
    "minimum": 11,
    "verified_ms": 342,
    "serving_ms": 781,
    "generation": 77,
    "key_id": bytes.fromhex("4dd09247fffbded7"),
}
MESSAGE = bytes.fromhex(
    "24fa2520010101ff001409000c0000000b00000056010d034d0000004dd09247fffbded7fd"
)


class Row(unittest.TestCase):
    def test_table_and_layout(self):
        row = (CODE, "BOOT_STATUS", "block", "r", "block", 32, "read")
        self.assertEqual(commands.lookup(CODE), row)
        self.assertEqual(blocks.pack("BOOT_STATUS", **FIELDS), MESSAGE[HEAD:-1])
        self.assertEqual(blocks.unpack("BOOT_STATUS", MESSAGE[HEAD:-1]), FIELDS)
        self.assertEqual(crc8(MESSAGE), 0)

    def test_the_firmware_shows_it(self):
        bus = Controller(0x12)
        bus.registers.publish(CODE, MESSAGE[HEAD:-1])
        self.assertEqual(bytes(bus.ask(34, CODE)), MESSAGE[HEAD - 1 :])


if __name__ == "__main__":
    unittest.main()
