# runs on: cpython, micropython
"""The packet error code, against the check value of the CRC catalogue and worked messages."""

import unittest

from racklet_wire.pec import crc8


class Pec(unittest.TestCase):
    def test_check_value_of_crc_8_smbus(self):
        self.assertEqual(crc8(b"123456789"), 0xF4)

    def test_worked_messages(self):
        for message, code in (
            ("8003", 0xBF),  # CLEAR_FAULTS to 0x40
            ("800180", 0x97),  # OPERATION = 0x80
            ("800000", 0x0B),  # PAGE = 0
            ("801981B0", 0x13),  # CAPABILITY reads B0
            ("8088818DCA", 0x51),  # READ_VIN reads CA8D
            ("809981075241434B4C4554", 0x64),  # MFR_ID reads "RACKLET"
            ("801A01888101A0", 0xF6),  # QUERY(88) answers A0
        ):
            self.assertEqual(crc8(bytes.fromhex(message)), code)

    def test_message_with_its_code_is_zero(self):
        self.assertEqual(crc8(b"\x80\x03\xbf"), 0)

    def test_carries_on(self):
        self.assertEqual(crc8(b"6789", crc8(b"12345")), 0xF4)
