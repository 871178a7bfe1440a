# runs on: cpython, micropython
"""The target state machine: transactions, and what each mistake of a controller earns.

Messages with their PEC are worked out by hand for address 0x40, independently of the code.
"""

import unittest

from racklet_base.target.guards import Allowed
from racklet_wire.pec import crc8
from racklet_wire.tables import ROW
from tests.target.controller import Controller

COMMAND, DATA, PEC, OTHER = 0x80, 0x40, 0x20, 0x02  # STATUS_CML


class Reads(unittest.TestCase):
    def setUp(self):
        self.bus = Controller()

    def test_word_with_pec(self):
        self.bus.registers.publish(0x88, b"\x8d\xca")
        self.assertEqual(self.bus.ask(3, 0x88), b"\x8d\xca\x51")
        self.assertEqual(self.bus.cml(), 0)

    def test_word_without_pec_is_no_fault(self):
        self.bus.registers.publish(0x88, b"\x8d\xca")
        self.assertEqual(self.bus.ask(2, 0x88), b"\x8d\xca")
        self.assertEqual(self.bus.cml(), 0)

    def test_block_with_pec(self):
        self.bus.registers.publish(0x99, b"RACKLET")
        self.assertEqual(self.bus.ask(9, 0x99), b"\x07RACKLET\x64")
        self.bus.registers.publish(0x86, bytes.fromhex("341205102700"))
        self.assertEqual(self.bus.ask(8, 0x86), bytes.fromhex("0634120510270017"))

    def test_block_of_32_comes_in_pieces(self):
        data = bytes(range(32))
        self.bus.registers.publish(0xD0, data)
        reply = self.bus.ask(34, 0xD0)
        self.assertEqual(reply[:33], b"\x20" + data)
        self.assertEqual(reply[33], crc8(b"\x80\xd0\x81" + reply[:33]))
        for size in range(1, 35):
            self.assertEqual(self.bus.ask(size, 0xD0), reply[:size])
        self.assertEqual(self.bus.cml(), 0)

    def test_reading_on_gives_ff_and_sets_the_bit(self):
        self.bus.registers.publish(0x88, b"\x8d\xca")
        self.bus.registers.publish(0xD0, bytes(32))
        self.assertEqual(self.bus.ask(4, 0x88), b"\x8d\xca\x51\xff")
        self.assertEqual(self.bus.cml(), OTHER)
        self.bus.put(0x03)
        self.assertEqual(self.bus.ask(40, 0xD0)[34:], b"\xff" * 6)
        self.assertEqual(self.bus.cml(), OTHER)

    def test_unsupported_command_reads_ff_and_sets_the_bit(self):
        self.assertEqual(self.bus.ask(3, 0x8A), b"\xff\xff\xff")
        self.assertEqual(self.bus.ask(2, 0x79)[0] & 0x02, 0x02)
        self.assertEqual(self.bus.cml(), COMMAND)

    def test_status_and_cml_are_true_in_the_next_transaction(self):
        self.assertEqual(self.bus.ask(2, 0x79), b"\x00\x00")
        self.bus.ask(1, 0x8A)
        self.assertEqual(self.bus.ask(3, 0x79), b"\x02\x00\x49")
        self.bus.put_with_pec(0x03)
        self.assertEqual(self.bus.ask(2, 0x79), b"\x00\x00")

    def test_receive_byte_is_status_byte(self):
        self.bus.ask(1, 0x8A)
        reply = self.bus.get(2)
        self.assertEqual(reply, bytes([0x02, crc8(b"\x81\x02")]))

    def test_reading_what_can_only_be_written_is_a_communication_fault(self):
        self.assertEqual(self.bus.ask(2, 0xD4), b"\xff\xff")
        self.assertEqual(self.bus.cml(), OTHER)

    def test_data_in_the_middle_of_a_read_is_a_communication_fault(self):
        self.bus.registers.publish(0x88, b"\x8d\xca")
        self.assertEqual(self.bus.ask(2, 0x88, 0x00), b"\xff\xff")
        self.assertEqual(self.bus.cml(), OTHER)

    def test_a_reply_in_flight_is_not_touched_by_two_publications(self):
        registers, engine = self.bus.registers, self.bus.engine
        registers.publish(0xD0, b"a" * 32)
        self.bus.put(0xD0, stop=False)
        engine.on_read()
        reply = self.bus.take()
        for letter in b"bcd":
            registers.publish(0xD0, bytes([letter]) * 32)
        reply += self.bus.take() + self.bus.take()
        engine.on_end_read()
        self.assertEqual(reply[1:33], b"a" * 32)
        self.assertEqual(self.bus.ask(33, 0xD0)[1:], b"d" * 32)

    def test_a_mover_may_answer_a_plain_read_by_itself(self):
        registers, engine = self.bus.registers, self.bus.engine
        registers.publish(0x88, b"\x8d\xca")
        replies = registers.replies
        for beyond, cml in ((0, 0), (3, OTHER)):
            at = replies.shown[ROW[0x88]]
            self.assertEqual(bytes(replies.memory[at : at + 4]), b"\x03\x8d\xca\x51")
            engine.state[0] = 3  # reading
            self.assertTrue(engine.is_open)
            engine.on_end_read(beyond)
            self.assertFalse(engine.is_open)
            self.assertEqual(self.bus.cml(), cml)

    def test_status_is_stale_from_a_change_in_the_event_loop_to_the_next_read(self):
        status = self.bus.registers.status
        self.assertEqual(self.bus.ask(2, 0x79), b"\x00\x00")
        self.assertEqual(status.stale[0], 0)
        for bits, word in (({}, b"\x40\x00"), ({0x7A: 0x10}, b"\x41\x80")):
            status.show(bits, is_off=True, is_good=True)
            self.assertEqual(status.stale[0], 1)
            self.assertEqual(self.bus.ask(2, 0x79), word)
            self.assertEqual(status.stale[0], 0)
            status.show(bits, is_off=True, is_good=True)
            self.assertEqual(status.stale[0], 0)
        self.bus.put(0x03)
        self.assertEqual(self.bus.ask(2, 0x79), b"\x40\x00")

    def test_publishing_another_size_is_refused(self):
        with self.assertRaises(ValueError):
            self.bus.registers.publish(0x88, b"\x00")
        with self.assertRaises(ValueError):
            self.bus.registers.publish(0xD0, bytes(33))


class ProcessCalls(unittest.TestCase):
    def setUp(self):
        self.bus = Controller()

    def test_query_with_pec(self):
        self.assertEqual(self.bus.ask(3, 0x1A, 0x01, 0x88), b"\x01\xa0\xf6")
        self.assertEqual(self.bus.ask(2, 0x1A, 0x01, 0x8A), b"\x01\x00")
        self.assertEqual(self.bus.cml(), 0)

    def test_smbalert_mask_with_pec(self):
        self.assertEqual(self.bus.ask(3, 0x1B, 0x01, 0x7A), b"\x01\x00\x99")
        self.bus.put_with_pec(0x1B, 0x7A, 0x5A)
        self.assertEqual(self.bus.ask(2, 0x1B, 0x01, 0x7A), b"\x01\x5a")
        self.assertEqual(self.bus.ask(2, 0x1B, 0x01, 0x7B), b"\x01\x00")
        self.assertEqual(self.bus.cml(), 0)

    def test_coefficients(self):
        self.bus.registers.coefficients[0x86] = b"\x01\x00\x00\x00\x03"
        reply = self.bus.ask(7, 0x30, 0x02, 0x86, 0x01)
        self.assertEqual(reply[:6], bytes.fromhex("050100000003"))
        self.assertEqual(crc8(bytes.fromhex("803002860181050100000003") + reply[6:]), 0)

    def test_wrong_arguments_are_invalid_data(self):
        for message in (
            (0x1A,),
            (0x1A, 0x01),
            (0x1A, 0x02, 0x88),
            (0x1A, 0x02, 0x88, 0x00),
            (0x1B, 0x01, 0x79),
            (0x1B, 0x01, 0x81),
            (0x30, 0x02, 0x88, 0x01),
            (0x30, 0x01, 0x86),
        ):
            self.assertEqual(self.bus.ask(2, *message), b"\xff\xff")
            self.assertEqual(self.bus.cml(), DATA)
            self.bus.put(0x03)


class Writes(unittest.TestCase):
    def setUp(self):
        self.bus = Controller()
        self.bus.registers.publish(0x40, b"\x00\x50")

    def taken(self):
        return self.bus.registers.mailbox.take()

    def test_word_goes_to_the_mailbox_and_is_echoed_until_done(self):
        self.bus.put_with_pec(0x40, 0x00, 0x0B)
        self.assertEqual(self.bus.ask(3, 0x40)[:2], b"\x00\x0b")
        self.assertEqual(self.taken(), (0x40, b"\x00\x0b"))
        self.bus.registers.publish(0x40, b"\x01\x0b")
        self.assertEqual(self.bus.ask(2, 0x40), b"\x00\x0b")
        self.bus.registers.finish(0x40)
        self.assertEqual(self.bus.ask(2, 0x40), b"\x01\x0b")
        self.assertIsNone(self.taken())
        self.assertEqual(self.bus.cml(), 0)

    def test_echo_has_a_right_pec(self):
        self.bus.put(0x40, 0x00, 0x0B)
        reply = self.bus.ask(3, 0x40)
        self.assertEqual(crc8(b"\x80\x40\x81" + reply), 0)

    def test_right_pec_by_hand(self):
        self.bus.put(0x40, 0x00, 0x0B, 0x86)
        self.assertEqual(self.taken(), (0x40, b"\x00\x0b"))

    def test_wrong_pec_is_discarded(self):
        self.bus.put(0x40, 0x00, 0x0B, 0x87)
        self.assertIsNone(self.taken())
        self.assertEqual(self.bus.ask(2, 0x40), b"\x00\x50")
        self.assertEqual(self.bus.cml(), PEC)

    def test_missing_pec_is_discarded_where_the_class_demands_it(self):
        for message in ((0x01, 0x80), (0x10, 0x80), (0xDB, 4, 1, 0, 0, 0), (0x15,)):
            self.bus.put(*message)
            self.assertIsNone(self.taken())
            self.assertEqual(self.bus.cml(), PEC)
            self.bus.put(0x03)
        self.bus.put(0x01, 0x80, 0x97)
        self.assertEqual(self.taken(), (0x01, b"\x80"))

    def test_block_write(self):
        self.bus.put_with_pec(0xDB, 4, 1, 2, 3, 4)
        self.assertEqual(self.taken(), (0xDB, b"\x01\x02\x03\x04"))
        self.bus.put_with_pec(0xDD, 32, *range(32))
        self.assertEqual(self.taken(), (0xDD, bytes(range(32))))

    def test_wrong_lengths(self):
        for message, cml in (
            ((0x40,), OTHER),
            ((0x40, 0x00), OTHER),
            ((0x40, 0x00, 0x0B, 0x86, 0x00), DATA),
            ((0x40,) + (0,) * 60, DATA),
            ((0x03, 0x00, 0x00), DATA),
            ((0x88,), OTHER),  # a read that was broken off
            ((0x88, 0x00, 0x00), DATA),  # read only
            ((0xDB, 4, 1, 2, 3), DATA),
            ((0xDB, 4), DATA),
            ((0xDB,), OTHER),
            ((0xDB, 4, 1, 2, 3, 4, 0, 0), DATA),
            ((0x8A, 0x00), COMMAND),
            ((0xF0,), COMMAND),
        ):
            self.bus.put(*message)
            self.assertEqual(self.bus.cml(), cml)
            self.assertIsNone(self.taken())
            self.bus.put(0x03)
        self.bus.put_with_pec(0xDB, 3, 1, 2, 3, 4)
        self.assertEqual(self.bus.cml(), DATA)

    def test_a_guard_refuses_values(self):
        self.bus.registers.guards[0x01] = Allowed(b"\x00\x40\x80")
        self.bus.put_with_pec(0x01, 0x94)
        self.assertIsNone(self.taken())
        self.assertEqual(self.bus.cml(), DATA)

    def test_page_takes_0_and_ff_only(self):
        self.assertEqual(self.bus.ask(1, 0x00), b"\x00")
        self.bus.put(0x00, 0x01)
        self.assertEqual(self.bus.ask(1, 0x00), b"\x00")
        self.assertEqual(self.bus.cml(), DATA)
        self.bus.put(0x00, 0xFF)
        self.assertEqual(self.bus.ask(1, 0x00), b"\xff")

    def test_send_byte_runs_at_stop_only(self):
        self.bus.ask(1, 0x8A)
        self.assertEqual(self.bus.ask(1, 0x03), b"\xff")  # repeated START: not executed
        self.assertEqual(self.bus.cml(), COMMAND | OTHER)
        self.bus.put(0x03)
        self.assertEqual(self.bus.cml(), 0)

    def test_a_start_in_the_wrong_place_drops_the_message(self):
        self.bus.put(0x40, 0x00, 0x0B, stop=False)
        self.bus.put(0x7E, stop=False)
        self.assertEqual(self.bus.get(1), bytes([OTHER]))
        self.assertIsNone(self.taken())

    def test_quick_write_and_quick_read_change_nothing(self):
        self.bus.put()
        self.bus.get(0)
        self.assertEqual(self.bus.cml(), 0)
        self.assertFalse(self.bus.engine.is_open)

    def test_a_full_mailbox_shows_busy_and_keeps_what_it_has(self):
        for value in range(60):
            self.bus.put(0x40, value, 0x50)
        self.assertEqual(self.bus.ask(1, 0x78)[0], 0x80)
        kept = []
        message = self.taken()
        while message is not None:
            kept.append(message[1][0])
            message = self.taken()
        self.assertEqual(kept, list(range(48)))
        self.bus.put(0x78, 0x80)
        self.assertEqual(self.bus.ask(1, 0x78)[0], 0x00)

    def test_a_send_byte_at_work_shows_busy(self):
        self.bus.put_with_pec(0x15)
        self.assertEqual(self.bus.ask(1, 0x78)[0], 0x80)
        self.assertEqual(self.taken(), (0x15, b""))
        self.bus.registers.finish(0x15)
        self.assertEqual(self.bus.ask(1, 0x78)[0], 0x00)


class WriteProtect(unittest.TestCase):
    def setUp(self):
        self.bus = Controller()

    def accepted(self, *message):
        self.bus.put_with_pec(*message)
        self.bus.registers.mailbox.take()
        accepted = self.bus.cml() == 0
        self.bus.put(0x03)
        return accepted

    def test_each_level_lets_through_what_the_standard_says(self):
        # PAGE, OPERATION, ON_OFF_CONFIG, a limit, WRITE_PROTECT
        writes = ((0x00, 0), (0x01, 0x80), (0x02, 0x1A), (0x40, 0, 0x50))
        for level, expected in (
            (0x80, (False, False, False, False)),
            (0x40, (True, True, False, False)),
            (0x20, (True, True, True, False)),
            (0x00, (True, True, True, True)),
        ):
            self.assertTrue(self.accepted(0x10, level))
            self.assertEqual(tuple([self.accepted(*write) for write in writes]), expected)

    def test_other_levels_are_invalid(self):
        for level in (0x01, 0x60, 0xFF):
            self.assertFalse(self.accepted(0x10, level))
        self.assertEqual(self.bus.ask(1, 0x10), b"\x00")

    def test_clear_faults_is_never_locked(self):
        self.bus.put_with_pec(0x10, 0x80)
        self.bus.ask(1, 0x8A)
        self.bus.put(0x03)
        self.assertEqual(self.bus.cml(), 0)


class Stalls(unittest.TestCase):
    def test_a_bus_that_is_held_is_told_after_25_ms(self):
        bus = Controller()
        bus.now_ms = (1 << 30) // 1_000 - 10  # where the ticks wrap
        self.assertFalse(bus.engine.is_stuck(True))
        bus.engine.on_write()
        for _ in range(2):
            bus.engine.on_bytes(b"\x40", 1)
            bus.now_ms += 24
            self.assertFalse(bus.engine.is_stuck(True))
        bus.now_ms += 1
        self.assertTrue(bus.engine.is_stuck(True))
        bus.engine.abort()
        self.assertFalse(bus.engine.is_open)
        self.assertEqual(bus.cml(), OTHER)

    def test_a_controller_may_think_with_both_lines_high(self):
        bus = Controller()
        bus.put(0x7E, stop=False)
        bus.now_ms += 100_000
        self.assertFalse(bus.engine.is_stuck(False))
        self.assertEqual(bus.get(1), b"\x00")

    def test_events_out_of_place_change_nothing(self):
        bus = Controller()
        bus.engine.on_bytes(b"\x03\x03", 2)
        bus.engine.on_end_write(False)
        bus.engine.on_end_read()
        self.assertEqual(bus.take(), b"\xff")
        self.assertFalse(bus.engine.is_open)
        self.assertEqual(bus.cml(), 0)
