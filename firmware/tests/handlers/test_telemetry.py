# runs on: cpython, micropython
"""Measurements and energy in their registers: words and blocks agree."""

from racklet_wire import blocks
from racklet_wire.commands import code_of
from tests.handlers.case import Case


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
