"""The compute unit: published figures, boot, shutdown by pins, console."""

import pytest
from racklet_plant import ControlError, PlantError, Rack, Unit, World
from racklet_plant.profiles import load_profile, names

MS, S = 1_000_000, 1_000_000_000


@pytest.mark.parametrize(
    ("name", "idle", "stress", "peak", "mean"),
    [
        # pidramble (idle, 4 cores) and the maker's boot figures where there are any, in mA.
        ("pi3b", 260, 740, 750, 370),
        ("pi3bplus", 350, 990, 950, 460),
        ("pi4b", 600, 1340, 850, 680),
        ("pi5", 600, 1560, 1100, 710),
    ],
)
def test_profile_has_the_published_figures(
    name: str, idle: int, stress: int, peak: int, mean: int
) -> None:
    profile = load_profile(name)
    assert profile.idle_ma == idle
    assert profile.idle_ma + 4 * profile.core_ma == stress
    assert max(ma for _, ma in profile.boot) == peak
    steps = zip(profile.boot, profile.boot[1:], strict=False)
    drawn = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in steps) / profile.boot[-1][0]
    assert drawn == pytest.approx(mean, rel=0.05)
    assert [t for t, _ in profile.boot] == sorted(t for t, _ in profile.boot)


def test_unknown_profile_names_those_there_are() -> None:
    assert names() == ["pi3b", "pi3bplus", "pi4b", "pi5"]
    with pytest.raises(PlantError, match="pi3b, pi3bplus, pi4b, pi5"):
        load_profile("pi6")


@pytest.fixture
def on(world: World, unit: Unit) -> Unit:
    unit.compute.speed_up = 10
    unit.port.drive(unit.board.pins["LATCH_SET"], 1)
    world.advance(3 * S)
    return unit


def console(unit: Unit) -> str:
    return unit.port.uart.read(unit.port.uart.any()).decode()


def test_boots_and_prints_its_milestones_in_order(world: World, on: Unit) -> None:
    text = console(on)
    marks = ["RPi: BOOTLOADER", "Initialising SDRAM", "Booting Linux", "systemd[1]", "login: "]
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
    assert on.compute.state.value == "running"
    assert on.compute.load_ua == 600_000


def test_speed_up_divides_every_time(world: World, rack: Rack) -> None:
    ends = []
    for k, speed in enumerate((1, 20)):
        unit = rack.slots[k + 1].insert(bounce=False)
        unit.compute.speed_up = speed
        world.advance(500 * MS)
        begin = world.now_ns
        unit.port.drive(unit.board.pins["LATCH_SET"], 1)
        while unit.compute.state.value != "running":
            world.advance(10 * MS)
        ends.append(world.now_ns - begin)
    assert ends == [pytest.approx(22 * S, rel=0.01), pytest.approx(1.1 * S, rel=0.03)]


def test_shutdown_by_pin_ends_with_powered_off(world: World, on: Unit) -> None:
    off = on.trace("PI_OFF")
    start = world.now_ns
    on.port.drive(on.board.pins["SHDN_REQ"], 1)
    world.advance(90 * MS)
    on.port.drive(on.board.pins["SHDN_REQ"], 0)
    world.advance(1 * S)
    assert on.compute.state.value == "running"  # shorter than the overlay's debounce
    start = world.now_ns
    on.port.drive(on.board.pins["SHDN_REQ"], 1)
    world.advance(2 * S)
    assert off.levels == [0, 1]
    assert off[1][0] - start == 100 * MS + 520 * MS  # debounce, 5.2 s ten times faster
    assert console(on).endswith("reboot: Power down\r\n")
    assert on.compute.load_ua == 300_000
    on.port.drive(on.board.pins["LATCH_CLR"], 1)
    world.advance(1 * S)
    assert off.levels == [0, 1, 0]


def test_a_request_during_the_boot_is_granted_after_it(world: World, unit: Unit) -> None:
    unit.compute.speed_up = 10
    unit.port.drive(unit.board.pins["LATCH_SET"], 1)
    world.advance(500 * MS)
    unit.port.drive(unit.board.pins["SHDN_REQ"], 1)
    world.advance(1 * S)
    assert unit.compute.state.value == "booting"
    world.advance(2 * S)  # 22 s of boot and 5.2 s of halt, ten times faster
    assert unit.compute.state.value == "halted"


def test_stuck_or_hung_ignores_the_request(world: World, on: Unit) -> None:
    on.compute.stuck = True
    on.port.drive(on.board.pins["SHDN_REQ"], 1)
    world.advance(5 * S)
    assert on.compute.state.value == "running"
    assert on.port.net_level("PI_OFF") == 0


def test_a_loaded_system_takes_longer(world: World, on: Unit) -> None:
    on.compute.halt_factor = 44 / 5.2
    on.port.drive(on.board.pins["SHDN_REQ"], 1)
    world.advance(4400 * MS)
    assert on.port.net_level("PI_OFF") == 0
    world.advance(200 * MS)
    assert on.port.net_level("PI_OFF") == 1


def test_console_listens_to_a_few_commands(world: World, on: Unit) -> None:
    console(on)
    on.port.uart.write(b"uname -a\n")
    world.advance(100 * MS)
    assert "Linux rk000001" in console(on)
    on.port.uart.write(b"stress 4\n")
    world.advance(100 * MS)
    assert on.compute.load_ua == (600 + 4 * 185) * 1000
    on.port.uart.write(b"nonsense\n")
    world.advance(100 * MS)
    assert "not found" in console(on)
    on.port.uart.write(b"poweroff\n")
    world.advance(2 * S)
    assert on.port.net_level("PI_OFF") == 1


def test_reboot_keeps_the_rail(world: World, on: Unit) -> None:
    v5 = on.trace("V5")
    on.port.uart.write(b"reboot\n")
    world.advance(100 * MS)
    assert on.compute.state.value == "booting"
    world.advance(3 * S)
    assert on.compute.state.value == "running"
    assert min(v5.levels) > 5050


def test_bytes_come_at_115200_baud(world: World, on: Unit) -> None:
    console(on)
    on.console.send("x" * 90)
    world.advance(7 * MS)
    assert on.port.uart.any() < 90
    world.advance(1 * MS)
    assert on.port.uart.any() == 90  # 7.8 ms


def test_dies_when_the_rail_does_and_boots_again(world: World, on: Unit) -> None:
    on.port.drive(on.board.pins["LATCH_CLR"], 1)
    world.advance(1 * S)
    assert on.compute.state.value == "off"
    assert on.compute.load_ua == 0
    on.port.drive(on.board.pins["LATCH_CLR"], 0)
    on.port.drive(on.board.pins["LATCH_SET"], 0)
    on.port.drive(on.board.pins["LATCH_SET"], 1)
    world.advance(3 * S)
    assert on.compute.state.value == "running"


def test_under_voltage_is_noticed_once(world: World, on: Unit) -> None:
    console(on)
    on.power.buck.set_uv = 4_500_000
    on.power.changed()
    world.advance(1 * S)
    assert on.compute.undervoltages == 1
    assert "Undervoltage detected!" in console(on)


def test_script_of_currents_and_back(world: World, on: Unit) -> None:
    current = on.trace("IOUT")
    on.compute.play([(500, 1000), (500, 200)], repeat=False)
    world.advance(10 * MS)
    assert [ma for ma in current.levels if ma in (1002, 202, 602, 1003, 203, 603)]
    assert on.compute.load_ua == 600_000
    with pytest.raises(ControlError):
        on.compute.play([])


def test_too_many_cores_are_refused(on: Unit) -> None:
    with pytest.raises(ControlError, match="has 4 cores"):
        on.compute.stress(5)
