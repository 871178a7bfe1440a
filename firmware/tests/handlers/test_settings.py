# runs on: cpython, micropython
"""Limits and settings: written, refused, stored and restored."""

import random

from racklet_wire import blocks, linear
from racklet_wire.commands import COMMANDS, code_of
from tests.handlers.case import Case

DATA = 0x40  # of STATUS_CML


class Settings(Case):
    def test_a_limit_is_written_shown_at_once_and_in_force(self):
        self.bmc.put_with_pec(code_of("IOUT_OC_WARN_LIMIT"), 0x00, 0xC3)  # 3 A
        self.assertEqual(self.bmc.word("IOUT_OC_WARN_LIMIT"), 0xC300)
        self.bmc.dispatcher.step()
        self.assertEqual(self.bmc.word("IOUT_OC_WARN_LIMIT"), 0xC300)
        self.assertEqual(self.bench.settings.get("iout_oc_warn_limit_ma"), 3_000)

    def test_another_word_of_the_same_value_reads_back_our_own(self):
        self.bmc.write("IOUT_OC_WARN_LIMIT", 0x03, 0x00)  # 3 * 2^0
        self.assertEqual(self.bmc.word("IOUT_OC_WARN_LIMIT"), 0xC300)

    def test_out_of_bounds_and_contradictions_keep_the_old_value(self):
        before = self.bmc.word("IOUT_OC_WARN_LIMIT")
        for data in ((0x07, 0x00), (0xFF, 0xFF), (0xFF, 0x7B), (0x00, 0x00)):
            self.bmc.write("IOUT_OC_WARN_LIMIT", *data)
            self.assertEqual(self.bmc.cml(), DATA)
            self.bmc.write("CLEAR_FAULTS")
            self.assertEqual(self.bmc.cml(), 0)
        # 5.9 A is in bounds, but above the fault limit of 5.5 A.
        word = linear.linear11_encode(5_900)
        self.bmc.write("IOUT_OC_WARN_LIMIT", word & 0xFF, word >> 8)
        self.assertEqual(self.bmc.cml(), DATA)
        self.assertEqual(self.bmc.word("IOUT_OC_WARN_LIMIT"), before)

    def put_limit(self, name, milli):
        """Write a limit and leave the event loop out of it; whether it was accepted."""
        kind = linear.linear16_encode if name.startswith("VOUT") else linear.linear11_encode
        word = kind(milli)
        self.bmc.put_with_pec(code_of(name), word & 0xFF, word >> 8)
        cml = self.bmc.cml()
        self.bmc.put_with_pec(code_of("CLEAR_FAULTS"))
        self.assertIn(cml, (0, DATA))
        return cml == 0

    def test_a_contradiction_is_refused_before_the_event_loop_has_seen_it(self):
        before = self.bmc.word("IOUT_OC_WARN_LIMIT")
        self.assertFalse(self.put_limit("IOUT_OC_WARN_LIMIT", 5_900))
        self.assertEqual(self.bmc.word("IOUT_OC_WARN_LIMIT"), before)
        self.assertIsNone(self.bmc.registers.mailbox.take())

    def test_a_write_on_its_way_counts_as_in_force(self):
        self.assertTrue(self.put_limit("IOUT_OC_FAULT_LIMIT", 4_000 + 1_200))
        self.assertFalse(self.put_limit("IOUT_OC_WARN_LIMIT", 5_300))
        self.assertTrue(self.put_limit("IOUT_OC_FAULT_LIMIT", 5_900))
        self.assertTrue(self.put_limit("IOUT_OC_WARN_LIMIT", 5_300))
        self.bmc.dispatcher.step()
        self.assertEqual(self.bmc.cml(), 0)
        self.assertEqual(self.bench.settings.get("iout_oc_warn_limit_ma"), 5_297)
        self.assertFalse(self.put_limit("IOUT_OC_FAULT_LIMIT", 5_200))

    def test_what_the_interrupt_lets_through_the_settings_take(self):
        random.seed(11)
        names = ["VOUT_OV_FAULT", "VOUT_OV_WARN", "VOUT_UV_WARN", "VOUT_UV_FAULT"]
        names += ["VIN_OV_FAULT", "VIN_OV_WARN", "VIN_UV_WARN", "VIN_UV_FAULT"]
        refused = 0
        for _ in range(400):
            name = random.choice(names) + "_LIMIT"
            low, high, _ = self.bench.settings.bounds(name.lower() + "_mv")
            refused += not self.put_limit(name, random.randint(low, high))
            if random.random() < 0.4:
                self.bmc.dispatcher.step()
                self.assertEqual(self.bmc.cml(), 0)
        self.assertTrue(50 < refused < 350)

    def test_every_limit_takes_what_it_reads(self):
        for code, name, _, access, kind, _, protection in COMMANDS:
            if protection == "limit" and access == "rw" and kind.startswith("linear"):
                word = self.bmc.word(name)
                self.bmc.write(name, word & 0xFF, word >> 8)
                self.assertEqual(self.bmc.cml(), 0)
                self.assertEqual(self.bmc.word(name), word)
                self.assertTrue(code < 0x70)

    def test_store_and_restore(self):
        self.bmc.write("TON_DELAY", 0x00, 0xEB)  # 96 ms
        self.bmc.write("STORE_USER_ALL")
        self.bmc.write("TON_DELAY", 0x00, 0x00)
        self.assertEqual(self.bench.settings.get("ton_delay_ms"), 0)
        self.bmc.put_with_pec(code_of("RESTORE_USER_ALL"))
        self.assertEqual(self.bmc.byte("STATUS_BYTE") & 0x80, 0x80)
        self.bmc.dispatcher.step()
        self.assertEqual(self.bmc.byte("STATUS_BYTE") & 0x80, 0)
        self.assertEqual(self.bench.settings.get("ton_delay_ms"), 96)
        self.assertEqual(self.bmc.word("TON_DELAY"), linear.linear11_encode(96_000))

    def test_a_refusal_outlives_what_was_cleared_before_it(self):
        """Both may be done in one round of the event loop."""
        wrong = blocks.pack("SETTING_WRITE", number=255, value=0)
        for _ in range(2):
            self.bmc.put_with_pec(code_of("STATUS_CML"), DATA)
            self.bmc.put_with_pec(code_of("SETTING_WRITE"), len(wrong), *wrong)
            self.bmc.dispatcher.step()
            self.assertEqual(self.bmc.cml(), DATA)
        self.bmc.write("STATUS_CML", DATA)
        self.assertEqual(self.bmc.cml(), 0)

    def test_the_window_shows_each_setting_by_number(self):
        count = self.bmc.block("SETTING")["count"]
        seen = []
        for number in range(count):
            self.bmc.write("SETTING_SELECT", number, 0)
            setting = self.bmc.block("SETTING")
            self.assertEqual(setting["number"], number)
            self.assertTrue(setting["minimum"] <= setting["value"] <= setting["maximum"])
            seen.append(self.bmc.block("SETTING_NAME")["name"].rstrip(b"\x00").decode())
        self.assertEqual(seen, self.bench.settings.names())
        self.bmc.write("SETTING_SELECT", 0xFF, 0xFF)
        self.assertEqual(self.bmc.cml(), DATA)

    def test_a_setting_is_written_by_number(self):
        number = self.bench.settings.names().index("settle_ms")
        self.bmc.write_block("SETTING_WRITE", number=number, value=250)
        self.assertEqual(self.bench.settings.get("settle_ms"), 250)
        self.bmc.write_block("SETTING_WRITE", number=number, value=1)
        self.assertEqual(self.bmc.cml(), DATA)
        self.assertEqual(self.bench.settings.get("settle_ms"), 250)
