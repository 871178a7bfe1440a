"""The bench supply: linear sag, limits, hiccup, latch-off, and conservation of energy."""

import pytest
from racklet_plant import Rack, Unit, World

MS, S = 1_000_000, 1_000_000_000


def fill(world: World, rack: Rack, milliampere: int) -> list[Unit]:
    units = [slot.insert(bounce=False) for slot in rack.slots.values()]
    world.advance(500 * MS)
    for unit in units:
        unit.compute.draw(milliampere)
        unit.port.drive(unit.board.pins["LATCH_SET"], 1)
    world.advance(100 * MS)
    return units


def test_sag_is_the_source_resistance_times_the_current(world: World, rack: Rack) -> None:
    fill(world, rack, 3000)
    drawn = sum(unit.power.input.i_ua for unit in rack.units)
    assert drawn > 4_000_000
    expected = 19_000_000 - 40_000 * drawn // 1_000_000
    assert rack.supply.v_uv == pytest.approx(expected, abs=100)


def test_each_unit_sees_its_own_contact(world: World, rack: Rack) -> None:
    light, heavy, *_ = fill(world, rack, 100)
    heavy.compute.draw(4000)
    world.advance(10 * MS)
    drop = rack.supply.v_uv - heavy.power.bus_uv
    assert drop == pytest.approx(30_000 * heavy.power.input.i_ua / 1e6, abs=50)
    assert light.power.bus_uv > heavy.power.bus_uv


def test_overload_collapses_until_under_voltage_sheds_the_load(world: World, rack: Rack) -> None:
    units = fill(world, rack, 3000)
    bus = units[0].trace("VBUS")
    start = world.now_ns
    rack.supply.limit_ua = 3_000_000
    rack.settle()
    world.advance(150 * MS)
    assert rack.supply.trips == 0  # over before the supply's 20 ms are
    assert all(unit.latch.q == 0 for unit in units)
    fell = next(when for when, mv in bus if mv < 10_000) - start
    assert 3 * MS < fell < 10 * MS  # 470 uF and five of 115 uF, some 1.5 to 4 A short
    assert rack.supply.v_uv > 18_900_000


def test_a_start_beyond_the_limit_hiccups_until_there_is_more(world: World, rack: Rack) -> None:
    """Five hold-up capacitors at once take 8 ms at 3 A; the supply gives up after 5."""
    fill(world, rack, 3000)
    rack.supply.limit_ua, rack.supply.trip_ns = 3_000_000, 5 * MS
    rack.settle()
    world.advance(150 * MS)
    trips = rack.supply.trips
    world.advance(750 * MS)
    assert 9 <= rack.supply.trips - trips <= 10  # 5 ms on, 70 ms off
    rack.supply.limit_ua = 9_500_000
    world.advance(200 * MS)
    trips = rack.supply.trips
    world.advance(500 * MS)
    assert rack.supply.trips == trips
    assert rack.supply.v_uv > 18_900_000


def test_latching_supply_stays_off(world: World, rack: Rack) -> None:
    fill(world, rack, 3000)
    rack.supply.mode = "latch"
    rack.supply.limit_ua = 1_000
    rack.settle()
    world.advance(2 * S)
    assert not rack.supply.on
    assert rack.supply.v_uv == 0
    due = world.next_ns()
    assert due is None or due > world.now_ns + MS


def test_constant_power_limit(world: World, rack: Rack) -> None:
    fill(world, rack, 1000)
    rack.supply.mode = "constant"
    rack.supply.limit_mw = 60_000
    rack.settle()
    world.advance(100 * MS)
    assert rack.supply.v_uv > 18_000_000  # 5 x 6 W fit into 60 W
    for unit in rack.units:
        unit.compute.draw(4000)
    world.advance(200 * MS)
    assert any(unit.latch.q == 0 for unit in rack.units)


def test_a_dip_ends_at_the_voltage_before(world: World, rack: Rack) -> None:
    rack.supply.dip(12_000_000, 100 * MS, rack.settle)
    world.advance(50 * MS)
    rack.supply.dip(11_000_000, 100 * MS, rack.settle)
    world.advance(200 * MS)
    assert rack.supply.set_uv == 19_000_000
    assert rack.supply.v_uv > 18_900_000


def test_energy_out_never_exceeds_energy_in(world: World, rack: Rack) -> None:
    units = fill(world, rack, 700)
    for k, unit in enumerate(units):
        unit.compute.draw(None)
        world.advance(700 * MS)
        if k % 2:
            unit.port.drive(unit.board.pins["LATCH_CLR"], 1)
        world.advance(300 * MS)
        for u in units:
            assert u.true_in_uj > u.true_out_uj > 0


def test_conversion_loss_is_regulator_and_bmc(world: World, rack: Rack) -> None:
    unit, *_ = fill(world, rack, 1000)
    a_in, a_out = unit.true_in_uj, unit.true_out_uj
    world.advance(10 * S)
    watt = (unit.true_in_uj - a_in - unit.true_out_uj + a_out) / 10e6
    amp = 1.003  # with the rail's leak
    hold = unit.power.standby.hold.v_uv / 1e6
    standby = 0.39 / hold * unit.power.bus_uv / 1e6  # diodes and series resistor included
    loss = 0.16 + 0.28 * amp + 0.10 * amp**2 + standby + 19**2 / 10_000
    assert watt == pytest.approx(loss, rel=0.02)
