# runs on: cpython, micropython
"""Factory reset over the bus, and notes of clients in the log."""

import unittest

from racklet_bmc.services.settings import Settings
from racklet_wire import blocks, cbor, events
from racklet_wire.commands import code_of
from tests.handlers.bmc import Bmc

DATA = 0x40  # STATUS_CML: invalid data


class Case(unittest.TestCase):
    def setUp(self):
        self.bmc = Bmc()
        self.bench = self.bmc.bench
        self.log = self.bench.log
        self.last = self.log.last

    def added(self):
        """The records written since the start of the test."""
        self.log.flush()
        return [cbor.decode(self.log.read(n)) for n in range(self.last + 1, self.log.last + 1)]


class FactoryReset(Case):
    def setUp(self):
        super().setUp()
        self.bench.settings.set("settle_ms", 300)
        self.bench.settings.set("iout_gain_ppm", 1_500)
        self.bench.settings.store()

    def ask(self, **changes):
        fields = {
            "magic": blocks.FACTORY_RESET_MAGIC,
            "transaction_id": 7,
            "generation": self.log.generation,
        }
        fields.update(changes)
        self.bmc.write_block("FACTORY_RESET", **fields)

    def stored(self, name):
        return Settings(self.bench.settings_flash).get(name)

    def test_settings_are_the_defaults_and_shown_and_stored(self):
        self.bmc.write_block("SETTING_WRITE", number=8, value=123)  # empty_mv, not stored
        self.bmc.write("IOUT_OC_WARN_LIMIT", 0x00, 0xC3)
        before = self.bmc.word("IOUT_OC_WARN_LIMIT")
        self.ask()
        self.assertEqual(self.bmc.cml(), 0)
        self.assertEqual(self.bench.settings.get("settle_ms"), 100)
        self.assertEqual(self.bench.settings.get("empty_mv"), 400)
        self.assertEqual(self.stored("settle_ms"), 100)
        self.assertNotEqual(self.bmc.word("IOUT_OC_WARN_LIMIT"), before)
        (record,) = self.added()
        self.assertEqual(record[events.KIND], events.FACTORY_RESET)
        self.assertEqual((record["by"], record["transaction"]), ("bus", 7))

    def test_calibration_stays(self):
        self.ask()
        self.assertEqual(self.stored("iout_gain_ppm"), 1_500)

    def test_log_energy_and_rail_stay(self):
        self.bench.hardware.seat()
        self.bench.run(5_000)
        self.bench.power.request(1, 1)
        self.bench.run(500)
        self.bench.store.values["energy"] = [1, 2, 3]
        self.bench.store.save()
        records = [self.log.read(n) for n in range(1, self.log.last + 1)]
        stored = bytes(self.bench.store_flash.data)
        self.ask()
        self.assertEqual([self.log.read(n) for n in range(1, len(records) + 1)], records)
        self.assertEqual(bytes(self.bench.store_flash.data), stored)
        self.assertEqual((self.bench.power.state, self.bench.hardware.latched), (5, True))

    def test_the_same_transaction_does_it_once(self):
        self.ask()
        self.bench.settings.set("settle_ms", 300)
        self.ask()
        self.assertEqual(self.bench.settings.get("settle_ms"), 300)
        self.ask(transaction_id=8)
        self.assertEqual(self.bench.settings.get("settle_ms"), 100)

    def test_what_is_not_meant_so_changes_nothing(self):
        for changes in (
            {"magic": b"RKFS"},
            {"magic": bytes(4)},
            {"transaction_id": 0},
            {"generation": self.log.generation + 1},
        ):
            self.ask(**changes)
            self.assertEqual(self.bmc.cml(), DATA)
            self.bmc.write("CLEAR_FAULTS")
            self.assertEqual(self.stored("settle_ms"), 300)
        self.assertEqual(self.added(), [])

    def test_without_pec_or_write_protected_it_is_refused(self):
        good = blocks.pack(
            "FACTORY_RESET",
            magic=blocks.FACTORY_RESET_MAGIC,
            transaction_id=7,
            generation=self.log.generation,
        )
        self.bmc.put(code_of("FACTORY_RESET"), len(good), *good)
        self.bmc.dispatcher.step()
        self.assertNotEqual(self.bmc.cml(), 0)
        for level in (0x80, 0x40, 0x20):
            self.bmc.write("WRITE_PROTECT", level)
            self.ask()
        self.assertEqual(self.bench.settings.get("settle_ms"), 300)


class Notes(Case):
    def note(self, kind=events.CHAOS, text=b"short slot 1", size=None):
        size = len(text) if size is None else size
        self.bmc.write_block("LOG_NOTE", kind=kind, size=size, text=text)

    def test_a_note_is_a_record_of_its_kind(self):
        for text in (b"x", b"short slot 1", b"t" * 28):
            self.note(text=text)
        self.assertEqual(self.bmc.cml(), 0)
        told = [(record[events.KIND], record["text"]) for record in self.added()]
        texts = ("x", "short slot 1", "t" * 28)
        self.assertEqual(told, [(events.CHAOS, text) for text in texts])

    def test_nobody_writes_what_the_bmc_itself_says(self):
        for kind in list(range(27)) + [28, 255]:
            self.note(kind=kind)
            self.assertEqual(self.bmc.cml(), DATA)
            self.bmc.write("CLEAR_FAULTS")
        self.assertEqual(self.added(), [])

    def test_empty_too_long_or_unprintable_is_refused(self):
        for text, size in ((b"x", 0), (b"x" * 28, 29), (b"a\x1b[2J", 5), (b"\xc3\xa4", 2)):
            self.note(text=text, size=size)
            self.assertEqual(self.bmc.cml(), DATA)
            self.bmc.write("CLEAR_FAULTS")
        self.assertEqual(self.added(), [])

    def test_a_flood_is_folded_and_keeps_first_and_last(self):
        for number in range(200):
            self.note(text=b"%d" % number)
        records = self.added()
        self.assertLess(len(records), 20)
        self.assertEqual((records[0]["text"], records[-1]["text"]), ("0", "199"))
        self.assertEqual(sum([record.get(events.COUNT, 1) for record in records]), 200)


if __name__ == "__main__":
    unittest.main()
