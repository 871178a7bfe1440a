# runs on: cpython, micropython
"""Power commands, faults and hotplug through their registers."""

from racklet_wire import blocks, power
from racklet_wire.commands import code_of
from tests.handlers.case import Case

PEC, DATA = 0x20, 0x40  # of STATUS_CML


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
