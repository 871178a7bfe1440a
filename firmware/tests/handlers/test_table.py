# runs on: cpython, micropython
"""The whole command table: every row answers, every other code is refused."""

from racklet_base.handlers.dispatcher import Dispatcher
from racklet_wire.commands import COMMANDS
from tests.fakes.fake_clock import FakeClock
from tests.handlers.case import Case
from tests.target.controller import Controller

DATA, COMMAND = 0x40, 0x80  # of STATUS_CML


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
        Dispatcher(bus.registers, [], [], FakeClock())
        self.assertEqual(bus.ask(2, 0x88), b"\xff\xff")
        self.assertEqual(bus.cml(), COMMAND)
        self.assertEqual(bus.ask(2, 0x1A, 1, 0x88), b"\x01\x00")
        self.assertEqual(bus.ask(2, 0x1A, 1, 0x03), b"\x01\xdc")
