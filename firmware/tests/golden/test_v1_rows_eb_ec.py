# runs on: cpython, micropython
"""Rows EB and EC of protocol version 1, byte by byte. DO NOT CHANGE THIS FILE.

Worked out by hand and with a CRC by long division, not with the code under test. Messages are
those of slot 2 (address 0x12), with address and PEC, without START and STOP.
"""

import unittest

from racklet_wire import blocks, commands
from racklet_wire.pec import crc8
from tests.target.controller import Controller

# (code, name, protection, fields, message)
ROWS = (
    (
        0xEB,
        "FACTORY_RESET",
        "store",
        {"magic": b"RKFR", "transaction_id": 0xCAFEBABE, "generation": 9},
        "24eb0c524b4652bebafeca0900000034",
    ),
    (
        0xEC,
        "LOG_NOTE",
        "operate",
        {"kind": 27, "size": 18, "text": b"short slot 3, 50 m"},
        "24ec1e1b1273686f727420736c6f7420332c203530206d000000000000000000003a",
    ),
)


class Rows(unittest.TestCase):
    def test_table_and_layout(self):
        for code, name, protection, fields, text in ROWS:
            data = bytes.fromhex(text)[3:-1]
            row = (code, name, "block", "w", "block", len(data), protection)
            self.assertEqual(commands.lookup(code), row)
            self.assertEqual(blocks.pack(name, **fields), data)
            self.assertEqual(crc8(bytes.fromhex(text)), 0)

    def test_the_firmware_takes_them(self):
        bus = Controller(0x12)
        for code, _, _, _, text in ROWS:
            message = bytes.fromhex(text)
            bus.put(*message[1:])
            self.assertEqual(bus.cml(), 0)
            self.assertEqual(bus.registers.mailbox.take(), (code, message[3:-1]))


if __name__ == "__main__":
    unittest.main()
