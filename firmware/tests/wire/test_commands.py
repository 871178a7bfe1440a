# runs on: cpython, micropython
"""The command table agrees with itself, and covers all 256 codes."""

import unittest

from racklet_wire import blocks, commands, unsupported, values

SIZES = {"send byte": 0, "byte": 1, "word": 2, "mask": 1}


class Table(unittest.TestCase):
    def test_every_code_is_supported_or_has_a_reason(self):
        for code in range(256):
            if commands.lookup(code) is None:
                self.assertTrue(unsupported.reason(code))
            else:
                with self.assertRaises(ValueError):
                    unsupported.reason(code)

    def test_codes_and_names_are_unique(self):
        both = commands.COMMANDS + unsupported.UNSUPPORTED
        self.assertEqual(len({row[0] for row in both}), len(both))
        self.assertEqual(len({row[1] for row in both}), len(both))

    def test_size_follows_from_the_transaction(self):
        for _, _, transaction, _, _, size, _ in commands.COMMANDS:
            self.assertEqual(SIZES.get(transaction, size), size)
            self.assertTrue(0 <= size <= 32)

    def test_only_writable_rows_have_a_write_class(self):
        for _, _, _, access, _, _, protection in commands.COMMANDS:
            self.assertEqual("w" in access, protection != "read")
            self.assertIn(protection, commands.PROTECTION)

    def test_what_moves_the_rail_or_changes_a_manufacturer_row_demands_pec(self):
        for code, name, _, access, _, _, protection in commands.COMMANDS:
            demanded = code >= 0xD0 or name in (
                "OPERATION",
                "ON_OFF_CONFIG",
                "WRITE_PROTECT",
                "STORE_USER_ALL",
                "RESTORE_USER_ALL",
            )
            self.assertEqual(commands.PROTECTION[protection][1], demanded and "w" in access)

    def test_manufacturer_blocks_have_the_size_of_their_layout(self):
        laid_out = [row[1] for row in commands.COMMANDS if row[4] == "block"]
        self.assertEqual(laid_out, [row[0] for row in blocks.BLOCKS])
        for name in laid_out:
            row = commands.lookup(commands.code_of(name))
            self.assertEqual(row[5], blocks.size(name))

    def test_query_answers(self):
        for name, info in (
            ("READ_VIN", 0xA0),
            ("VIN_OV_WARN_LIMIT", 0xE0),
            ("OPERATION", 0xF0),
            ("CLEAR_FAULTS", 0xDC),
            ("MFR_ID", 0xBC),
            ("READ_EIN", 0xAC),
        ):
            self.assertEqual(commands.query_info(commands.code_of(name)), info)
        self.assertEqual(commands.query_info(0x8A), 0)

    def test_the_range_for_authenticated_commands_is_free(self):
        for code in commands.AUTHENTICATED:
            self.assertIsNone(commands.lookup(code))


class Values(unittest.TestCase):
    def test_encode_and_decode(self):
        for name, value, data in (
            ("READ_VIN", 12_000, "00d3"),
            ("READ_VOUT", 5_000, "0050"),
            ("PAGE", 0, "00"),
            ("STATUS_WORD", 0x0842, "4208"),
        ):
            code = commands.code_of(name)
            self.assertEqual(values.encode(code, value), bytes.fromhex(data))
            self.assertEqual(values.decode(code, bytes.fromhex(data)), value)

    def test_what_does_not_fit_raises(self):
        for code, value in ((0x00, 256), (0x00, -1), (0x8B, 16_000), (0xD0, 1), (0x8A, 1)):
            with self.assertRaises(ValueError):
                values.encode(code, value)
        for code, data in ((0x88, b"\x00"), (0x8A, b"\x00\x00")):
            with self.assertRaises(ValueError):
                values.decode(code, data)
