# runs on: cpython, micropython
"""The event log through its window."""

from tests.handlers.case import Case

DATA = 0x40  # of STATUS_CML


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
