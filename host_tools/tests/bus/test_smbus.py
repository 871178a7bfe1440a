"""The SMBus client: values, blocks, PEC both ways, patience, and errors that name the place."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from racklet.bus import Message, Patience, Read, Target, Write
from racklet.errors import Arbitration, BadReply, BusError, BusTimeout, Nack
from racklet_wire import power
from racklet_wire.commands import COMMANDS
from tests.handlers.bmc import Bmc
from tests.handlers.engine_bus import EngineBus


@dataclass
class Clock:
    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.now += seconds


@dataclass
class Faulty:
    """A bus that fails as the script says before it lets transactions through."""

    bus: EngineBus
    script: list[BusError | int] = field(default_factory=list)  # an int flips that bit of a read
    transfers: int = 0
    writes: list[Write] = field(default_factory=list)

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        self.transfers += 1
        self.writes += [message for message in messages if isinstance(message, Write)]
        fault = self.script.pop(0) if self.script else None
        if isinstance(fault, BusError):
            raise fault
        reads = self.bus.transfer(messages)
        if fault is not None:
            damaged = bytearray(reads[0])
            damaged[fault // 8] ^= 1 << fault % 8
            reads[0] = bytes(damaged)
        return reads

    def describe(self) -> str:
        return "test:bus"

    def close(self) -> None:
        pass


@pytest.fixture
def bmc() -> Bmc:
    made = Bmc()
    made.bench.input.bus_mv = 12_000
    made.bench.run(5_000)
    made.telemetry.step()
    made.dispatcher.step()
    return made


@pytest.fixture
def bus(bmc: Bmc) -> Faulty:
    return Faulty(EngineBus(bmc, after=bmc.dispatcher.step))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def target(bus: Faulty, bmc: Bmc, clock: Clock) -> Target:
    return Target(bus, bmc.address, clock)


def test_reads_every_row(target: Target) -> None:
    for code, name, transaction, access, kind, size, _ in COMMANDS:
        if "r" not in access:
            continue
        if transaction in ("byte", "word"):
            target.read(name)
        elif kind == "block":
            assert target.block(name)
        elif transaction == "block":
            assert 0 < len(target.read_block(code)) <= size
    assert target.read("READ_VIN") == 12_000
    assert target.read("STATUS_CML") == 0
    assert target.text("MFR_ID") == "RACKLET"
    assert target.query(0x88) == 0xA0
    assert target.process(0x1B, b"\x7a") == b"\x00"


def test_writes_values_blocks_and_send_bytes(target: Target, bmc: Bmc) -> None:
    target.write("IOUT_OC_WARN_LIMIT", 3_000)
    assert target.read("IOUT_OC_WARN_LIMIT") == 3_000
    target.write_fields(
        "POWER_COMMAND",
        command=power.COMMAND_ON,
        transaction_id=1,
        generation=bmc.bench.log.generation,
    )
    assert target.block("POWER_STATE")["transaction_id"] == 1
    target.send("CLEAR_FAULTS")
    assert target.read("STATUS_CML") == 0


@pytest.mark.parametrize("bit", range(0, 24, 5))
def test_a_damaged_read_is_read_again(target: Target, bus: Faulty, bit: int) -> None:
    bus.script = [bit, bit]
    assert target.read("READ_VIN") == 12_000
    assert bus.transfers == 3


def test_a_read_that_stays_damaged_says_what_to_check(target: Target, bus: Faulty) -> None:
    bus.script = [3] * 10
    with pytest.raises(BadReply) as caught:
        target.read("READ_VIN")
    assert "READ_VIN" in str(caught.value)
    assert "pull-ups" in caught.value.hint


def test_a_bmc_that_left_the_bus_for_a_moment_is_waited_for(
    target: Target, bus: Faulty, clock: Clock
) -> None:
    bus.script = [Nack(0)] * 5
    assert target.read("READ_VIN") == 12_000
    assert 0.04 < clock.now < 0.1


def test_patience_ends_and_the_error_names_bus_address_and_command(
    target: Target, bus: Faulty, clock: Clock
) -> None:
    bus.script = [Nack(0) for _ in range(1_000)]
    with pytest.raises(Nack) as caught:
        target.read("READ_VIN")
    assert "test:bus" in str(caught.value)
    assert "0x12" in str(caught.value)
    assert "READ_VIN" in str(caught.value)
    assert "seated" in caught.value.hint
    assert clock.now < 0.5


def test_a_scan_asks_once(bus: Faulty, bmc: Bmc, clock: Clock) -> None:
    impatient = Target(bus, 0x13, clock, Patience(nack_s=0.0))
    with pytest.raises(Nack):
        impatient.read("CAPABILITY")
    assert bus.transfers == 1


def test_a_write_that_may_have_run_is_never_repeated(target: Target, bus: Faulty) -> None:
    bus.script = [BusTimeout("held")]
    with pytest.raises(BusTimeout) as caught:
        target.write_fields("POWER_COMMAND", command=1, transaction_id=1, generation=1)
    assert [len(message.data) for message in bus.writes] == [15] + [1] * 14  # and who is there
    assert "the bus is free again and slot 2 answers" in caught.value.hint


def test_a_read_that_timed_out_is_repeated_after_the_bus_let_go(
    target: Target, bus: Faulty, clock: Clock
) -> None:
    bus.script = [BusTimeout("held"), *[Nack(0)] * 14, Arbitration("lost")]
    assert target.read("READ_VIN") == 12_000
    assert clock.now >= 0.04


def test_the_unit_that_held_the_bus_is_named(target: Target, bus: Faulty, bmc: Bmc) -> None:
    bus.script = [BusTimeout("held"), *[Nack(0)] * 1_000]
    with pytest.raises(Nack) as caught:
        target.read("READ_VIN")
    assert f"0x{bmc.address:02X}" in caught.value.message
    assert "this unit held the bus low" in caught.value.hint


def test_a_bus_that_stays_held_is_nobody_behind_a_buffer(target: Target, bus: Faulty) -> None:
    bus.script = [BusTimeout("held", hint="the adapter's own")] * 100
    with pytest.raises(BusTimeout) as caught:
        target.read("READ_VIN")
    assert "the adapter's own; SDA or SCL is still low" in caught.value.hint
    assert "pull the units one after the other" in caught.value.hint


def test_a_block_of_another_size_is_refused(target: Target, bmc: Bmc) -> None:
    with pytest.raises(BadReply):
        target.read_block(0x99, 6)  # MFR_ID has 7 bytes


def test_messages_are_plain_writes_and_reads(bmc: Bmc) -> None:
    """What every controller of a Raspberry Pi can do: a write, then one read."""
    seen: list[Message] = []

    class Watching(EngineBus):
        def transfer(self, messages: Sequence[Message]) -> list[bytes]:
            seen.extend(messages)
            return super().transfer(messages)

    target = Target(Watching(bmc), bmc.address)
    target.block("IDENTIFY")
    assert seen == [Write(0x12, b"\xd0"), Read(0x12, 34)]
