"""The SMBus: bits counted by hand, faults, and who hears what."""

import pytest
from racklet_plant import Nack, Rack, Read, Timeout, World, Write
from racklet_plant.errors import Arbitration


class Memory:
    """A target that answers with a ramp and notes what it heard."""

    def __init__(self, address: int = 0x11, stretch: int = 0) -> None:
        self.address = address
        self.heard: list[str] = []
        self.stretch = stretch
        self._mine = False
        self._next = 0

    def start(self, address: int, read: bool) -> bool:
        self._mine = address == self.address
        self.heard.append(f"start {address:02x} {'R' if read else 'W'}")
        return self._mine

    def write(self, byte: int) -> bool | None:
        self.heard.append(f"write {byte:02x}")
        self._next = byte
        return True

    def read(self) -> int | None:
        if self.stretch:
            self.stretch -= 1
            return None
        self._next = (self._next + 1) & 0xFF
        return self._next

    def ready(self) -> bool:
        return True

    def ack(self, ack: bool) -> None:
        self.heard.append("ack" if ack else "nack")

    def stop(self) -> None:
        self.heard.append("stop")


@pytest.fixture
def memory(rack: Rack) -> Memory:
    memory = Memory()
    rack.bus.extra.append(memory)
    return memory


READ_WORD_PEC: list[Write | Read] = [Write(0x11, b"\x88"), Read(0x11, 3)]


def test_read_word_with_pec_is_54_bits_of_bytes(world: World, rack: Rack, memory: Memory) -> None:
    assert rack.bus.transfer(READ_WORD_PEC) == [b"\x89\x8a\x8b"]
    # 6 bytes of 9 bits, and one bit time each for START, repeated START and STOP.
    assert rack.bus.bits == 54 + 3
    assert world.now_ns == (54 + 3) * 10_000
    assert memory.heard == [
        *["start 11 W", "write 88", "start 11 R"],
        *["ack", "ack", "nack", "stop"],
    ]


def test_400_khz_is_four_times_as_fast(world: World, rack: Rack, memory: Memory) -> None:
    rack.bus.hz = 400_000
    rack.bus.transfer(READ_WORD_PEC)
    assert world.now_ns == (54 + 3) * 2_500


def test_absent_address_is_a_nack_with_its_message(rack: Rack, memory: Memory) -> None:
    with pytest.raises(Nack) as caught:
        rack.bus.transfer([Write(0x11, b"\x01"), Read(0x12, 1)])
    assert caught.value.msg == 1
    assert memory.heard[-1] == "stop"


def test_quick_has_address_only(rack: Rack, memory: Memory) -> None:
    assert rack.bus.transfer([Write(0x11, b"")]) == []
    assert rack.bus.transfer([Read(0x11, 0)]) == [b""]
    assert rack.bus.bits == 2 * (9 + 2)


def test_recv_len_counts_by_the_first_byte(rack: Rack, memory: Memory) -> None:
    reads = rack.bus.transfer([Write(0x11, b"\x02"), Read(0x11, 2, recv_len=True)])
    assert reads == [b"\x03\x04\x05\x06\x07"]  # count 3, three bytes, PEC


def test_held_clock_ends_after_the_smbus_timeout(world: World, rack: Rack, memory: Memory) -> None:
    memory.stretch = 10**9
    memory.ready = lambda: False  # type: ignore[method-assign]
    with pytest.raises(Timeout):
        rack.bus.transfer(READ_WORD_PEC)
    assert 35_000_000 <= world.now_ns < 36_000_000


def test_short_stretch_is_measured(world: World, rack: Rack, memory: Memory) -> None:
    memory.stretch = 1
    ready_at = 900_000
    memory.ready = lambda: world.now_ns >= ready_at  # type: ignore[method-assign]
    rack.bus.transfer(READ_WORD_PEC)
    assert 500_000 < rack.bus.longest_stretch_ns < 900_000


@pytest.mark.parametrize("line", ["scl_low_until", "sda_low_until"])
def test_stuck_line_times_out_and_heals(
    world: World, rack: Rack, memory: Memory, line: str
) -> None:
    setattr(rack.bus, line, 100_000_000)
    with pytest.raises(Timeout):
        rack.bus.transfer(READ_WORD_PEC)
    world.advance_to(100_000_000)
    assert rack.bus.transfer(READ_WORD_PEC) == [b"\x89\x8a\x8b"]


def test_injected_faults_last_as_long_as_asked(rack: Rack, memory: Memory) -> None:
    rack.bus.nacks = 2
    for _ in range(2):
        with pytest.raises(Nack):
            rack.bus.transfer(READ_WORD_PEC)
    rack.bus.lose_arbitration = 1
    with pytest.raises(Arbitration):
        rack.bus.transfer(READ_WORD_PEC)
    rack.bus.flip_bits = [0, 0, 0x80]
    assert rack.bus.transfer(READ_WORD_PEC) == [b"\x89\x0a\x8b"]
    assert rack.bus.transfer(READ_WORD_PEC) == [b"\x89\x8a\x8b"]


def test_duplicate_address_is_a_wired_and(rack: Rack, memory: Memory) -> None:
    twin = Memory()
    rack.bus.extra.append(twin)
    rack.bus.transfer([Write(0x11, b"\x0f")])
    twin._next = 0xF2
    assert rack.bus.transfer([Read(0x11, 1)]) == [bytes([0x10 & 0xF3])]


class SeatedBmc:
    """A unit's software, as far as the bus is concerned."""

    def __init__(self, target: Memory) -> None:
        self.bus_target = target

    def power_up(self) -> None:
        pass

    def power_down(self) -> None:
        pass


def test_unit_answers_only_while_its_contacts_are_mated(world: World, rack: Rack) -> None:
    unit = rack.new_unit()
    unit.bmc = SeatedBmc(Memory(0x13))
    rack.slots[3].insert(unit, bounce=False)
    with pytest.raises(Nack):
        rack.bus.transfer([Write(0x13, b"")])
    world.advance(100_000_000)
    assert rack.bus.transfer([Write(0x13, b"\x05"), Read(0x13, 1)]) == [b"\x06"]
    rack.slots[3].remove()
    world.advance(2_600_000)  # half way: presence and SMBus are open, the busbar is not
    assert unit.power.standby.up
    with pytest.raises(Nack):
        rack.bus.transfer([Write(0x13, b"")])


def test_pulled_in_the_middle_of_a_read_the_rest_is_ff(world: World, rack: Rack) -> None:
    unit = rack.new_unit()
    unit.bmc = SeatedBmc(Memory(0x13))
    rack.slots[3].insert(unit, bounce=False)
    world.advance(100_000_000)
    rack.slots[3].remove()
    # The SMBus contacts open after 2.5 ms: 250 bits, the 27th byte of the read.
    (data,) = rack.bus.transfer([Write(0x13, b"\x00"), Read(0x13, 40)])
    assert data == bytes(range(1, 26)) + b"\xff" * 15


def test_pulled_in_the_middle_of_a_write_is_a_nack(world: World, rack: Rack) -> None:
    unit = rack.new_unit()
    unit.bmc = SeatedBmc(Memory(0x13))
    rack.slots[3].insert(unit, bounce=False)
    world.advance(100_000_000)
    rack.slots[3].remove()
    with pytest.raises(Nack):
        rack.bus.transfer([Write(0x13, bytes(40))])


def test_every_target_hears_every_start(rack: Rack, memory: Memory) -> None:
    with pytest.raises(Nack):
        rack.bus.transfer([Write(0x22, b"\x01")])
    assert memory.heard == ["start 22 W", "stop"]
