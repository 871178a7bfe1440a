# runs on: cpython, micropython
"""Who a BMC says it is, and how its self-test went."""

from racklet_wire import blocks
from tests.handlers.bmc import SERIAL, SLOT
from tests.handlers.case import Case

DATA = 0x40  # of STATUS_CML


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

    def test_self_test_report(self):
        self.bmc.self_test.report("ram", True)
        self.bmc.self_test.report("flash", False, detail=9)
        self.bmc.dispatcher.refresh()
        report = self.bmc.block("SELF_TEST")
        self.assertEqual((report["done"], report["failed"], report["detail"]), (3, 2, 9))
