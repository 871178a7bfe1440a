"""The kernel's pmbus driver binds: exactly the sensors that exist, limits, alarms, PEC or not."""

import pytest
from racklet_bench.linux_pmbus import LinuxPmbus, NoDevice
from racklet_wire import power
from tests.handlers.bmc import Bmc
from tests.handlers.engine_bus import EngineBus

# What exists, by the board's sensors and the command table, worked out by hand.
LIMITED = {
    "in1": "min lcrit max crit",
    "in2": "min lcrit max crit",
    "curr1": "max crit",
    "curr2": "max lcrit crit",
    "power1": "max",
    "power2": "max crit",
    "temp1": "max crit",
}
EXPECTED = (
    {f"{sensor}_input" for sensor in LIMITED}
    | {f"{s}_{limit}" for s, limits in LIMITED.items() for limit in limits.split()}
    | {f"{s}_{limit}_alarm" for s, limits in LIMITED.items() for limit in limits.split()}
    | {f"{sensor}_rated_max" for sensor in LIMITED}
    | {"in1_rated_min", "in2_rated_min", "power1_alarm"}
) - {"power1_max_alarm"}

FIRST = (
    "RB 19, RW 79, RB 10, RB 98, SB 03, RB 00, RW 79, SB 03, WB 00, RB 00, SB 03, RB 20, RW 79, "
    "SB 03, RB 20, RW 88, RW 79, SB 03, RW 8A, RW 79, RB 7E, SB 03"
)


@pytest.fixture
def bmc() -> Bmc:
    made = Bmc()
    made.bench.output.bus_mv, made.bench.output.current_ma = 5_100, 1_420
    made.bench.output.power_mw = 7_250
    made.bench.input.bus_mv, made.bench.input.current_ma = 12_000, 660
    made.bench.input.power_mw = 7_920
    made.bench.run(5_000)
    made.telemetry.step()
    made.dispatcher.step()
    return made


def bind(bmc: Bmc, has_pec: bool = True) -> LinuxPmbus:
    """With an event loop that runs only now and then, as the real one does."""
    rounds = iter(range(1_000_000))
    bus = EngineBus(bmc, after=lambda: bmc.dispatcher.step() if next(rounds) % 7 == 6 else None)
    driver = LinuxPmbus(bus, bmc.address, has_pec).probe()
    bmc.dispatcher.step()
    return driver


@pytest.mark.parametrize("has_pec", [True, False])
def test_finds_exactly_the_sensors_that_exist(bmc: Bmc, has_pec: bool) -> None:
    driver = bind(bmc, has_pec)
    assert driver.files.keys() == EXPECTED
    assert driver.pec is has_pec
    assert driver.pages == 1
    assert driver.exponent == -12


def test_starts_as_the_kernel_does(bmc: Bmc) -> None:
    assert ", ".join(bind(bmc, has_pec=False).trace).startswith(FIRST)


@pytest.mark.parametrize("has_pec", [True, False])
def test_values_are_those_of_sysfs(bmc: Bmc, has_pec: bool) -> None:
    driver = bind(bmc, has_pec)
    values = {name: driver.get(f"{name}_input") for name in LIMITED}
    assert values == {
        "in1": 12_000,
        "in2": 5_100,
        "curr1": 660,
        "curr2": 1_419,  # the kernel rounds down
        "power1": 7_921_875,
        "power2": 7_250_000,
        "temp1": 31_500,
    }


@pytest.mark.parametrize("has_pec", [True, False])
def test_limits_are_read_and_written(bmc: Bmc, has_pec: bool) -> None:
    driver = bind(bmc, has_pec)
    assert len(driver.limits) == 18
    for name in driver.limits:
        before = driver.get(name)
        driver.set(name, before)
        bmc.dispatcher.step()
        assert abs(driver.get(name) - before) <= max(2, before // 500), name
    driver.set("curr2_max", 3_000)
    assert driver.get("curr2_max") == 3_000
    bmc.dispatcher.step()
    assert driver.get("curr2_max") == 3_000
    assert bmc.bench.settings.get("iout_oc_warn_limit_ma") == 3_000
    driver.set("curr2_max", 300_000)
    assert driver.get("curr2_max") == 3_000


def test_an_alarm_is_shown_once_and_cleared(bmc: Bmc) -> None:
    driver = bind(bmc)
    bmc.bench.power.request(power.COMMAND_ON, 1)
    bmc.bench.run(1_000)
    bmc.bench.hardware.shorted = True
    bmc.bench.run(100)
    bmc.dispatcher.step()
    assert driver.get("curr2_crit_alarm") == 1
    assert driver.get("curr2_crit_alarm") == 0
    bmc.dispatcher.step()
    assert driver.get("curr2_crit_alarm") == 0
    assert bmc.bench.power.state == power.FAULT


@pytest.mark.parametrize("command", [power.COMMAND_ON, power.COMMAND_OFF])
def test_probing_moves_no_rail_and_leaves_the_log(bmc: Bmc, command: int) -> None:
    bmc.bench.power.request(command, 1)
    bmc.bench.run(2_000)
    state, last = bmc.bench.power.state, bmc.bench.log.last
    driver = bind(bmc)
    assert driver.trace.count("SB 03") > 40
    for _ in range(60):
        driver.clear_faults()
    bmc.bench.run(1_000)
    assert bmc.bench.power.state == state
    assert [bmc.bench.log.read(n) for n in range(1, last + 1)].count(None) == 0
    assert bmc.bench.log.last == last


def test_a_device_of_silence_is_not_bound() -> None:
    class Silence(EngineBus):
        def transfer(self, messages):  # type: ignore[no-untyped-def]
            return [b"\xff" * message.size for message in messages[1:]]

    with pytest.raises(NoDevice):
        LinuxPmbus(Silence(), 0x12, has_pec=False).probe()
