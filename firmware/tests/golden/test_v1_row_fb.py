# runs on: cpython, micropython
"""Row FB of protocol version 1, byte by byte. DO NOT CHANGE THIS FILE.

Worked out by hand and with a CRC by long division, not with the code under test. The message is
a read from slot 2 (address 0x12), with addresses and PEC, without START and STOP.
"""

import unittest

from racklet_wire import blocks, commands
from racklet_wire.pec import crc8
from tests.target.controller import Controller

CODE, HEAD = 0xFB, 4  # bytes before the data: address, code, address, count
FIELDS = {"state": 1, "received": 123_456}
MESSAGE = bytes.fromhex("24fb25050140e201000b")


class Row(unittest.TestCase):
    def test_table_and_layout(self):
        row = (CODE, "IMAGE_PROGRESS", "block", "r", "block", 5, "read")
        self.assertEqual(commands.lookup(CODE), row)
        self.assertEqual(blocks.pack("IMAGE_PROGRESS", **FIELDS), MESSAGE[HEAD:-1])
        self.assertEqual(blocks.unpack("IMAGE_PROGRESS", MESSAGE[HEAD:-1]), FIELDS)
        self.assertEqual(crc8(MESSAGE), 0)

    def test_the_firmware_shows_it(self):
        bus = Controller(0x12)
        bus.registers.publish(CODE, MESSAGE[HEAD:-1])
        self.assertEqual(bytes(bus.ask(7, CODE)), MESSAGE[HEAD - 1 :])


if __name__ == "__main__":
    unittest.main()
