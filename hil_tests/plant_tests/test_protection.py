"""The PIO protection: 7 cycles of 8 ns from fault pin to clear line, and none after a reset."""

from racklet_plant import Unit, World
from racklet_plant.trace import Trace

MS = 1_000_000


def arm(unit: Unit, pg: bool = False) -> tuple[Trace, Trace]:
    if pg:
        unit.protection.arm(("EF_FLT_N", "LOC_ALERT_N", "PG_ALL"))
    else:
        unit.protection.arm()
    return unit.trace("LATCH_CLR"), unit.trace("EN")


def over_current_alert(unit: Unit) -> None:
    """ALERT of the output monitor at 2 A: 10 mV over 5 mOhm, 1.25 uV a step."""
    unit.port.i2c_transfer(0x40, bytes([0x00, 0x00, 0x10]))
    unit.port.i2c_transfer(0x40, bytes([0x0C, *(8000).to_bytes(2, "big")]))


def test_alert_clears_the_latch_after_56_ns(world: World, powered: Unit) -> None:
    over_current_alert(powered)
    clear, enable = arm(powered)
    alert = powered.trace("LOC_ALERT_N")
    world.advance(20 * MS)
    assert enable.levels == [1]
    powered.compute.draw(2500)
    world.advance(20 * MS)
    assert alert.levels[:2] == [1, 0]
    fell = alert[1][0]
    assert clear[1] == (fell + 56, 1)
    assert enable[1] == (fell + 56, 0)
    assert powered.protection.tripped == "LOC_ALERT_N"


def test_not_armed_nothing_happens(world: World, powered: Unit) -> None:
    over_current_alert(powered)
    enable = powered.trace("EN")
    powered.compute.draw(2500)
    world.advance(50 * MS)
    assert enable.levels == [1]


def test_reset_of_the_chip_ends_it(world: World, powered: Unit) -> None:
    over_current_alert(powered)
    _, enable = arm(powered)
    powered.reset_bmc()
    powered.compute.draw(2500)
    world.advance(50 * MS)
    assert enable.levels == [1]
    assert not powered.protection.armed


def test_armed_over_a_present_fault_trips(world: World, powered: Unit) -> None:
    over_current_alert(powered)
    powered.compute.draw(2500)
    world.advance(50 * MS)
    _, enable = arm(powered)
    world.advance(1_000)
    assert enable.levels == [1, 0]


def test_power_good_counts_only_when_asked(world: World, powered: Unit) -> None:
    arm(powered)
    powered.power.buck.short_siemens = 20.0
    powered.power.changed()
    world.advance(1 * MS)
    assert powered.latch.q == 1
    powered.power.buck.short_siemens = 0.0
    powered.power.changed()
    world.advance(200 * MS)
    clear, _ = arm(powered, pg=True)
    powered.power.buck.short_siemens = 20.0
    powered.power.changed()
    world.advance(1 * MS)
    assert clear.levels == [0, 1]
    assert powered.latch.cause == "LATCH_CLR"


def test_firmware_switches_off_by_the_same_line(world: World, powered: Unit) -> None:
    clear, enable = arm(powered)
    powered.protection.trip()
    assert (clear.levels, enable.levels) == ([0, 1], [1, 0])
    assert powered.protection.tripped == "firmware"
    powered.protection.release()
    assert powered.protection.tripped == ""
    assert clear.levels == [0, 1, 0]
    assert enable.levels == [1, 0]


def test_the_bench_is_told(world: World, powered: Unit) -> None:
    over_current_alert(powered)
    arm(powered)
    told: list[str] = []
    powered.protection.on_trip = told.append
    powered.compute.draw(2500)
    world.advance(20 * MS)
    assert told == ["LOC_ALERT_N"]
