# runs on: cpython, micropython
"""Rows 0xEF, 0xF8 and 0xF9 of protocol version 1, byte by byte. DO NOT CHANGE THIS FILE.

If a test here fails, the protocol was changed under clients that exist. The bytes were worked
out by hand and with a CRC by long division, not with the code under test. Messages are those of
slot 2 (address 0x12: 24 to write, 25 to read), with addresses and PEC, without START and STOP.
"""

import unittest

from racklet_wire import blocks, commands, waveform
from racklet_wire.pec import crc8
from tests.target.controller import Controller

WRITE = 0x24

STATUS = (
    {
        "state": 2,
        "cause": 1,
        "reason": 2,
        "missed": 3,
        "frames": 320,
        "before": 128,
        "frame_us": 250,
        "vout_scale": 6600,
        "vin_scale": 28050,
        "efuse_scale": 7885,
        "number": 0x1020304,
        "generation": 9,
        "triggered_ms": 0x123456789,
    },
    "24ef25200201020340018000fa00c819926dcd1e04030201090000008967452301000000ac",
)

SELECTS = (
    ({"command": 0, "first": 318, "number": 7}, "24f80800003e01070000007a"),
    ({"command": 2, "first": 0, "number": 0x1020304}, "24f808020000000403020188"),
)

SAMPLES = [0x123, 0xFED, 0x001, 0xFFF, 0x000, 0x800]
SAMPLES += [0x100, 0x101, 0x102, 0x103, 0x104, 0x105, 0x106, 0x107, 0x108, 0x109, 0x10A, 0x10B]
PACKED = "23d1fe01f0ff0000800011100231100451100671100891100ab110"
WINDOW = (
    {"first": 6, "number": 0x0304, "count": 6, "data": bytes.fromhex(PACKED)},
    "24f92520060004030623d1fe01f0ff0000800011100231100451100671100891100ab11086",
)


class Version1(unittest.TestCase):
    def setUp(self):
        self.bus = Controller(WRITE >> 1)

    def test_codes_and_sizes(self):
        for name, code, size in (
            ("WAVEFORM_STATUS", 0xEF, 32),
            ("WAVEFORM_SELECT", 0xF8, 8),
            ("WAVEFORM_WINDOW", 0xF9, 32),
        ):
            self.assertEqual(commands.code_of(name), code)
            self.assertEqual(commands.lookup(code)[5], size)
            self.assertEqual(blocks.size(name), size)

    def test_the_firmware_sends_these_reads(self):
        for name, (fields, text) in (("WAVEFORM_STATUS", STATUS), ("WAVEFORM_WINDOW", WINDOW)):
            message = bytes.fromhex(text)
            self.assertEqual(crc8(message), 0)
            self.assertEqual(blocks.pack(name, **fields), message[4:-1])
            self.assertEqual(blocks.unpack(name, message[4:-1]), fields)
            self.bus.registers.publish(message[1], message[4:-1])
            self.assertEqual(self.bus.ask(len(message) - 3, message[1]), message[3:])

    def test_the_firmware_takes_these_writes_with_their_pec_only(self):
        for fields, text in SELECTS:
            message = bytes.fromhex(text)
            self.assertEqual(blocks.pack("WAVEFORM_SELECT", **fields), message[3:-1])
            self.bus.put(*message[1:-1])
            self.assertEqual(self.bus.cml(), 0x20)
            self.bus.put(0x03)
            self.bus.put(*message[1:])
            self.assertEqual(self.bus.cml(), 0)
            while (taken := self.bus.registers.mailbox.take()) is not None:
                self.assertTrue(taken[0] == 0x03 or taken == (0xF8, message[3:-1]))

    def test_samples_lie_two_in_three_bytes(self):
        self.assertEqual(waveform.pack(SAMPLES), bytes.fromhex(PACKED))
        self.assertEqual(waveform.unpack(bytes.fromhex(PACKED)), SAMPLES)

    def test_numbers_have_their_meaning(self):
        self.assertEqual((waveform.ARMED, waveform.TRIGGERED, waveform.KEPT), (0, 1, 2))
        self.assertEqual((waveform.FAULT, waveform.POWER_ON, waveform.COMMAND), (1, 2, 3))
        self.assertEqual((waveform.SELECT, waveform.TRIGGER, waveform.ARM), (0, 1, 2))
