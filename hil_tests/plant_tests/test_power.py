"""The power path in time: standby, soft starts, power good, discharge, hold-up.

Expected times are closed formulas over the parts' values, written here again on purpose.
"""

import math

import pytest
from racklet_plant import Rack, Unit, World
from racklet_plant.trace import Trace

MS = 1_000_000
BUS = 18.98  # V at an idle unit's input, supply at 19 V

# Parts, as on the board.
C_HOLD, C_VEF, C_RAIL = 176e-6, 115e-6, 84e-6 + 220e-6


def crossing(trace: Trace, value: int, start: int = 0, rising: bool = False) -> int:
    """When the trace first reaches `value` after `start`, in ns from there."""
    for when, v in trace:
        if when > start and (v >= value if rising else v <= value):
            return when - start
    raise AssertionError(f"{trace.net} never reached {value}: {trace[-3:]}")


class Bmc:
    """Notes when the standby supply came and went."""

    bus_target = None

    def __init__(self, world: World) -> None:
        self._world = world
        self.log: list[tuple[str, int]] = []

    def power_up(self) -> None:
        self.log.append(("up", self._world.now_ns))

    def power_down(self) -> None:
        self.log.append(("down", self._world.now_ns))


def test_bmc_is_up_some_5_ms_after_the_busbar(world: World, rack: Rack) -> None:
    unit = rack.new_unit()
    unit.bmc = bmc = Bmc(world)
    rack.slots[1].insert(unit, bounce=False)
    world.advance(100 * MS)
    ((what, when),) = bmc.log
    assert what == "up"
    # 4.7 ohm into 176 uF until 4.3 V, then 5 ms of soft start.
    charge = -4.7 * C_HOLD * math.log(1 - 4.3 / (19.0 - 0.75)) * 1e9
    assert when == pytest.approx(charge + 5 * MS, rel=0.05)


@pytest.mark.parametrize("volt", [12.0, 19.0])
def test_hold_up_is_half_c_v_squared_over_p(world: World, rack: Rack, volt: float) -> None:
    rack.supply.set_uv = rack.supply.v_uv = round(volt * 1e6)
    unit = rack.new_unit()
    unit.bmc = bmc = Bmc(world)
    rack.slots[1].insert(unit, bounce=False)
    world.advance(500 * MS)
    hold = unit.power.standby.hold.v_uv / 1e6
    gone = world.now_ns + 5 * MS
    rack.slots[1].remove()
    world.advance(200 * MS)
    expected = 0.5 * C_HOLD * (hold**2 - 4.1**2) / 0.39
    assert (bmc.log[-1][1] - gone) / 1e9 == pytest.approx(expected, rel=0.02)
    if volt == 12.0:
        assert expected == pytest.approx(24.8e-3, rel=0.05)  # as the design says


def test_presence_opens_5_ms_before_the_busbar(world: World, rack: Rack, powered: Unit) -> None:
    presence, enable, bus = (powered.trace(net) for net in ("PRES_N", "EN", "VBUS"))
    start = world.now_ns
    rack.slots[1].remove()
    world.advance(20 * MS)
    assert presence[-1] == (start + 10_000, 1)
    assert enable[-1] == (start + 10_000, 0)
    assert crossing(bus, 0, start) == 5 * MS


def test_power_on_by_soft_starts(world: World, unit: Unit) -> None:
    unit.compute.draw(0)
    v5, vef, good = (unit.trace(net) for net in ("V5", "VEF", "PG_ALL"))
    start = world.now_ns
    unit.port.drive(unit.board.pins["LATCH_SET"], 1)
    world.advance(40 * MS)
    to_enable = 9.8 / 2.19 * MS  # VEF at 2.19 V/ms until the regulator's divider
    rise = crossing(v5, 5090, start, rising=True)
    assert crossing(vef, 18_900, start, rising=True) == pytest.approx(18.98 / 2.19 * MS, rel=0.05)
    assert rise == pytest.approx(to_enable + 0.5 * MS + 5 * MS, rel=0.05)
    assert good.levels == [0, 1]
    in_window = crossing(v5, 4590, start, rising=True)
    assert good[1][0] - start == pytest.approx(in_window + 3.1 * MS, rel=0.02)


def test_inrush_is_c_dv_dt(world: World, unit: Unit) -> None:
    unit.compute.draw(0)
    current = unit.trace("IOUT")
    unit.port.drive(unit.board.pins["LATCH_SET"], 1)
    world.advance(40 * MS)
    # 220 uF of the compute unit at 5.1 V in 5 ms; the board's own are ahead of the shunt.
    assert max(current.levels) == pytest.approx(220e-6 * 5.1 / 5e-3 * 1000, abs=6)


def test_charging_the_compute_unit_takes_half_c_v_squared(world: World, unit: Unit) -> None:
    before = unit.true_out_uj
    unit.port.drive(unit.board.pins["LATCH_SET"], 1)
    while unit.node("V5") < 4600:  # it begins to boot above 4.63 V
        due = world.next_ns()
        assert due is not None
        world.advance_to(due)
    volt = unit.power.buck.rail.v_uv / 1e6
    leak = volt**2 / 1700 * (volt / 5.1 * 5e-3) / 3  # a ramp of the voltage over 1.7 k
    expected = 0.5 * 220e-6 * volt**2 + leak
    assert (unit.true_out_uj - before) / 1e6 == pytest.approx(expected, rel=0.006)


def test_discharge_through_33_ohm(world: World, powered: Unit) -> None:
    powered.compute.draw(0)
    v5 = powered.trace("V5")
    pins = powered.board.pins
    powered.port.drive(pins["DISCHG"], 1)
    powered.port.drive(pins["LATCH_CLR"], 1)
    world.advance(300 * MS)
    falls = crossing(v5, 5000)
    tau = 33 * 1700 / (33 + 1700) * C_RAIL  # the leak helps
    expected = tau * math.log(5.0 / 0.3) * 1e9
    assert crossing(v5, 300) - falls == pytest.approx(expected, rel=0.03)
    assert v5.levels[-1] == 0


def test_constant_load_empties_the_rail_linearly(world: World, powered: Unit) -> None:
    v5 = powered.trace("V5")
    powered.port.drive(powered.board.pins["LATCH_CLR"], 1)
    world.advance(300 * MS)
    # 1.42 A (and 3 mA of leak) from 5.0 to 4.1 V: C dV / I.
    expected = C_RAIL * 0.9 / 1.423 * 1e9
    assert crossing(v5, 4100) - crossing(v5, 5000) == pytest.approx(expected, rel=0.15)


def test_regulator_runs_on_until_the_input_capacitor_is_at_7_8_v(
    world: World, powered: Unit
) -> None:
    v5 = powered.trace("V5")
    start = world.now_ns
    powered.port.drive(powered.board.pins["LATCH_CLR"], 1)
    world.advance(300 * MS)
    watt = 5.096 * 1.423 + 0.16 + 0.28 * 1.423 + 0.10 * 1.423**2
    expected = 0.5 * C_VEF * (BUS**2 - 7.8**2) / watt * 1e9
    assert crossing(v5, 5000, start) == pytest.approx(expected, rel=0.05)


def test_discharge_is_gated_by_the_latch(world: World, powered: Unit) -> None:
    before = powered.power.output.i_ua
    powered.port.drive(powered.board.pins["DISCHG"], 1)
    world.advance(1 * MS)
    assert powered.power.output.i_ua == before
    assert powered.node("V5") > 5000


def test_back_feed_keeps_the_rail_up(world: World, powered: Unit) -> None:
    pins = powered.board.pins
    powered.power.buck.backfeed(3_000_000, 100.0)
    powered.port.drive(pins["DISCHG"], 1)
    powered.port.drive(pins["LATCH_CLR"], 1)
    world.advance(500 * MS)
    conductance = 1 / 100 + 1 / 33 + 1 / 1700
    assert powered.node("V5") == pytest.approx(3000 / 100 / conductance, abs=5)


def test_back_feed_above_the_rail_reads_as_negative_current(world: World, powered: Unit) -> None:
    powered.compute.draw(0)
    powered.power.buck.backfeed(6_000_000, 2.0)
    powered.power.changed()
    world.advance(5 * MS)
    # 6 V behind 2 ohm into a rail that forced PWM holds at 5.1 V.
    assert powered.power.output.i_ua == pytest.approx(-450_000, abs=8_000)


def test_true_energy_is_what_a_fine_grid_adds_up_to(world: World, unit: Unit) -> None:
    """Through soft start, bursts, switch-off and discharge; sampled every 20 us."""
    power, pins = unit.power, unit.board.pins
    unit.port.drive(pins["LATCH_SET"], 1)
    joule = [0.0, 0.0]
    before = [meter.energy_zj for meter in (power.input, power.output)]
    for k in range(5000):
        if k == 1000:
            unit.compute.play([(700, 2000), (900, 300)], repeat=True)
        if k == 3000:
            unit.port.drive(pins["LATCH_CLR"], 1)
            unit.port.drive(pins["DISCHG"], 1)
        world.advance(20_000)
        for n, meter in enumerate((power.input, power.output)):
            joule[n] += meter.v_uv * meter.i_ua * 20e-6 / 1e12
    for n, meter in enumerate((power.input, power.output)):
        assert joule[n] > 0.05
        assert (meter.energy_zj - before[n]) / 1e21 == pytest.approx(joule[n], rel=0.005)


def test_what_goes_in_is_loss_or_comes_out(world: World, unit: Unit) -> None:
    """On, and off again until everything is empty: no energy appears or disappears."""
    power, pins = unit.power, unit.board.pins
    standby = 0.39 / (power.standby.hold.v_uv / 1e6) * power.bus_uv / 1e6
    a_in, a_out = unit.true_in_uj, unit.true_out_uj
    unit.compute.draw(1000)
    unit.port.drive(pins["LATCH_SET"], 1)
    start = world.now_ns
    world.advance(1000 * MS)
    unit.port.drive(pins["LATCH_CLR"], 1)
    unit.port.drive(pins["DISCHG"], 1)
    world.advance(1000 * MS)
    seconds = (world.now_ns - start) / 1e9
    into = (unit.true_in_uj - a_in) / 1e6 - standby * seconds
    out = (unit.true_out_uj - a_out) / 1e6
    running = 1.0  # s, the regulator's loss at 1 A, and 10 k across its input
    loss = (0.16 + 0.28 + 0.10 + BUS**2 / 10_000) * running
    # Charging 115 uF linearly from a fixed voltage burns as much as it stores.
    loss += C_VEF * BUS**2 / 2
    assert into - out == pytest.approx(loss, rel=0.015)


def test_idle_rack_plans_nothing(world: World, rack: Rack, powered: Unit) -> None:
    powered.compute.hang()
    world.advance(1000 * MS)
    assert world.next_ns() is None


def test_latch_keeps_the_rail_through_a_reset_of_the_bmc(world: World, powered: Unit) -> None:
    enable = powered.trace("EN")
    powered.reset_bmc()
    world.advance(100 * MS)
    assert enable.levels == [1]


def test_that_check_sees_a_missing_latch(world: World, powered: Unit) -> None:
    powered.latch.fitted = False
    enable = powered.trace("EN")
    powered.reset_bmc()
    assert enable.levels == [1, 0]


def test_a_collapse_takes_the_bmc_s_supply_at_once_and_it_comes_back(
    world: World, unit: Unit
) -> None:
    unit.collapse()
    assert not unit.power.standby.up
    world.advance(100 * MS)
    assert unit.power.standby.up
