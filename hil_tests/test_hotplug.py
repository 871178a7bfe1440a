"""Units come and go: each is known by its serial, and its neighbours never notice."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.power import PowerCommand
from racklet.rack import Rack
from racklet_bench.bench import FAULTS, HANDS, TRACE, Bench
from racklet_wire import blocks, events, power
from racklet_wire.address import address_of

pytestmark = pytest.mark.needs(HANDS)

Insert = Callable[..., Bmc]


def serial_in(bench: Bench, slot: int) -> str:
    world = bench.control("state")
    assert isinstance(world, dict)
    found: str = next(row["serial"] for row in world["slots"] if row["slot"] == slot)
    return found


def shown(bench: Bench, slot: int) -> tuple[int, str]:
    """Flags and serial of HOTPLUG."""
    block = Target(bench.bus, address_of(slot), bench.clock).block("HOTPLUG")
    flags, text = block["flags"], block["serial"]
    assert isinstance(flags, int) and isinstance(text, bytes)
    return flags, text.rstrip(b"\x00").decode()


def shown_serial(bench: Bench, slot: int) -> str:
    """What the BMC read from the unit's FRU EEPROM."""
    flags, serial = shown(bench, slot)
    assert flags & blocks.HOTPLUG_FRU
    return serial


@pytest.mark.needs(FAULTS)
def test_another_unit_in_the_slot_is_told_by_its_serial(
    bench: Bench, rack: Rack, insert: Insert
) -> None:
    insert(1, 2)
    first, other = (serial_in(bench, slot) for slot in (1, 2))
    bmc = rack.bmc(1)
    chip = bmc.identify().serial
    assert shown_serial(bench, 1) == first != other
    for slot in (1, 2):
        bench.remove(slot)
    bench.clock.sleep(1)
    bench.control("insert", slot=1, serial=other)
    bench.clock.sleep(5)
    assert shown_serial(bench, 1) == other
    assert bmc.identify().serial != chip
    told = [r.fields["serial"] for r in bmc.log() if r.kind == events.KIND_TEXT[events.IDENTIFIED]]
    assert set(told) == {other}, "its log came along, and knows no other"


@pytest.mark.needs(FAULTS)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param("absent", "EEPROM does not answer", marks=pytest.mark.long("rp2040")),
        ("wrong", "board area checksum"),
    ],
)
def test_a_unit_that_does_not_say_who_it_is_is_marked_and_known_by_its_chip(
    bench: Bench, insert: Insert, fault: str, error: str
) -> None:
    bmc = insert(1)
    bench.control("sensor", slot=1, name="fru", fault=fault)
    bench.control("flicker", slot=1, contact="presence", ms=200)
    bench.clock.sleep(5)
    flags, serial = shown(bench, 1)
    assert flags & blocks.HOTPLUG_FRU_BAD
    assert not flags & blocks.HOTPLUG_FRU
    assert serial == bmc.identify().serial
    told = [r.fields for r in bmc.log() if r.kind == events.KIND_TEXT[events.IDENTIFIED]]
    assert told[-1] == {"serial": "", "error": error}
    assert bmc.power(PowerCommand.ON).state.state == power.ON


@pytest.mark.needs(FAULTS, TRACE)
def test_neighbours_do_not_notice(bench: Bench, rack: Rack, insert: Insert) -> None:
    neighbour = insert(2)
    neighbour.power(PowerCommand.ON)
    enable = bench.trace(2, "EN")
    before = neighbour.power_state()
    bench.insert(1)
    bench.clock.sleep(5)
    rack.bmc(1).power(PowerCommand.ON)
    bench.control("short", slot=1)
    bench.clock.sleep(0.5)
    assert rack.bmc(1).power_state().state == power.FAULT
    bench.remove(1)
    bench.clock.sleep(0.5)
    after = neighbour.power_state()
    assert [level for _, level in enable] == [1]
    assert (after.state, after.generation) == (power.ON, before.generation)
    assert after.changed_ms == before.changed_ms
