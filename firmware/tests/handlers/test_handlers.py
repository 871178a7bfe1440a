# runs on: cpython, micropython
"""The registers of a whole BMC: what a controller reads and writes, and what it moves."""

import random
import unittest

from racklet_base.handlers.dispatcher import Dispatcher
from racklet_base.handlers.images import offset_of
from racklet_wire import blocks, linear, power
from racklet_wire.commands import COMMANDS, code_of
from tests.handlers.bmc import SERIAL, SLOT, Bmc
from tests.target.controller import Controller

PEC, DATA, COMMAND = 0x20, 0x40, 0x80


class Case(unittest.TestCase):
    def setUp(self):
        self.bmc = Bmc()
        self.bench = self.bmc.bench

    def settle(self, ms=5_000):
        self.bench.run(ms)
        self.bmc.dispatcher.refresh()


class Table(Case):
    def test_every_readable_row_answers_with_its_size_and_pec(self):
        for code, name, transaction, access, _, size, _ in COMMANDS:
            if "r" not in access or transaction in ("process call", "mask"):
                continue
            if transaction == "block":
                data = self.bmc.data(name)
                self.assertTrue(len(data) == size or code < 0xD0 and 0 < len(data) <= size)
            else:
                self.bmc.ask(size + 1, code)
            self.assertEqual(self.bmc.cml(), 0)

    def test_all_other_codes_read_ff_and_are_invalid(self):
        rows = {row[0] for row in COMMANDS}
        for code in range(256):
            if code not in rows:
                self.assertEqual(self.bmc.ask(2, code), b"\xff\xff")
                self.assertEqual(self.bmc.cml(), COMMAND)
                self.assertEqual(self.bmc.ask(2, 0x1A, 1, code), b"\x01\x00")
                self.bmc.put(0x03)

    def test_all_other_codes_are_invalid_to_write(self):
        rows = {row[0] for row in COMMANDS}
        for code in range(256):
            if code not in rows:
                for data in ((), (0,), (0, 0), (4, 0, 0, 0, 0)):
                    self.bmc.put_with_pec(code, *data)
                    self.assertEqual(self.bmc.cml(), COMMAND)
                    self.bmc.put(0x03)

    def test_read_only_rows_refuse_writes(self):
        for code, _, transaction, access, _, size, _ in COMMANDS:
            if access == "r":
                data = (0,) * max(1, size)
                if transaction == "block":
                    data = (size,) + (0,) * size
                self.bmc.put_with_pec(code, *data)
                self.assertEqual(self.bmc.cml(), DATA)
                self.bmc.put(0x03)

    def test_rows_without_a_family_are_withheld(self):
        bus = Controller()
        Dispatcher(bus.registers, [], [])
        self.assertEqual(bus.ask(2, 0x88), b"\xff\xff")
        self.assertEqual(bus.cml(), COMMAND)
        self.assertEqual(bus.ask(2, 0x1A, 1, 0x88), b"\x01\x00")
        self.assertEqual(bus.ask(2, 0x1A, 1, 0x03), b"\x01\xdc")


class Identity(Case):
    def test_identify(self):
        identity = self.bmc.block("IDENTIFY")
        self.assertEqual(identity["protocol_min"], 1)
        self.assertEqual(identity["slot"], SLOT)
        self.assertEqual(identity["serial"], SERIAL)
        self.assertEqual(blocks.BOARDS[identity["board"]], "virtual")
        self.assertEqual(identity["generation"], self.bench.log.generation)

    def test_texts_and_constants(self):
        self.assertEqual(self.bmc.data("MFR_ID"), b"RACKLET")
        self.assertEqual(self.bmc.data("MFR_MODEL"), b"virtual")
        self.assertEqual(self.bmc.data("MFR_REVISION"), b"0.1.0")
        self.assertEqual(self.bmc.data("MFR_LOCATION"), b"slot 2")
        self.assertEqual(self.bmc.byte("CAPABILITY"), 0xA0)
        self.assertEqual(self.bmc.byte("VOUT_MODE"), 0x14)
        self.assertEqual(self.bmc.byte("PMBUS_REVISION"), 0x33)
        self.assertEqual(self.bmc.word("MFR_IOUT_MAX"), 0xCA80)

    def test_the_unit_is_named_by_its_eeprom(self):
        self.settle()
        self.assertEqual(self.bmc.data("MFR_SERIAL"), b"SN0001")
        for field, text in ((0, b"Racklet"), (3, b"SN0001")):
            self.bmc.write("INVENTORY_SELECT", field)
            inventory = self.bmc.block("INVENTORY")
            self.assertEqual(inventory["field"], field)
            self.assertEqual(inventory["text"][: inventory["size"]], text)
        self.assertEqual(self.bmc.data("MFR_DATE"), b"260101")
        self.bmc.write("INVENTORY_SELECT", 99)
        self.assertEqual(self.bmc.cml(), DATA)


class Telemetry(Case):
    def test_words_and_block_show_one_moment(self):
        self.bench.output.bus_mv, self.bench.output.current_ma = 5_100, 1_420
        self.bench.output.power_mw = 7_250
        self.bench.input.bus_mv = 12_000
        self.bench.clock.now_ms += 250
        self.bmc.telemetry.step()
        self.bmc.dispatcher.refresh()
        self.assertEqual(self.bmc.word("READ_VOUT"), 0x519A)
        self.assertEqual(self.bmc.word("READ_IOUT"), 0xBAD7)
        self.assertEqual(self.bmc.word("READ_POUT"), 0xCBA0)
        self.assertEqual(self.bmc.word("READ_VIN"), 0xD300)
        block = self.bmc.block("TELEMETRY")
        self.assertEqual((block["vout_mv"], block["iout_ma"]), (5_100, 1_420))

    def test_a_lost_sensor_has_no_value(self):
        self.bench.output.silent = True
        self.bench.clock.now_ms += 250
        self.bmc.telemetry.step()
        self.bmc.dispatcher.refresh()
        self.assertEqual(self.bmc.block("TELEMETRY")["vout_mv"], blocks.UNKNOWN)
        self.assertEqual(self.bmc.ask(3, code_of("READ_VOUT")), b"\xff\xff\xff")
        self.assertEqual(self.bmc.byte("STATUS_BYTE") & 0x80, 0x80)
        self.assertEqual(self.bmc.byte("STATUS_MFR_SPECIFIC"), 0x40)
        self.bench.output.silent = False
        self.bench.clock.now_ms += 250
        self.bmc.telemetry.step()
        self.bmc.dispatcher.refresh()
        self.bmc.word("READ_VOUT")
        self.assertEqual(self.bmc.byte("STATUS_MFR_SPECIFIC"), 0)

    def test_a_voltage_below_zero_reads_zero(self):
        self.bench.output.bus_mv = -3
        self.bench.clock.now_ms += 250
        self.bmc.telemetry.step()
        self.bmc.dispatcher.refresh()
        self.assertEqual(self.bmc.word("READ_VOUT"), 0)
        self.assertEqual(self.bmc.block("TELEMETRY")["vout_mv"], -3)

    def test_energy_block_and_ein_agree(self):
        self.bench.input.energy = 4_000_000_000
        self.bench.clock.now_ms += 10_000
        self.bmc.energy.step()
        self.bmc.dispatcher.refresh()
        uj = self.bmc.block("ENERGY")["in_uj"]
        self.assertEqual(uj, 4_000_000_000 * 25 // 256)
        data = self.bmc.data("READ_EIN")
        self.assertEqual(data[0] | (data[1] & 0x7F) << 8 | data[2] << 15, uj // 100_000)
        self.assertEqual(data[3] | data[4] << 8, 100)
        coefficients = self.bmc.ask(7, 0x30, 2, code_of("READ_EIN"), 1)
        self.assertEqual(coefficients[:6], bytes.fromhex("050100000000"))


class Power(Case):
    def setUp(self):
        super().setUp()
        self.settle()

    def command(self, command, transaction_id, generation=None):
        self.bmc.write_block(
            "POWER_COMMAND",
            command=command,
            transaction_id=transaction_id,
            generation=self.bench.log.generation if generation is None else generation,
        )

    def test_a_command_is_done_once_and_reported_by_its_id(self):
        self.command(power.COMMAND_ON, 77)
        state = self.bmc.block("POWER_STATE")
        self.assertEqual((state["transaction_id"], state["result"]), (77, power.RUNNING))
        self.settle()
        state = self.bmc.block("POWER_STATE")
        self.assertEqual((state["state"], state["result"]), (power.ON, power.DONE))
        self.assertTrue(state["flags"] & blocks.POWER_LATCH)
        last = self.bench.log.last
        self.command(power.COMMAND_ON, 77)
        self.assertEqual(self.bench.log.last, last)
        self.assertEqual(self.bmc.byte("OPERATION"), 0x80)
        self.assertEqual(self.bmc.word("STATUS_WORD"), 0)

    def test_a_command_for_an_earlier_boot_is_refused(self):
        self.command(power.COMMAND_ON, 78, generation=999)
        self.assertEqual(self.bmc.cml(), DATA)
        self.settle(100)
        self.assertEqual(self.bmc.block("POWER_STATE")["transaction_id"], 0)
        self.assertFalse(self.bench.hardware.latched)

    def test_operation(self):
        self.bmc.write("OPERATION", 0x80)
        self.settle()
        self.assertEqual(self.bmc.block("POWER_STATE")["state"], power.ON)
        self.bmc.write("OPERATION", 0x00)
        self.settle()
        self.assertEqual(self.bmc.block("POWER_STATE")["state"], power.OFF)
        self.assertEqual(self.bmc.word("STATUS_WORD"), 0x0840)
        for value in (0x94, 0xA8, 0x81, 0xFF):
            self.bmc.write("OPERATION", value)
            self.assertEqual(self.bmc.cml(), DATA)
            self.bmc.write("CLEAR_FAULTS")
        self.assertEqual(self.bmc.byte("OPERATION"), 0x00)

    def test_operation_without_pec_moves_nothing(self):
        self.bmc.put(0x01, 0x80)
        self.bmc.dispatcher.step()
        self.settle()
        self.assertEqual(self.bmc.cml(), PEC)
        self.assertFalse(self.bench.hardware.latched)

    def test_sixty_clear_faults_move_nothing_and_leave_the_log(self):
        self.command(power.COMMAND_ON, 1)
        self.settle()
        before = self.bench.log.last
        for _ in range(60):
            self.bmc.put_with_pec(0x03)
        self.settle()
        self.assertEqual(self.bench.log.last, before)
        self.assertEqual(self.bmc.block("POWER_STATE")["state"], power.ON)

    def test_a_fault_shows_is_cleared_bit_by_bit_and_alerts(self):
        self.command(power.COMMAND_ON, 1)
        self.settle()
        self.bench.hardware.shorted = True
        self.settle(100)
        state = self.bmc.block("POWER_STATE")
        self.assertEqual((state["state"], state["fault"]), (power.FAULT, power.R_SHORT_CIRCUIT))
        self.assertEqual(self.bmc.byte("STATUS_IOUT"), 0x80)
        self.assertEqual(self.bmc.word("STATUS_WORD") & 0x4050, 0x4050)
        self.assertTrue(self.bmc.dispatcher.is_alerting)
        self.bmc.put(code_of("STATUS_IOUT"), 0x80)
        self.assertEqual(self.bmc.byte("STATUS_IOUT"), 0)
        self.settle(100)
        self.assertEqual(self.bmc.byte("STATUS_IOUT"), 0)
        self.assertFalse(self.bmc.dispatcher.is_alerting)
        self.assertEqual(self.bmc.block("POWER_STATE")["fault"], power.R_SHORT_CIRCUIT)

    def test_hotplug(self):
        hotplug = self.bmc.block("HOTPLUG")
        self.assertEqual(hotplug["flags"], blocks.HOTPLUG_PRESENT | blocks.HOTPLUG_FRU)
        self.bench.hardware.seat(False)
        self.settle(50)
        hotplug = self.bmc.block("HOTPLUG")
        self.assertEqual((hotplug["state"], hotplug["flags"] & 1), (power.ABSENT, 0))


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


class Log(Case):
    def record(self, sequence):
        data = b""
        size = 1
        while len(data) < size:
            self.bmc.write_block("LOG_SELECT", sequence=sequence, offset=len(data))
            window = self.bmc.block("LOG_WINDOW")
            self.assertEqual((window["sequence"], window["offset"]), (sequence, len(data)))
            size = window["size"]
            data += window["data"][: size - len(data)]
        return data

    def test_records_are_read_whole_and_acknowledged(self):
        self.settle()
        status = self.bmc.block("LOG_STATUS")
        self.assertTrue(status["last"] >= status["first"] > 0)
        for sequence in range(status["first"], status["last"] + 1):
            self.assertEqual(self.record(sequence), self.bench.log.read(sequence))
        self.bmc.write_block("LOG_ACKNOWLEDGE", sequence=status["last"])
        self.assertEqual(self.bmc.block("LOG_STATUS")["acknowledged"], status["last"])
        self.bmc.write_block("LOG_ACKNOWLEDGE", sequence=status["last"])
        self.assertEqual(self.bmc.cml(), 0)
        self.bmc.write_block("LOG_ACKNOWLEDGE", sequence=9_999)
        self.assertEqual(self.bmc.cml(), DATA)

    def test_no_such_record_has_size_0(self):
        self.bmc.write_block("LOG_SELECT", sequence=9_999, offset=0)
        self.assertEqual(self.bmc.block("LOG_WINDOW")["size"], 0)

    def test_time(self):
        self.assertEqual(self.bmc.block("TIME")["unix_ms"], 0)
        self.bmc.write_block("TIME_SET", unix_ms=1_790_000_000_000)
        self.settle(500)
        time = self.bmc.block("TIME")
        self.assertTrue(500 <= time["unix_ms"] - 1_790_000_000_000 <= 502)


class ImagesAndConsole(Case):
    def test_a_transfer(self):
        stream = bytes(range(256)) * 3 + b"end"
        generation = self.bench.log.generation
        self.bmc.write_block(
            "IMAGE_BEGIN",
            component=0,
            flags=0,
            envelope_size=100,
            size=len(stream),
            transfer_id=5,
            generation=generation,
        )
        for number in range((len(stream) + 29) // 30):
            data = stream[number * 30 : number * 30 + 30]
            self.bmc.write_block("IMAGE_CHUNK", number=number, data=data)
        status = self.bmc.block("IMAGE_STATUS")
        self.assertEqual(status["received"], len(stream))
        self.assertEqual(self.bmc.images.data, stream)
        self.assertEqual(status["minimum_sequence"], 5)
        self.bmc.write_block("IMAGE_COMMAND", command=1, transfer_id=5, generation=generation)
        self.assertEqual(self.bmc.images.commands, [(1, 5)])

    def test_what_the_service_refuses_shows_with_its_reason(self):
        self.bmc.images.answer = 13
        generation = self.bench.log.generation
        self.bmc.write_block("IMAGE_COMMAND", command=1, transfer_id=5, generation=generation)
        self.assertEqual(self.bmc.block("IMAGE_STATUS")["reason"], 13)
        self.bmc.write_block("IMAGE_COMMAND", command=1, transfer_id=5, generation=generation + 1)
        self.assertEqual(self.bmc.block("IMAGE_STATUS")["reason"], 17)
        self.assertEqual(len(self.bmc.images.commands), 1)

    def test_chunk_numbers_wrap(self):
        for index in (0, 1, 65_535, 65_536, 65_537, 200_000):
            for near in (index - 2, index, index + 3):
                self.assertEqual(offset_of(index & 0xFFFF, max(0, near) * 30), index * 30)

    def test_console_output_by_offset(self):
        text = b"Booting Linux on physical CPU 0x0000000000\r\n" * 3
        self.bmc.uart.incoming.extend(text)
        self.bmc.console.step()
        self.bmc.dispatcher.refresh()
        got = b""
        while len(got) < self.bmc.block("CONSOLE_STATUS")["end"]:
            self.bmc.write_block("CONSOLE_SELECT", offset=len(got))
            window = self.bmc.block("CONSOLE_WINDOW")
            self.assertEqual(window["offset"], len(got))
            got += window["data"][: window["size"]]
        self.assertEqual(got, text)

    def test_console_overwrites_its_oldest_and_says_so(self):
        for _ in range(30):
            self.bmc.uart.incoming.extend(bytes(200))
            self.bmc.console.step()
        self.bmc.dispatcher.refresh()
        status = self.bmc.block("CONSOLE_STATUS")
        self.assertEqual((status["first"], status["end"]), (6_000 - 4_096, 6_000))
        self.assertEqual(self.bmc.block("CONSOLE_WINDOW")["offset"], status["first"])

    def test_input_is_typed_once(self):
        for offset, data in ((0, b"root\n"), (0, b"root\n"), (3, b"t\nls\n")):
            self.bmc.write_block("CONSOLE_INPUT", offset=offset, size=len(data), data=data)
        self.assertEqual(bytes(self.bmc.uart.sent), b"root\nls\n")
        self.bmc.write_block("CONSOLE_INPUT", offset=20, size=1, data=b"x")
        self.assertEqual(self.bmc.cml(), DATA)

    def test_input_without_room_is_refused(self):
        self.bmc.uart.room = 0
        for i in range(10):
            self.bmc.write_block("CONSOLE_INPUT", offset=27 * i, size=27, data=bytes(27))
        self.assertEqual(self.bmc.cml(), DATA)
        self.assertEqual(self.bmc.block("CONSOLE_STATUS")["input_end"], 9 * 27)

    def test_self_test_report(self):
        self.bmc.self_test.report("ram", True)
        self.bmc.self_test.report("flash", False, detail=9)
        self.bmc.dispatcher.refresh()
        report = self.bmc.block("SELF_TEST")
        self.assertEqual((report["done"], report["failed"], report["detail"]), (3, 2, 9))
