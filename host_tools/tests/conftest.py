"""A rack of BMCs as tables, for client tests: they show the blocks they hold and note writes.

What real firmware answers is tested in `hil_tests`.
"""

import io
import os
import signal
from collections.abc import Callable

import pytest
from racklet.bus import Read, Write
from racklet.cli import main, options
from racklet.errors import Nack
from racklet_wire import blocks, boot, power
from racklet_wire.commands import code_of, lookup, query_info
from racklet_wire.pec import crc8

# A background job of a shell has SIGINT ignored, and its children inherit that; the tests that
# interrupt a command need it as a terminal gives it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What a shell or a CI may say to programs, and these tests say themselves where it matters.
for name in (
    *("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"),
    *("PYTHONUNBUFFERED", "RACKLET_DEBUG"),
):
    os.environ.pop(name, None)


class FakeClock:
    """Time that passes only in `sleep`; `at` runs something when it has come."""

    def __init__(self):
        self.now_s = 0.0
        self._due: list[tuple[float, Callable[[], None]]] = []

    def monotonic(self):
        return self.now_s

    def sleep(self, seconds):
        self.now_s += seconds
        for when, action in sorted(self._due, key=lambda due: due[0]):
            if when <= self.now_s:
                self._due.remove((when, action))
                action()

    def after(self, seconds, action):
        self._due.append((self.now_s + seconds, action))


def _calibration(ppm, micro):
    return {
        "gain_ppm": 0,
        "offset_milli": 0,
        "day": 0,
        "uncertainty_ppm": ppm,
        "uncertainty_micro": micro,
        "clock_ppm": 5_000,
    }


# A unit as delivered, switched on once; a whole window of its output current.
PAGES = {
    0x04: (
        "WINDOW",
        {
            "count": 240,
            "lowest": 12,
            "highest": 1_850,
            "mean": 612,
            "begin_ms": 1_000,
            "end_ms": 61_000,
            "lowest_ms": 1_250,
            "highest_ms": 30_500,
        },
    ),
    0x10: (
        "POWER_ON",
        {
            "number": 1,
            "begin_ms": 5_000,
            "rise_in_uj": 48_000,
            "rise_out_uj": 40_800,
            "rise_ms": 19,
            "inrush_ma": 1_320,
            "inrush_ms": 6,
            "peak_in_ma": 640,
            "peak_in_ms": 9_250,
            "own_mw": 450,
        },
    ),
    0x20: ("CALIBRATION", _calibration(500, 2_500)),
    0x21: ("CALIBRATION", _calibration(13_500, 100)),
    0x22: ("CALIBRATION", _calibration(500, 2_500)),
    0x23: ("CALIBRATION", _calibration(13_500, 200)),
    0x24: ("CALIBRATION", _calibration(0, 1_000_000)),
    0x25: ("CALIBRATION", _calibration(35_000, 16_000)),
    0x26: ("CALIBRATION", _calibration(43_000, 68_000)),
    0x27: ("CALIBRATION", _calibration(95_000, 19_000)),
    0x32: ("SENSOR", {"reason": 1, "errors": 17}),
}


class FakeBmc:
    """One BMC. `blocks` are the fields it shows; `on_write` sees (name, data) of each write.

    MEASURE_SELECT it takes by itself.
    """

    def __init__(self):
        self.on_write = self._power_command
        self.garble = 0  # so many of the next replies come with a wrong PEC
        self.commands = []
        # Bytes and words by name.
        self.registers = {"WRITE_PROTECT": b"\x00", "STATUS_BYTE": b"\x00"}
        self.pages = dict(PAGES)  # item of MEASURE -> (page, its fields)
        self.refused_items = ()
        self.unsupported = ()  # commands that it does not know: they read as ones
        self.blocks: dict[str, dict[str, int | bytes]] = {
            "IDENTIFY": {
                "protocol_min": 1,
                "protocol_current": 1,
                "major": 0,
                "minor": 1,
                "patch": 0,
                "flags": 0,
                "build": b"\x12\x34\x56\x78",
                "board": 4,
                "slot": 1,
                "revision": 1,
                "serial": b"\xe6\x61\x38\x52\x83\x1f\x2a\x2b",
                "generation": 7,
                "features": 0,
            },
            "BOOT_STATUS": {
                "mode": boot.APPLICATION,
                "running": 1,
                "confirmed": 1,
                "trial": boot.NO_SLOT,
                "attempts": 0,
                "reason": 0,
                "reason_a": 0,
                "reason_b": 0,
                "sequence": 12,
                "minimum": 11,
                "verified_ms": 330,
                "serving_ms": 850,
                "generation": 7,
                "key_id": b"\x5a\x09\x4b\xee\xd8\xb6\x34\x5e",
            },
            "TELEMETRY": {
                "vin_mv": 19000,
                "iin_ma": 250,
                "pin_mw": 4750,
                "vout_mv": 5103,
                "iout_ma": 600,
                "pout_mw": 3062,
                "temperature_mc": blocks.UNKNOWN,
                "taken_ms": 1000,
            },
            "ENERGY": {
                "in_uj": 7_200_000_000,
                "out_uj": 3_600_000_000,
                "epoch": 1,
                "generation": 7,
                "taken_ms": 1000,
            },
            "TIME": {"unix_ms": 0, "uptime_ms": 1000, "generation": 7},
            "POWER_STATE": {
                "state": power.OFF,
                "fault": 0,
                "command": 0,
                "result": power.IDLE,
                "reason": 0,
                "flags": 0,
                "vout_mv": 3,
                "transaction_id": 0,
                "generation": 7,
                "changed_ms": 0,
                "uptime_ms": 1000,
            },
        }
        self.show(0, 0)

    def fields(self, block):
        """Those of a block now; what is shown twice is kept once."""
        if block == "IMAGE_PROGRESS":
            return {name: self.blocks["IMAGE_STATUS"][name] for name in blocks.fields(block)}
        return self.blocks[block]

    def show(self, item, ticket):
        """The picture of an item; zeros for one without, and nothing new for one refused."""
        if item in self.refused_items:
            return
        page, fields = self.pages.get(item, ("", {}))
        data = blocks.pack(page, **fields) if page else bytes(30)
        self.blocks["MEASURE"] = {"item": item, "ticket": ticket, "data": data}

    def power(self, **fields):
        self.blocks["POWER_STATE"] |= fields

    def _power_command(self, name, data):
        if name == "POWER_COMMAND":
            fields = blocks.unpack(name, data)
            self.commands.append(fields)
            self.power(
                command=fields["command"],
                transaction_id=fields["transaction_id"],
                result=power.RUNNING,
            )


class FakeRackBus:
    """A bus whose `bmcs` are by slot. `silent` counts NACKs still to come, by slot."""

    def __init__(self, clock):
        self.bmcs: dict[int, FakeBmc] = {}
        self.silent: dict[int, int] = {}
        self.clock = clock

    def insert(self, slot):
        bmc = self.bmcs[slot] = FakeBmc()
        return bmc

    def transfer(self, messages):
        slot = messages[0].address - 0x10
        if self.silent.get(slot, 0) > 0:
            self.silent[slot] -= 1
            raise Nack(0)
        if slot not in self.bmcs:
            raise Nack(0)
        return self._run(self.bmcs[slot], messages)

    def _run(self, bmc, messages):
        written = messages[0]
        assert isinstance(written, Write)
        row = lookup(written.data[0])
        assert row is not None
        if row[1] == "QUERY":
            return [self._query(bmc, written)]
        if len(messages) == 1:
            assert crc8(bytes([written.address << 1]) + written.data) == 0, "no PEC"
            skip = 2 if row[2] == "block" else 1
            data = written.data[skip:-1]
            if row[1] == "MEASURE_SELECT":
                bmc.show(**blocks.unpack(row[1], data))
            else:
                bmc.on_write(row[1], data)
            return []
        read = messages[1]
        assert isinstance(read, Read)
        if row[1] in bmc.unsupported:
            return [b"\xff" * read.size]
        if row[2] == "block":
            data = blocks.pack(row[1], **bmc.fields(row[1]))
            reply = bytes([len(data)]) + data
        else:
            reply = bmc.registers[row[1]]
        head = bytes([written.address << 1, code_of(row[1]), written.address << 1 | 1])
        pec = crc8(head + reply)
        if bmc.garble:
            bmc.garble -= 1
            pec ^= 1
        return [(reply + bytes([pec]))[: read.size]]

    def _query(self, bmc, written):
        """Supported is what the BMC has a block for."""
        asked = lookup(written.data[2])
        reply = bytes([1, query_info(asked[0]) if asked and asked[1] in bmc.blocks else 0])
        head = bytes([written.address << 1]) + written.data + bytes([written.address << 1 | 1])
        return reply + bytes([crc8(head + reply)])

    def describe(self):
        return "virtual:/fake"

    def close(self):
        pass


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def bus(clock):
    return FakeRackBus(clock)


@pytest.fixture
def run(bus, clock, monkeypatch, capsys):
    """Run a command line on the fake rack, `typed` on its stdin: (exit code, stdout, stderr)."""
    monkeypatch.setattr(options, "open_bus", lambda spec: bus)
    monkeypatch.setattr(options, "clock", clock)
    monkeypatch.setenv("RACKLET_BUS", "i2c:/fake")
    monkeypatch.setenv("RACKLET_SLOTS", "5")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*words, typed=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(words)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return run
