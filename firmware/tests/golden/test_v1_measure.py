# runs on: cpython, micropython
"""Rows 0xED and 0xEE of protocol version 1, byte by byte. DO NOT CHANGE THIS FILE.

If a test here fails, the protocol was changed under clients that exist. The bytes were worked
out by hand and with a CRC by long division, not with the code under test. Messages are those of
slot 2 (address 0x12: 24 to write, 25 to read), with addresses and PEC, without START and STOP.
"""

import unittest

from racklet_wire import blocks, commands
from racklet_wire.pec import crc8
from tests.target.controller import Controller

WRITE = 0x24

SELECT = ({"item": 0x0C, "ticket": 0x5A}, "24ed020c5ada")

# (item, ticket, page, fields, message)
PICTURES = (
    (
        0x0C,  # of the window under way: iout_ma
        0x5A,
        "WINDOW",
        {
            "count": 240,
            "lowest": -3,
            "highest": 1850,
            "mean": 612,
            "begin_ms": 60000,
            "end_ms": 120000,
            "lowest_ms": 61250,
            "highest_ms": 90500,
        },
        "24ee25200c5af000fdffffff3a0700006402000060ea0000c0d4010042ef000084610100a7",
    ),
    (
        0x10,  # the latest power-on
        0x01,
        "POWER_ON",
        {
            "number": 7,
            "begin_ms": 4294967290,
            "rise_in_uj": 48000,
            "rise_out_uj": 40800,
            "rise_ms": 18,
            "inrush_ma": 1320,
            "inrush_ms": 6,
            "peak_in_ma": 640,
            "peak_in_ms": 9250,
            "own_mw": 0xFFFF,
        },
        "24ee2520100107000000faffffff80bb0000609f000012002805060080022224ffff000084",
    ),
    (
        0x23,  # iout
        0xFF,
        "CALIBRATION",
        {
            "gain_ppm": -4210,
            "offset_milli": 2,
            "day": 20783,
            "uncertainty_ppm": 2100,
            "uncertainty_micro": 300,
            "clock_ppm": 5000,
        },
        "24ee252023ff8eefffff020000002f510000340800002c010000881300000000000000009a",
    ),
    (
        0x31,  # input
        0x02,
        "SENSOR",
        {"reason": 2, "errors": 70000},
        "24ee2520310202000000701101000000000000000000000000000000000000000000000058",
    ),
)


class Version1(unittest.TestCase):
    def setUp(self):
        self.bus = Controller(WRITE >> 1)

    def test_the_select_is_taken_with_its_pec_only(self):
        fields, text = SELECT
        message = bytes.fromhex(text)
        self.assertEqual(blocks.pack("MEASURE_SELECT", **fields), message[3:-1])
        self.bus.put(*message[1:-1])
        self.assertEqual(self.bus.cml(), 0x20)
        self.bus.put(0x03)
        self.bus.put(*message[1:])
        self.assertEqual(self.bus.cml(), 0)
        self.assertEqual(self.bus.registers.mailbox.take(), (0xED, message[3:-1]))

    def test_pages_both_ways(self):
        for item, ticket, page, fields, text in PICTURES:
            message = bytes.fromhex(text)
            data = blocks.pack(page, **fields)
            block = blocks.pack("MEASURE", item=item, ticket=ticket, data=data)
            self.assertEqual(block, message[4:-1])
            picture = blocks.unpack("MEASURE", message[4:-1])
            self.assertEqual((picture["item"], picture["ticket"]), (item, ticket))
            self.assertEqual(blocks.unpack(page, picture["data"]), fields)

    def test_items_are_numbered_by_page_and_place(self):
        self.assertEqual(blocks.item("WINDOW", 4 + blocks.WINDOW_NOW), 0x0C)
        self.assertEqual(blocks.item("POWER_ON", 0), 0x10)
        self.assertEqual(blocks.item("CALIBRATION", 3), 0x23)
        self.assertEqual(blocks.CHANNELS, ("vin", "iin", "vout", "iout", "temperature"))

    def test_the_firmware_sends_these_reads(self):
        for _, _, _, _, text in PICTURES:
            message = bytes.fromhex(text)
            self.assertEqual(crc8(message), 0)
            self.assertEqual(commands.code_of("MEASURE"), message[1])
            self.bus.registers.publish(message[1], message[4:-1])
            self.assertEqual(self.bus.ask(34, message[1]), message[3:])


if __name__ == "__main__":
    unittest.main()
