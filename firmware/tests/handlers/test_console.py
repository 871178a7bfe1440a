# runs on: cpython, micropython
"""The compute unit's console through its registers."""

from tests.handlers.case import Case

DATA = 0x40  # of STATUS_CML


class Console(Case):
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
        self.assertEqual((status["first"], status["end"]), (6_000 - 3_072, 6_000))
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
