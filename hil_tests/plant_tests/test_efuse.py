"""The eFuse by its table: window, limits, timers, fast trip, FLT# and PGOOD."""

import pytest
from racklet_plant import Rack, Unit, World

MS, US = 1_000_000, 1_000


def short_input(unit: Unit, milliohm: float) -> None:
    unit.power.efuse.short_siemens = 1000 / milliohm
    unit.power.changed()


def test_fast_trip_at_twice_the_limit_is_immediate(world: World, powered: Unit) -> None:
    fault, enable = powered.trace("EF_FLT_N"), powered.trace("EN")
    start = world.now_ns
    short_input(powered, 50)
    world.advance(1 * MS)
    assert fault[1] == (start, 0)
    assert enable[1] == (start, 0)
    assert powered.latch.cause == "FLT"


def test_below_twice_the_limit_it_waits_25_ms(world: World, powered: Unit) -> None:
    start = world.now_ns
    short_input(powered, 19_000 / 4)  # 4 A on top of the load: above 3.28, below 6.56
    world.advance(25 * MS - 1)
    assert powered.latch.q == 1
    world.advance(1)
    assert powered.latch.q == 0
    assert world.now_ns - start == 25 * MS


def test_an_overload_that_ends_in_time_is_forgiven(world: World, powered: Unit) -> None:
    for _ in range(3):
        short_input(powered, 19_000 / 4)
        world.advance(20 * MS)
        powered.power.efuse.short_siemens = 0.0
        powered.power.changed()
        world.advance(1 * MS)
    assert powered.latch.q == 1


def test_a_timer_does_not_run_on_in_an_efuse_that_is_off(world: World, powered: Unit) -> None:
    """A few events, not one a nanosecond."""
    short_input(powered, 19_000 / 4)
    world.advance(1 * MS)
    powered.port.drive(powered.board.pins["LATCH_CLR"], 1)
    world.advance(30 * MS)
    due = world.next_ns()
    assert due is None or due - world.now_ns > 1 * US


def test_limiting_variant_trips_by_heat(world: World, powered: Unit) -> None:
    powered.power.efuse.short_response = "limit"
    start = world.now_ns
    fault = powered.trace("EF_FLT_N")
    short_input(powered, 50)
    world.advance(5 * MS)
    # 62 W into 40 K/W with 10 ms: 129 K above 25 C after 0.54 ms.
    assert fault.levels[:2] == [1, 0]
    assert fault[1][0] - start == pytest.approx(0.54 * MS, rel=0.1)


@pytest.mark.parametrize(
    ("to_mv", "trips"), [(10_300, False), (9_800, True), (22_500, False), (23_200, True)]
)
def test_window_of_the_input(
    world: World, rack: Rack, powered: Unit, to_mv: int, trips: bool
) -> None:
    powered.compute.draw(3000)
    rack.supply.dip(to_mv * 1000, 300 * MS, rack.settle)
    world.advance(200 * MS)
    assert (powered.latch.q == 0) == trips
    assert (powered.port.net_level("EF_FLT_N") == 0) == trips


def test_a_fault_stays_latched_until_the_enable_falls(world: World, powered: Unit) -> None:
    powered.latch.fitted = False
    powered.port.drive(powered.board.pins["LATCH_SET"], 1)
    short_input(powered, 50)
    powered.power.efuse.short_siemens = 0.0
    powered.power.changed()
    world.advance(100 * MS)
    assert (powered.power.efuse.state.value, powered.port.net_level("EF_FLT_N")) == ("fault", 0)
    powered.port.drive(powered.board.pins["LATCH_SET"], 0)
    world.advance(1 * MS)
    assert (powered.power.efuse.state.value, powered.port.net_level("EF_FLT_N")) == ("off", 1)


def test_output_short_makes_the_regulator_hiccup_and_spares_the_efuse(
    world: World, powered: Unit
) -> None:
    good, v5, fault = (powered.trace(net) for net in ("PG_ALL", "V5", "EF_FLT_N"))
    start = world.now_ns
    powered.power.buck.short_siemens = 20.0
    powered.power.changed()
    world.advance(250 * MS)
    assert good[1][1] == 0
    assert good[1][0] - start < 10 * US
    assert fault.levels == [1]
    assert powered.latch.q == 1
    peaks = [when for when, v in v5 if when > start + 1 * MS and v > 300]
    again = [b for a, b in zip(peaks, peaks[1:], strict=False) if b - a > 50 * MS]
    assert len(again) >= 1  # it tries again after 96 ms
    powered.power.buck.short_siemens = 0.0
    powered.power.changed()
    world.advance(200 * MS)
    assert powered.node("V5") > 5000


def test_neighbours_do_not_notice_a_short(world: World, rack: Rack, powered: Unit) -> None:
    neighbour = rack.slots[2].insert(bounce=False)
    world.advance(500 * MS)
    neighbour.port.drive(neighbour.board.pins["LATCH_SET"], 1)
    neighbour.compute.draw(1000)
    world.advance(50 * MS)
    v5, good, bus = (neighbour.trace(net) for net in ("V5", "PG_ALL", "VBUS"))
    powered.power.buck.short_siemens = 100.0
    powered.power.changed()
    world.advance(100 * MS)
    short_input(powered, 10)
    world.advance(100 * MS)
    assert good.levels == [1]
    assert min(v5.levels) > 5080
    assert min(bus.levels) > 18_500
