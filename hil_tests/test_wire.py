"""Every kind of transaction through the bench's own byte mover, byte by byte.

The same on every bench: what the engine's unit tests show without a bus must hold with the
events of real hardware, in their real order. PEC is worked out here from the messages.
"""

from collections.abc import Iterator
from importlib import import_module

import pytest
from racklet import errors
from racklet.bmc import Bmc
from racklet.bus import Bus, Patience, Read, Write
from racklet_bench.bench import HANDS, Bench
from racklet_wire import power
from racklet_wire.commands import COMMANDS
from racklet_wire.pec import crc8

SLOT = 1
ADDRESS = 0x10 + SLOT
COMMAND, DATA, PEC, OTHER = 0x80, 0x40, 0x20, 0x02  # STATUS_CML


class Wire:
    """Raw messages to one address."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus

    def put(self, *data: int) -> None:
        self.bus.transfer([Write(ADDRESS, bytes(data))])

    def put_with_pec(self, *data: int) -> None:
        self.put(*data, crc8(bytes((ADDRESS << 1, *data))))

    def ask(self, size: int, *data: int) -> bytes:
        return self.bus.transfer([Write(ADDRESS, bytes(data)), Read(ADDRESS, size)])[0]

    def checked(self, size: int, *data: int) -> bytes:
        """`size` bytes whose PEC is right."""
        reply = self.ask(size + 1, *data)
        assert crc8(bytes((ADDRESS << 1, *data, ADDRESS << 1 | 1)) + reply) == 0, reply.hex()
        return reply[:-1]

    def cml(self) -> int:
        """What went wrong since the last time."""
        found = self.checked(1, 0x7E)[0]
        self.put_with_pec(0x03)
        assert self.checked(1, 0x7E) == b"\x00"
        return found


@pytest.fixture(scope="module")
def bus(request: pytest.FixtureRequest) -> Iterator[Bus]:
    """The bus of one bench for the whole file: these tests leave the BMC as it was."""
    bench: Bench = import_module(
        f"racklet_bench.{request.config.getoption('--bench')}"
    ).open_bench()
    try:
        if HANDS not in bench.abilities:
            pytest.skip(f"this bench has no {HANDS}")
        bench.insert(SLOT)
        bmc = Bmc(bench.bus, SLOT, bench.clock, Patience(nack_s=5.0))
        limit = bench.clock.monotonic() + 10
        while bmc.power_state().state != power.OFF:
            assert bench.clock.monotonic() < limit, "the unit is not off"
            bench.clock.sleep(0.1)
        yield bench.bus
    finally:
        bench.close()


@pytest.fixture
def wire(bus: Bus) -> Iterator[Wire]:
    made = Wire(bus)
    made.put_with_pec(0x03)
    yield made
    assert made.cml() == 0, "the test left a fault behind"


def test_reads_of_every_length(wire: Wire) -> None:
    assert wire.checked(1, 0x19) == b"\xa0"
    assert wire.checked(2, 0x79) == b"\x40\x08"
    assert wire.checked(8, 0x99) == b"\x07RACKLET"
    block = wire.checked(33, 0xD0)
    assert block[0] == 32
    for size in (*range(1, 34), 34):  # the controller may stop at any byte
        assert wire.ask(size, 0xD0)[:33] == block[:size]
    assert wire.checked(2, 0x1A, 1, 0x88) == b"\x01\xa0"
    assert wire.checked(2, 0x1B, 1, 0x7A) == b"\x01\x00"
    assert wire.checked(6, 0x30, 2, 0x86, 1) == bytes.fromhex("050100000000")


def test_writes_of_every_length(wire: Wire) -> None:
    wire.put_with_pec(0x03)
    wire.put(0x00, 0x00)
    wire.put_with_pec(0x00, 0xFF)
    assert wire.checked(1, 0x00) == b"\xff"
    wire.put(0x4A, 0x00, 0xC3)
    assert wire.checked(2, 0x4A) == b"\x00\xc3"
    wire.put_with_pec(0x4A, 0x80, 0xC2)
    assert wire.checked(2, 0x4A) == b"\x80\xc2"
    wire.put_with_pec(0xD9, 6, 0, 0, 0, 0, 0, 0)
    wire.put_with_pec(0xE3, 32, *bytes(32))  # 35 bytes, more than two FIFOs: input of no bytes


def test_quick_commands_and_receive_byte(wire: Wire) -> None:
    wire.bus.transfer([Write(ADDRESS, b"")])
    wire.bus.transfer([Read(ADDRESS, 0)])
    status = wire.bus.transfer([Read(ADDRESS, 2)])[0]
    assert status == bytes([0x40, crc8(bytes([ADDRESS << 1 | 1, 0x40]))])
    with pytest.raises(errors.Nack):
        wire.bus.transfer([Write(ADDRESS + 9, b"")])


@pytest.mark.parametrize("over", [1, 2, 7])
def test_reading_on(wire: Wire, over: int) -> None:
    for command, size in ((0x19, 2), (0x79, 3), (0xD0, 34), (0x99, 9)):
        assert wire.ask(size + over, command)[size:] == b"\xff" * over
        assert wire.cml() == OTHER


def test_mistakes_in_writes(wire: Wire) -> None:
    before = wire.checked(2, 0x4A)
    for message, cml in (
        ((0x4A, 0x00, 0xC3, 0x00), PEC),
        ((0x4A, 0x00, 0xC3, 0x00, 0x00), DATA),
        ((0x4A, *bytes(70)), DATA),
        ((0x4A, 0x00), OTHER),
        ((0x4A,), OTHER),
        ((0x01, 0x80), PEC),
        ((0x88, 0x00, 0x00), DATA),
        ((0x8A, 0x00), COMMAND),
        ((0xF3, 1, 2, 3), COMMAND),
        ((0xD9, 6, 0, 0, 0), DATA),
        ((0x00, 0x05), DATA),
        ((0x4A, 0xFF, 0x7B), DATA),
    ):
        wire.put(*message)
        assert wire.cml() == cml, bytes(message).hex()
        assert wire.checked(2, 0x4A) == before


def test_mistakes_in_reads(wire: Wire) -> None:
    for message, cml in (
        ((0x8A,), COMMAND),
        ((0xF0,), COMMAND),
        ((0x03,), OTHER),  # a Send Byte that a repeated START ended is not run
        ((0xD4,), OTHER),
        ((0x88, 0x00), OTHER),
        ((0x1A,), DATA),
        ((0x1A, 2, 0x88), DATA),
        ((0x1B, 1, 0x10), DATA),
    ):
        assert wire.ask(2, *message) == b"\xff\xff"
        assert wire.cml() == cml, bytes(message).hex()


def test_a_start_in_the_wrong_place_drops_the_write(wire: Wire) -> None:
    before = wire.checked(2, 0x4A)
    wire.bus.transfer([Write(ADDRESS, b"\x4a\x00\xc3"), Write(ADDRESS, b"\x7e"), Read(ADDRESS, 1)])
    assert wire.cml() == OTHER
    assert wire.checked(2, 0x4A) == before


def test_a_group_command_is_not_carried_out(wire: Wire) -> None:
    """A write that a repeated START for another address ends, executed at the last STOP."""
    before = wire.checked(2, 0x4A)
    for message in (b"\x4a\x00\xc3", b"\x4a\x00\xc3" + bytes([crc8(b"\x22\x4a\x00\xc3")])):
        with pytest.raises(errors.Nack):  # nobody is at the other address: the bus is the same
            wire.bus.transfer([Write(ADDRESS, message), Write(ADDRESS + 9, b"\x03")])
        assert wire.checked(2, 0x4A) == before
        assert wire.cml() == OTHER
    wire.ask(1, 0x8A)
    with pytest.raises(errors.Nack):
        wire.bus.transfer([Write(ADDRESS, b"\x03"), Write(ADDRESS + 9, b"\x03")])
    assert wire.cml() == COMMAND | OTHER


def test_traffic_of_others_is_none_of_our_business(wire: Wire) -> None:
    for address in (0x00, 0x08, 0x0C, ADDRESS + 9):
        with pytest.raises(errors.Nack):
            wire.bus.transfer([Write(address, b"\x03\x00")])
    assert wire.cml() == 0


def test_writes_in_a_row_are_shown_at_once_and_kept_in_order(wire: Wire) -> None:
    before = wire.checked(2, 0x4A)
    for mantissa in range(0x280, 0x280 + 12):  # from 2.5 A in steps of 4 mA
        word = (0xC000 | mantissa).to_bytes(2, "little")
        wire.put_with_pec(0x4A, *word)
        assert wire.checked(2, 0x4A) == word
    wire.put_with_pec(0x4A, *before)
    for _ in range(100):  # long enough for the event loop to have done them all
        assert wire.checked(2, 0x4A) == before


def test_all_256_codes_by_read_and_by_write(wire: Wire) -> None:
    rows = {row[0]: row for row in COMMANDS}
    for code in range(256):
        if code not in rows:
            assert wire.ask(2, code) == b"\xff\xff"
            assert wire.cml() == COMMAND
            wire.put_with_pec(code, 0)
            assert wire.cml() == COMMAND
        elif rows[code][3] == "r" and rows[code][2] in ("byte", "word"):
            wire.checked(rows[code][5], code)
            wire.put(code, 0, 0)
            assert wire.cml() == DATA
        elif rows[code][2] == "block" and "r" in rows[code][3]:
            size = wire.ask(1, code)[0]
            assert size == rows[code][5] or rows[code][4] == "text"
            assert wire.checked(size + 1, code)[0] == size
