"""Sensors that are missing, wrong, stuck or mad: no value, a reason, and the totals kept."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.counters import EinCounter
from racklet.power import PowerCommand
from racklet.records import Telemetry
from racklet_bench.bench import FAULTS, HANDS, RESET, STEPPED, Bench
from racklet_wire import ein, status
from racklet_wire.address import address_of
from racklet_wire.commands import code_of

pytestmark = pytest.mark.needs(HANDS, FAULTS, STEPPED)

Insert = Callable[..., Bmc]

READINGS = {
    "output": ("vout_mv", "iout_ma", "pout_mw"),
    "input": ("vin_mv", "iin_ma", "pin_mw"),
    "temperature": ("temperature_mc",),
}
FAULTS_OF = [
    ("output", "output", "absent", "no answer"),
    ("input", "input", "wrong", "wrong chip"),
    ("temperature", "board", "off", "out of range"),
]
MORE_FAULTS_OF = [
    ("output", "output", "wrong", "wrong chip"),
    ("output", "output", "stuck", "wrong chip"),  # its identity reads FFFF as well
    ("output", "output", "off", "out of range"),
    ("input", "input", "absent", "no answer"),
    ("input", "input", "off", "out of range"),
    ("temperature", "board", "absent", "no answer"),
]


def values(telemetry: Telemetry, sensor: str) -> list[int | None]:
    return [getattr(telemetry, name) for name in READINGS[sensor]]


def log_of(bmc: Bmc, kind: str, sensor: str) -> list[str]:
    """The reasons of such records, oldest first."""
    return [
        record.fields.get("why", "")
        for record in bmc.log()
        if record.kind == kind and record.fields.get("sensor") == sensor
    ]


@pytest.mark.parametrize(
    ("sensor", "part", "fault", "reason"),
    [
        *FAULTS_OF,
        *(pytest.param(*row, marks=pytest.mark.long("rp2040")) for row in MORE_FAULTS_OF),
    ],
)
def test_no_value_a_reason_and_the_totals_kept(
    bench: Bench, insert: Insert, *, sensor: str, part: str, fault: str, reason: str
) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(3)
    before = bmc.energy()
    assert None not in values(bmc.telemetry(), sensor)
    bench.control("sensor", slot=1, name=part, fault=fault)
    bench.clock.sleep(4)

    telemetry = bmc.telemetry()
    assert set(values(telemetry, sensor)) == {None}
    for other in set(READINGS) - {sensor}:
        assert None not in values(telemetry, other)
    sensors = bmc.sensors()
    assert sensors[sensor].reason == reason
    assert sensors[sensor].errors > 2
    target = Target(bench.bus, address_of(1), bench.clock)
    assert target.read("STATUS_MFR_SPECIFIC") & status.MFR_SENSOR_LOST
    first = "out of range" if fault == "stuck" else reason  # its voltage reads FFFFF
    assert log_of(bmc, "sensor lost", sensor) == [first]
    during = bmc.energy()
    assert during.in_uj >= before.in_uj
    assert during.out_uj >= before.out_uj
    if sensor in ("input", "output"):  # not counted, and not guessed: at most the look before
        side = "in_uj" if sensor == "input" else "out_uj"
        assert getattr(during, side) - getattr(before, side) < 12_000_000

    bench.control("sensor", slot=1, name=part, fault="ok")
    bench.clock.sleep(4)
    assert None not in values(bmc.telemetry(), sensor)
    assert bmc.sensors()[sensor].reason is None
    assert log_of(bmc, "sensor found", sensor) == [""]
    if fault == "off" and sensor != "temperature":  # its ALERT has cut the rail, in hardware
        bmc.power(PowerCommand.ON)
        bench.clock.sleep(4)
    after = bmc.energy()
    assert after.in_uj >= during.in_uj
    assert after.out_uj > during.out_uj
    # A sensor that could not be read has counted on; what one made up is not energy.
    keeps_counting = fault in ("absent", "stuck") or sensor == "temperature"
    assert after.epoch == before.epoch + (not keeps_counting)
    target.send("CLEAR_FAULTS")
    bench.clock.sleep(1)
    assert not target.read("STATUS_MFR_SPECIFIC") & status.MFR_SENSOR_LOST


# --- four ways that agree ---------------------------------------------------------------------


@pytest.mark.long("rp2040")
def test_block_accumulators_words_and_host_agree(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.control("load", slot=1, ma=900)
    bench.clock.sleep(2)
    target = Target(bench.bus, address_of(1), bench.clock)
    counters = {name: EinCounter() for name in ("READ_EIN", "READ_EOUT")}

    def feed() -> None:
        for name, counter in counters.items():
            counter.feed(target.read_block(code_of(name), 6), bench.clock.monotonic())

    feed()
    first = bmc.energy()
    words: list[int] = []
    for _ in range(30):
        bench.clock.sleep(2)
        feed()
        words.append(target.read("READ_POUT"))
    last = bmc.energy()
    seconds = (last.taken_ms - first.taken_ms) / 1000
    for name, side in (("READ_EIN", "in_uj"), ("READ_EOUT", "out_uj")):
        used_j = (getattr(last, side) - getattr(first, side)) / 1e6
        assert counters[name].energy_uj / 1e6 == pytest.approx(used_j, abs=1)
        assert counters[name].restarts == 0
    mean_w = sum(words) / len(words) / 1000
    assert mean_w == pytest.approx((last.out_uj - first.out_uj) / 1e6 / seconds, rel=0.01)


@pytest.mark.needs(RESET)
def test_a_restart_of_the_accumulators_is_noticed(bench: Bench, insert: Insert) -> None:
    """They begin at 0 with every boot of the BMC; the host's total does not."""
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    target = Target(bench.bus, address_of(1), bench.clock)
    counter = EinCounter()

    def feed() -> None:
        counter.feed(target.read_block(code_of("READ_EOUT"), 6), bench.clock.monotonic())

    bench.clock.sleep(20)
    feed()
    bench.clock.sleep(10)
    feed()
    before = counter.energy_uj
    assert before > 10_000_000
    bench.reset_bmc(1)
    bench.clock.sleep(5)
    feed()
    assert (counter.restarts, counter.energy_uj) == (1, before)
    bench.clock.sleep(10)
    feed()
    assert counter.energy_uj > before
    assert ein.unpack(target.read_block(code_of("READ_EOUT"), 6))[1] < 250
