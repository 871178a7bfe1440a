"""The times and thresholds of the power sequence are those that were set, not the defaults."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.errors import Refused
from racklet.power import PowerCommand
from racklet.settings import Settings
from racklet_bench.bench import FAULTS, HANDS, TRACE, Bench
from racklet_wire import events, power, status
from racklet_wire.address import address_of

pytestmark = [pytest.mark.needs(HANDS, FAULTS, TRACE), pytest.mark.long("rp2040")]

Insert = Callable[..., Bmc]

EARLY_MS = 1  # the firmware takes differences of whole milliseconds
LATE_MS = 100  # a look at the pins may come so late, on the chip and at rest


@pytest.fixture
def target(bench: Bench) -> Target:
    return Target(bench.bus, address_of(1), bench.clock)


def test_what_the_parts_decide_cannot_be_set(insert: Insert, target: Target) -> None:
    insert(1)
    for name in ("TON_RISE", "TOFF_FALL"):
        before = target.read(name)
        target.write(name, 2 * before)
        assert target.read("STATUS_CML") == status.CML_INVALID_DATA
        assert target.read(name) == before
        target.write("STATUS_CML", status.CML_INVALID_DATA)


def test_ton_delay(bench: Bench, insert: Insert, target: Target) -> None:
    bmc = insert(1)
    target.write("TON_DELAY", 600_000)
    enable = bench.trace(1, "EN")
    sent = bench.clock.monotonic()
    bmc.power(PowerCommand.ON)
    assert 600 - EARLY_MS <= enable[1][0] / 1e6 - 1e3 * sent < 600 + LATE_MS


@pytest.mark.parametrize("limit_ms", [100, 500])
def test_power_good_on_and_ton_max(
    bench: Bench, insert: Insert, target: Target, limit_ms: int
) -> None:
    """A rail that has its voltage, but not the one asked for."""
    bmc = insert(1)
    target.write("POWER_GOOD_ON", 5_190)
    target.write("TON_MAX_FAULT_LIMIT", 1_000 * limit_ms)
    enable = bench.trace(1, "EN")
    with pytest.raises(Refused, match="power good timeout"):
        bmc.power(PowerCommand.ON)
    assert limit_ms - EARLY_MS <= (enable[2][0] - enable[1][0]) / 1e6 < limit_ms + LATE_MS


def test_power_good_off(bench: Bench, insert: Insert, target: Target) -> None:
    """The rail sinks under load by 10 mV, not below the default."""
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    for name, mv in (("POWER_GOOD_ON", 5_200), ("POWER_GOOD_OFF", 5_100)):
        target.write(name, mv)
    bench.clock.sleep(0.5)
    assert bmc.power_state().state == power.ON
    bench.control("load", slot=1, ma=5_300)
    bench.clock.sleep(0.5)
    assert bmc.power_state().fault_text == "undervoltage"


def test_toff_delay(bench: Bench, insert: Insert, target: Target) -> None:
    bmc = insert(1)
    target.write("TOFF_DELAY", 900_000)
    bench.control("shutdown_time", slot=1, factor=0.1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(5)
    halted, enable = bench.trace(1, "PI_OFF"), bench.trace(1, "EN")
    bmc.power(PowerCommand.SHUTDOWN)
    assert 900 - EARLY_MS <= (enable[1][0] - halted[1][0]) / 1e6 < 900 + LATE_MS


def test_toff_max(bench: Bench, insert: Insert, target: Target) -> None:
    """What is fed from outside is never measured empty."""
    bmc = insert(1)
    target.write("TOFF_MAX_WARN_LIMIT", 700_000)
    bmc.power(PowerCommand.ON)
    bench.control("backfeed", slot=1, mv=4_600)
    enable = bench.trace(1, "EN")
    with pytest.raises(Refused, match="discharge timeout"):
        bmc.power(PowerCommand.OFF)
    took_ms = 1e3 * bench.clock.monotonic() - enable[1][0] / 1e6
    assert 700 - EARLY_MS <= took_ms < 700 + 3 * LATE_MS


def test_settling_and_probation(bench: Bench, insert: Insert, target: Target) -> None:
    bmc = insert(1)
    settings = Settings(target, bench.clock)
    settings.set("settle_ms", 400)
    settings.set("probation_ms", 1_100)
    bench.control("flicker", slot=1, contact="presence", ms=200)
    bench.clock.sleep(3)
    entered = {
        record.fields["state"]: record.uptime_ms
        for record in bmc.log()
        if record.kind == events.KIND_TEXT[events.STATE]
    }
    settled_ms = entered[power.PROBATION] - entered[power.SETTLING]
    assert 400 - EARLY_MS <= settled_ms < 400 + LATE_MS
    assert 1_100 <= entered[power.TURNING_OFF] - entered[power.PROBATION] < 1_100 + LATE_MS
