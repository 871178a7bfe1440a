# runs on: cpython, micropython
"""Manufacturer blocks: sizes, limits of the fields, wrong input."""

import unittest

from racklet_wire import blocks, ein
from racklet_wire.address import address_of
from racklet_wire.version import CURRENT, MIN, agree, older, refusal


class Blocks(unittest.TestCase):
    def test_no_block_is_longer_than_a_block_write_carries(self):
        for name, _, _ in blocks.BLOCKS:
            self.assertTrue(0 < blocks.size(name) <= 32)

    def test_every_block_survives_the_way_there_and_back(self):
        for name, _, _ in blocks.BLOCKS:
            data = bytes(range(1, blocks.size(name) + 1))
            if name == "IDENTIFY":
                data = data[:30] + b"\x00\x00"
            elif name == "HOTPLUG":
                data = data[:24] + bytes(8)
            elif name in ("POWER_COMMAND", "IMAGE_COMMAND"):
                data = data[:1] + bytes(3) + data[4:]
            elif name == "WAVEFORM_SELECT":
                data = data[:1] + bytes(1) + data[2:]
            self.assertEqual(blocks.pack(name, **blocks.unpack(name, data)), data)

    def test_a_field_out_of_range_is_refused(self):
        for values in (
            {"number": 0, "value": 1 << 31},
            {"number": 65_536, "value": 0},
            {"number": -1, "value": 0},
        ):
            with self.assertRaises(ValueError):
                blocks.pack("SETTING_WRITE", **values)
        with self.assertRaises(ValueError):
            blocks.pack("IMAGE_CHUNK", number=0, data=bytes(31))

    def test_missing_and_unknown_fields_are_refused(self):
        with self.assertRaises(KeyError):
            blocks.pack("SETTING_WRITE", number=0)
        with self.assertRaises(ValueError):
            blocks.pack("LOG_ACKNOWLEDGE", sequence=0, offset=1)

    def test_data_of_another_size_are_refused(self):
        with self.assertRaises(ValueError):
            blocks.unpack("TIME_SET", bytes(7))


class Ein(unittest.TestCase):
    def test_worked_reads(self):
        before = ein.unpack(bytes.fromhex("341205102700"))
        after = ein.unpack(bytes.fromhex("e8600c742b00"))
        self.assertEqual(before, (168_500, 10_000))
        self.assertEqual(after, (418_024, 11_124))
        self.assertEqual(ein.mean_mw(before, after), 249_524 * ein.STEP_MW // 1_124)

    def test_differences_wrap(self):
        before = ein.unpack(bytes.fromhex("0070fef0ffff"))
        after = ein.unpack(bytes.fromhex("001003d80000"))
        self.assertEqual(ein.mean_mw(before, after), 139_264 * ein.STEP_MW // 232)

    def test_no_sample_means_no_power(self):
        self.assertIsNone(ein.mean_mw((5, 7), (5, 7)))

    def test_packs_what_it_unpacks(self):
        self.assertEqual(ein.pack(0x1234, 5, 10_000), bytes.fromhex("341205102700"))
        with self.assertRaises(ValueError):
            ein.pack(32_768, 0, 0)


class Peers(unittest.TestCase):
    def test_addresses(self):
        self.assertEqual(address_of(1), 0x11)
        self.assertEqual(address_of(15), 0x1F)
        for slot in (0, 16):
            with self.assertRaises(ValueError):
                address_of(slot)

    def test_versions_agree_on_the_highest_common_one(self):
        self.assertEqual(agree(1, 7), CURRENT)
        self.assertEqual(agree(CURRENT + 1, CURRENT + 2), 0)
        self.assertEqual(agree(0, MIN - 1), 0)

    def test_a_refusal_names_both_ranges_and_what_to_update(self):
        self.assertEqual(refusal(2, 3), "the firmware speaks protocol 2 to 3, these host tools 1")
        self.assertEqual(older(2, 3), "host tools")
        self.assertEqual(older(0, 0), "firmware")
