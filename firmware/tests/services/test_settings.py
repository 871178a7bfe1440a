# runs on: cpython, micropython
"""Settings: bounds, contradictions, two copies through every power cut, damage."""

import binascii
import struct
import unittest

from racklet_bmc.services.settings import Settings
from racklet_bmc.services.settings_schema import ORDER, SCHEMA
from racklet_wire import cbor, events
from service_fakes import PowerCut, RamFlash


def store(flash: RamFlash, values: dict) -> None:
    """One whole copy, the first."""
    body = cbor.encode(values)
    header = struct.pack("<4sIHHI", b"RKST", 1, 1, len(body), binascii.crc32(body))
    flash.program(0, header + struct.pack("<I", binascii.crc32(header)))
    flash.program(256, body)


class Bounds(unittest.TestCase):
    def setUp(self) -> None:
        self.settings = Settings(RamFlash(2))

    def test_schema_agrees_with_itself(self) -> None:
        names = [row[0] for row in SCHEMA]
        self.assertEqual(len(set(names)), len(names))
        for name, low, high, default in SCHEMA:
            self.assertEqual(self.settings.bounds(name), (low, high, default))
            self.assertTrue(low <= default <= high, name)
            self.assertEqual(self.settings.get(name), default)
        for lower, upper in ORDER:
            self.assertLess(self.settings.get(lower), self.settings.get(upper))

    def test_every_bound_holds(self) -> None:
        for name, low, high, default in SCHEMA:
            for value in (low - 1, high + 1, None, "1"):
                with self.assertRaises(ValueError):
                    self.settings.set(name, value)
            self.assertEqual(self.settings.get(name), default)
            # What was generated from the table: `make gen`.
            self.assertEqual(self.settings.bounds(name), (low, high, default))

    def test_contradiction_is_refused(self) -> None:
        for lower, upper in ORDER:
            for name, other in ((lower, upper), (upper, lower)):
                settings = Settings(RamFlash(2))
                before = settings.get(name)
                with self.assertRaises(ValueError):
                    settings.set(name, settings.get(other))
                self.assertEqual(settings.get(name), before)

    def test_unknown_name(self) -> None:
        with self.assertRaises(ValueError):
            self.settings.set("no_such_thing", 1)
        with self.assertRaises(KeyError):
            self.settings.get("no_such_thing")


class Copies(unittest.TestCase):
    def test_stored_is_there_after_a_restart_and_unstored_is_not(self) -> None:
        flash = RamFlash(2)
        settings = Settings(flash)
        settings.set("settle_ms", 200)
        settings.store()
        settings.set("settle_ms", 300)
        self.assertEqual(Settings(flash).get("settle_ms"), 200)
        settings.restore()
        self.assertEqual(settings.get("settle_ms"), 200)

    def test_what_equals_the_default_follows_a_better_default(self) -> None:
        flash = RamFlash(2)
        settings = Settings(flash)
        settings.set("settle_ms", settings.get("settle_ms"))
        settings.store()
        self.assertNotIn(b"settle_ms", bytes(flash.data))

    def test_cut_at_every_operation_keeps_the_old_or_has_the_new(self) -> None:
        for sectors in (2, 4):
            for cut_at in range(12):
                for permille in (0, 20, 200, 500, 900, 1000):
                    flash = RamFlash(sectors, cut_at)
                    flash.cut_at, flash.permille = cut_at, permille
                    stored = attempted = 100
                    try:
                        settings = Settings(flash)
                        for value in range(101, 105):
                            settings.set("settle_ms", value)
                            attempted = value
                            settings.store()
                            stored = value
                    except PowerCut:
                        pass
                    flash.cut_at = None
                    where = (cut_at, permille)
                    settings = Settings(flash)
                    found = settings.get("settle_ms")
                    self.assertIn(found, (stored, attempted), where)
                    for _ in range(3):
                        self.assertEqual(Settings(flash).get("settle_ms"), found, where)
                    settings.set("settle_ms", 500)
                    settings.store()
                    self.assertEqual(Settings(flash).get("settle_ms"), 500, where)

    def test_blank_flash_is_not_damage(self) -> None:
        self.assertFalse(Settings(RamFlash(2)).damaged)

    def test_damage_gives_defaults_and_says_so(self) -> None:
        flash = RamFlash(2)
        settings = Settings(flash)
        settings.set("settle_ms", 200)
        settings.store()
        flash.data[260] ^= 1
        settings = Settings(flash)
        self.assertTrue(settings.damaged)
        self.assertEqual(settings.get("settle_ms"), 100)

    def test_stored_values_out_of_bounds_are_named(self) -> None:
        flash = RamFlash(2)
        # As an older firmware may have allowed.
        store(flash, {"settle_ms": 5, "gone": 1, "ton_delay_ms": 30})
        settings = Settings(flash)
        self.assertEqual(sorted(settings.refused), ["gone", "settle_ms"])
        self.assertEqual(settings.get("settle_ms"), 100)
        self.assertEqual(settings.get("ton_delay_ms"), 30)

    def test_stored_values_that_contradict_each_other_give_way_to_the_defaults(self) -> None:
        flash = RamFlash(2)
        pair = {"vin_uv_fault_limit_mv": 11_500, "vin_uv_warn_limit_mv": 11_000}
        store(flash, dict(pair, ton_delay_ms=30))
        settings = Settings(flash)
        self.assertEqual(sorted(settings.refused), sorted(pair))
        for name in pair:
            self.assertEqual(settings.get(name), settings.bounds(name)[2])
        self.assertEqual(settings.get("ton_delay_ms"), 30)

    def test_a_default_that_contradicts_a_third_value_takes_that_along(self) -> None:
        flash = RamFlash(2)
        own = {
            "vin_uv_fault_limit_mv": 13_000,  # right below the next, wrong below its default
            "vin_uv_warn_limit_mv": 14_000,
            "vin_ov_warn_limit_mv": 13_500,
        }
        store(flash, own)
        settings = Settings(flash)
        self.assertEqual(sorted(settings.refused), sorted(own))
        for lower, upper in ORDER:
            self.assertLess(settings.get(lower), settings.get(upper))

    def test_what_could_not_be_taken_over_is_told_to_the_log(self) -> None:
        class Log:
            told = []

            def append(self, kind: int, **fields: object) -> None:
                self.told.append((kind, fields))

        flash = RamFlash(2)
        settings = Settings(flash)
        settings.report(Log())
        self.assertEqual(Log.told, [])
        store(flash, {"settle_ms": 5})
        Settings(flash).report(Log())
        flash.data[260] ^= 1
        Settings(flash).report(Log())
        self.assertEqual(
            Log.told,
            [
                (events.SETTING, {"name": "settle_ms", "error": "out of bounds"}),
                (events.SETTING, {"error": "no readable copy"}),
            ],
        )

    def test_copy_of_a_later_firmware_is_left_alone(self) -> None:
        flash = RamFlash(2)
        settings = Settings(flash)
        settings.set("settle_ms", 200)
        settings.store()
        header = bytearray(flash.data[:16])
        header[8] = 2  # version
        header += struct.pack("<I", binascii.crc32(header))
        flash.data[:20] = header
        before = bytes(flash.data)
        settings = Settings(flash)
        self.assertEqual(settings.get("settle_ms"), 100)
        self.assertTrue(settings.damaged, "defaults are not assumed silently")
        self.assertEqual(bytes(flash.data), before)

    def test_order_of_stored_pairs_does_not_matter(self) -> None:
        flash = RamFlash(2)
        settings = Settings(flash)
        settings.set("vout_uv_fault_limit_mv", 4_100)
        settings.set("vout_uv_warn_limit_mv", 4_200)
        settings.store()
        settings = Settings(flash)
        self.assertEqual(settings.refused, [])
        self.assertEqual(settings.get("vout_uv_warn_limit_mv"), 4_200)


if __name__ == "__main__":
    unittest.main()
