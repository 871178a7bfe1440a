# runs on: cpython, micropython
"""Protocol version 1, byte by byte. DO NOT CHANGE THIS FILE: a later version gets its own.

If a test here fails, the protocol was changed under clients that exist. The bytes were worked
out by hand and with a CRC by long division, not with the code under test. Messages are those of
slot 2 (address 0x12: 24 to write, 25 to read), with addresses and PEC, without START and STOP.
"""

import unittest

from racklet_wire import blocks, commands, values
from racklet_wire.pec import crc8
from tests.target.controller import Controller

WRITE, READ = 0x24, 0x25

# Reads of byte and word commands: (name, value, message).
READS = (
    ("CAPABILITY", 0xA0, "241925a088"),
    ("VOUT_MODE", 0x14, "2420251456"),
    ("PMBUS_REVISION", 0x33, "2498253318"),
    ("READ_VIN", 12_000, "24882500d3de"),
    ("READ_VOUT", 5_100, "248b259a5100"),
    ("READ_IOUT", 1_420, "248c25d7ba4f"),
    ("READ_POUT", 7_250, "249625a0cb2d"),
    ("READ_TEMPERATURE_1", 41_500, "248d2598e24e"),
    ("STATUS_WORD", 0x0840, "24792540089f"),
)

# Writes that the firmware takes: (name, data, message).
WRITES = (
    ("CLEAR_FAULTS", "", "2403f3"),
    ("PAGE", "00", "240000e8"),
    ("OPERATION", "80", "24018074"),
    ("OPERATION", "00", "240100fd"),
    ("WRITE_PROTECT", "80", "24108036"),
    ("STORE_USER_ALL", "", "241591"),
    ("SMBALERT_MASK", "7aff", "241b7aff0b"),
    ("IOUT_OC_WARN_LIMIT", "00c3", "244a00c3d0"),
    ("INVENTORY_SELECT", "03", "24d60325"),
    ("SETTING_SELECT", "0100", "24e701005b"),
)

# Process calls and texts, as whole messages.
CALLS = (
    ("QUERY of READ_VIN", "241a01882501a04b"),
    ("SMBALERT_MASK of STATUS_VOUT", "241b017a25010024"),
    ("COEFFICIENTS of READ_EIN", "243002860125050100000000fe"),
    ("MFR_ID", "249925075241434b4c455486"),
    ("READ_EIN", "2486250634120510270082"),
)

# Manufacturer blocks: (name, fields, message).
BLOCKS = (
    (
        "IDENTIFY",
        {
            "protocol_min": 1,
            "protocol_current": 1,
            "major": 2,
            "minor": 3,
            "patch": 4,
            "flags": 5,
            "build": b"\xde\xad\xbe\xef",
            "board": 1,
            "slot": 2,
            "revision": 6,
            "serial": b"\xe6`X8\x83rJ+",
            "generation": 0x1020304,
            "features": 31,
        },
        "24d02520010102030405deadbeef01000206e660583883724a2b040302011f000000000028",
    ),
    (
        "TELEMETRY",
        {
            "vin_mv": 12000,
            "iin_ma": -5,
            "pin_mw": 60000,
            "vout_mv": 5100,
            "iout_ma": 1420,
            "pout_mw": 7242,
            "temperature_mc": -2147483648,
            "taken_ms": 0xFFFFFFFE,
        },
        "24d12520e02e0000fbffffff60ea0000ec1300008c0500004a1c000000000080feffffffcf",
    ),
    (
        "ENERGY",
        {
            "in_uj": 0x123456789ABCDEF,
            "out_uj": 0xFEDCBA9876543210,
            "epoch": 7,
            "generation": 9,
            "taken_ms": 0x100000001,
        },
        "24d22520efcdab89674523011032547698badcfe07000000090000000100000001000000ab",
    ),
    (
        "POWER_STATE",
        {
            "state": 5,
            "fault": 2,
            "command": 1,
            "result": 2,
            "reason": 0,
            "flags": 7,
            "vout_mv": 5100,
            "transaction_id": 0xCAFEBABE,
            "generation": 9,
            "changed_ms": 1000,
            "uptime_ms": 2000,
        },
        "24d32520050201020007ec13bebafeca09000000e803000000000000d007000000000000ab",
    ),
    (
        "POWER_COMMAND",
        {"command": 4, "transaction_id": 0xCAFEBABE, "generation": 9},
        "24d40c04000000bebafeca0900000045",
    ),
    (
        "HOTPLUG",
        {"state": 3, "flags": 3, "slot": 2, "insertions": 1, "generation": 9, "serial": b"SN0001"},
        "24d525200303020109000000534e303030310000000000000000000000000000000000007d",
    ),
    (
        "INVENTORY",
        {"field": 3, "size": 6, "text": b"SN0001"},
        "24d725200306534e30303031000000000000000000000000000000000000000000000000f2",
    ),
    (
        "LOG_STATUS",
        {"first": 1, "last": 2, "acknowledged": 3, "generation": 4, "lost": 5, "boot_first": 6},
        "24d825180100000002000000030000000400000005000000060000005a",
    ),
    (
        "LOG_SELECT",
        {"sequence": 0x1020304, "offset": 24},
        "24d90604030201180047",
    ),
    (
        "LOG_WINDOW",
        {"sequence": 0x1020304, "offset": 24, "size": 25, "data": b"\xa1"},
        "24da25200403020118001900a1000000000000000000000000000000000000000000000069",
    ),
    (
        "LOG_ACKNOWLEDGE",
        {"sequence": 0x1020304},
        "24db0404030201a3",
    ),
    (
        "IMAGE_BEGIN",
        {
            "component": 0,
            "flags": 0,
            "envelope_size": 350,
            "size": 131422,
            "transfer_id": 0xCAFEBABE,
            "generation": 9,
        },
        "24dc1000005e015e010200bebafeca09000000c4",
    ),
    (
        "IMAGE_CHUNK",
        {
            "number": 65534,
            "data": bytes(range(30)),
        },
        "24dd20feff000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1de3",
    ),
    (
        "IMAGE_COMMAND",
        {"command": 1, "transfer_id": 0xCAFEBABE, "generation": 9},
        "24de0c01000000bebafeca090000009b",
    ),
    (
        "IMAGE_STATUS",
        {
            "state": 4,
            "reason": 7,
            "component": 0,
            "flags": 2,
            "transfer_id": 0xCAFEBABE,
            "received": 131422,
            "size": 131422,
            "sequence": 6,
            "active_sequence": 7,
            "minimum_sequence": 7,
            "deadline_ms": 300000,
        },
        "24df252004070002bebafeca5e0102005e010200060000000700000007000000e0930400bb",
    ),
    (
        "CONSOLE_STATUS",
        {"first": 1, "end": 0x100000002, "input_end": 3, "input_room": 256, "lost": 1},
        "24e025200100000000000000020000000100000003000000000000000001000001000000f0",
    ),
    (
        "CONSOLE_SELECT",
        {"offset": 0x100000002},
        "24e1080200000001000000e5",
    ),
    (
        "CONSOLE_WINDOW",
        {"offset": 2, "size": 5, "data": b"root\n"},
        "24e225200200000005726f6f740a000000000000000000000000000000000000000000009d",
    ),
    (
        "CONSOLE_INPUT",
        {"offset": 2, "size": 5, "data": b"root\n"},
        "24e3200200000005726f6f740a0000000000000000000000000000000000000000000040",
    ),
    (
        "SELF_TEST",
        {"done": 65535, "failed": 16, "generation": 9, "taken_ms": 1234, "detail": 0x80000000},
        "24e42518ffff00001000000009000000d2040000000000000000008047",
    ),
    (
        "TIME_SET",
        {"unix_ms": 1790000000000},
        "24e508006c50c4a0010000a5",
    ),
    (
        "TIME",
        {"unix_ms": 1790000000000, "uptime_ms": 1234, "generation": 9},
        "24e62514006c50c4a0010000d20400000000000009000000e5",
    ),
    (
        "SETTING",
        {"number": 1, "count": 44, "value": -5, "minimum": -10, "maximum": 10, "default": 0},
        "24e8251401002c00fbfffffff6ffffff0a00000000000000f5",
    ),
    (
        "SETTING_NAME",
        {"number": 1, "name": b"ton_rise_ms"},
        "24e925200100746f6e5f726973655f6d730000000000000000000000000000000000000074",
    ),
    (
        "SETTING_WRITE",
        {"number": 1, "value": -5},
        "24ea060100fbffffff3e",
    ),
)


class Version1(unittest.TestCase):
    def setUp(self):
        self.bus = Controller(WRITE >> 1)

    def test_values(self):
        for name, value, message in READS:
            data = bytes.fromhex(message)[3:-1]
            code = commands.code_of(name)
            self.assertEqual(bytes.fromhex(message)[1], code)
            self.assertEqual(values.encode(code, value), data)
            self.assertLess(abs(values.decode(code, data) - value), 4)

    def test_blocks_both_ways(self):
        for name, fields, text in BLOCKS:
            message = bytes.fromhex(text)
            row = commands.lookup(commands.code_of(name))
            start = 4 if row[3] == "r" else 3
            data = message[start:-1]
            self.assertEqual(message[1], row[0])
            self.assertEqual(message[start - 1], len(data))
            self.assertEqual(len(data), row[5])
            self.assertEqual(blocks.pack(name, **fields), data)
            unpacked = blocks.unpack(name, data)
            for field, value in fields.items():
                got = unpacked[field]
                if isinstance(value, bytes):
                    got = got[: len(value)]
                self.assertEqual(got, value)

    def test_every_message_ends_with_its_pec(self):
        for row in READS + WRITES + CALLS + BLOCKS:
            self.assertEqual(crc8(bytes.fromhex(row[-1])), 0)

    def test_the_firmware_sends_these_reads(self):
        published = [(name, message) for name, _, message in READS + BLOCKS]
        published += [(name, message) for name, message in CALLS if " of " not in name]
        for name, text in published:
            message = bytes.fromhex(text)
            row = commands.lookup(message[1])
            self.assertEqual(row[1], name)
            if "r" not in row[3] or name == "STATUS_WORD":
                continue
            start = 4 if row[2] == "block" else 3
            self.bus.registers.publish(row[0], message[start:-1])
            self.assertEqual(self.bus.ask(len(message) - 3, row[0]), message[3:])

    def test_the_firmware_answers_these_calls(self):
        self.bus.registers.coefficients[0x86] = b"\x01\x00\x00\x00\x00"
        for name, text in CALLS:
            if " of " in name:
                message = bytes.fromhex(text)
                turn = message.index(bytes([READ]), 2)
                reply = self.bus.ask(len(message) - turn - 1, *message[1:turn])
                self.assertEqual(reply, message[turn + 1 :])

    def test_the_firmware_takes_these_writes(self):
        taken = [(name, bytes.fromhex(data), message) for name, data, message in WRITES]
        for name, _, message in BLOCKS:
            if "w" in commands.lookup(commands.code_of(name))[3]:
                taken.append((name, bytes.fromhex(message)[3:-1], message))
        for name, data, message in taken:
            self.bus.put(*bytes.fromhex(message)[1:])
            self.assertEqual(self.bus.cml(), 0)
            if name not in ("CLEAR_FAULTS", "PAGE", "WRITE_PROTECT", "SMBALERT_MASK"):
                self.assertEqual(self.bus.registers.mailbox.take(), (commands.code_of(name), data))
            self.bus.put(0x10, 0x00, 0xBF)  # WRITE_PROTECT off again

    def test_a_flipped_bit_is_never_taken(self):
        for name, data, message in WRITES:
            good = bytes.fromhex(message)[1:]
            if len(good) != len(data) // 2 + 2 or name == "CLEAR_FAULTS":
                continue
            for bit in range(8, 8 * len(good)):
                bad = bytearray(good)
                bad[bit // 8] ^= 1 << bit % 8
                self.bus.put(*bad)
                self.assertEqual(self.bus.cml(), 0x20)
                self.assertIsNone(self.bus.registers.mailbox.take())
                self.bus.put(0x03)
