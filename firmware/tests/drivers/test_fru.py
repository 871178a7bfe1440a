# runs on: cpython, micropython
"""FRU information in the IPMI format, good and damaged, through the EEPROM driver."""

import unittest

from fake_i2c import FakeI2C
from racklet_bmc.drivers.at24 import AT24
from racklet_bmc.drivers.fru import FruError, date_text, parse_board, read_fru

HEADER = "01000001000000fe"
BOARD = "010500c0c6f0c75261636b6c6574c5424d432d31c6534e30303031c8524b2d424d432d31c0c10097"


def checked(area: str) -> bytes:
    """An area padded to eight bytes, with its length and zero sum filled in."""
    data = bytearray.fromhex(area)
    data += bytes(-(len(data) + 1) % 8)
    data[1] = (len(data) + 1) // 8
    return bytes(data) + bytes([-sum(data) & 0xFF])


def eeprom(content: bytes) -> AT24:
    bus = FakeI2C()
    bus.chips[0x50] = content + b"\xff" * (AT24.SIZE - len(content))
    return AT24(bus, 0x50)


class Fru(unittest.TestCase):
    def test_board_area(self) -> None:
        self.assertEqual(
            read_fru(eeprom(bytes.fromhex(HEADER + BOARD))),
            {
                "manufacturer": "Racklet",
                "product": "BMC-1",
                "serial": "SN0001",
                "part": "RK-BMC-1",
                "date": "2026-01-01",
            },
        )

    def test_product_area(self) -> None:
        product = checked("010000 c4 41636d65 c5 4e6f646531 c0 c3 722d31 c0 c2 3432 c0 c1")
        header = bytearray.fromhex("0100000106000000")
        header[7] = -sum(header) & 0xFF
        fru = read_fru(eeprom(bytes(header) + bytes.fromhex(BOARD) + product))
        self.assertEqual((fru["name"], fru["revision"], fru["asset"]), ("Node1", "r-1", "42"))
        self.assertEqual(fru["manufacturer"], "Racklet")

    def test_every_damaged_byte_is_noticed(self) -> None:
        good = bytes.fromhex(HEADER + BOARD)
        for at in range(len(good)):
            for change in (0x01, 0x80, 0xFF):
                bad = bytearray(good)
                bad[at] ^= change
                with self.assertRaises(FruError):
                    read_fru(eeprom(bytes(bad)))

    def test_blank_eeprom(self) -> None:
        for byte in (b"\xff", b"\x00"):
            with self.assertRaises(FruError):
                read_fru(eeprom(byte * 64))

    def test_absent_eeprom_raises(self) -> None:
        with self.assertRaises(OSError):
            read_fru(AT24(FakeI2C(), 0x50))

    def test_missing_fields_are_left_out(self) -> None:
        self.assertEqual(
            parse_board(checked("010000 000000 c7 5261636b6c6574 c1")),
            {"manufacturer": "Racklet", "date": ""},
        )

    def test_field_beyond_the_area(self) -> None:
        with self.assertRaises(FruError):
            parse_board(checked("010000 000000 ff 5261636b6c6574"))

    def test_no_end_mark(self) -> None:
        with self.assertRaises(FruError):
            parse_board(checked("010000 000000 c8 5261636b6c657421"))

    def test_other_encodings_are_shown_in_hex(self) -> None:
        board = parse_board(checked("010000 000000 02 beef c2 0a0d c1"))
        self.assertEqual((board["manufacturer"], board["product"]), ("beef", "0a0d"))

    def test_dates(self) -> None:
        for minutes, text in (
            (0, ""),
            (1, "1996-01-01"),
            (59 * 1440, "1996-02-29"),
            (60 * 1440, "1996-03-01"),
            (366 * 1440, "1997-01-01"),
            (15_779_520, "2026-01-01"),
            (0xFFFFFF, "2027-11-24"),
        ):
            self.assertEqual(date_text(minutes), text)


class Eeprom(unittest.TestCase):
    def test_reads_within_its_size(self) -> None:
        chip = eeprom(b"hello")
        self.assertEqual(chip.read(1, 3), b"ell")
        for offset, length in ((-1, 2), (0, AT24.SIZE + 1), (AT24.SIZE, 1)):
            with self.assertRaises(ValueError):
                chip.read(offset, length)

    def test_factory_serial(self) -> None:
        bus = FakeI2C()
        bus.chips[0x58] = bytes(0x800) + bytes(range(16))
        self.assertEqual(AT24(bus, 0x50).read_serial(), bytes(range(16)))


if __name__ == "__main__":
    unittest.main()
