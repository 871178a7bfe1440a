"""What a BMC does without a command: restore policy, retries, measured limits, shedding."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.power import PowerCommand
from racklet.rack import Rack
from racklet.settings import Settings
from racklet_bench.bench import FAULTS, HANDS, TRACE, Bench
from racklet_wire import events, power, status
from racklet_wire.address import address_of

pytestmark = pytest.mark.needs(HANDS, FAULTS)

Insert = Callable[..., Bmc]
OFF, ON, LAST = 0, 1, 2  # restore_policy
DELAY_MS = 700


def long(*values: object) -> object:
    return pytest.param(*values, marks=pytest.mark.long("rp2040"))


def target(bench: Bench, slot: int = 1) -> Target:
    return Target(bench.bus, address_of(slot), bench.clock)


@pytest.mark.parametrize(
    ("policy", "was_on", "comes_on"),
    [(OFF, True, False), (ON, False, True), (LAST, True, True), (LAST, False, False)],
)
def test_when_the_power_comes_back_it_follows_its_policy(
    bench: Bench, insert: Insert, policy: int, was_on: bool, comes_on: bool
) -> None:
    bmc = insert(2)
    settings = Settings(target(bench, 2), bench.clock)
    settings.set("restore_policy", policy)
    settings.set("restore_delay_ms", DELAY_MS)
    settings.store()
    bmc.power(PowerCommand.ON)
    if not was_on:
        bmc.power(PowerCommand.OFF)
    bench.clock.sleep(0.5)
    before = bmc.identify().generation
    bench.control("supply", on=False)
    bench.clock.sleep(2)
    bench.control("supply", on=True)
    bench.clock.sleep(7)
    assert bmc.power_state().state == (power.ON if comes_on else power.OFF)
    records = list(bmc.log())
    if was_on:  # else nobody looks often enough to see the input go, and little is lost
        last_words = records[[r.generation for r in records].index(before + 1) - 1]
        assert last_words.kind == events.KIND_TEXT[events.BROWN_OUT]
    entered = {
        record.fields["state"]: record.uptime_ms
        for record in records
        if record.kind == events.KIND_TEXT[events.STATE] and record.generation == before + 1
    }
    assert (power.TURNING_ON in entered) == comes_on
    if comes_on:
        waited_ms = entered[power.TURNING_ON] - entered[power.OFF]
        assert 2 * DELAY_MS <= waited_ms < 2 * DELAY_MS + 200, "the turn of slot 2"


@pytest.mark.needs(TRACE)
@pytest.mark.parametrize("retries", [2, long(7)], ids=["two", "for ever"])
def test_a_short_circuit_is_tried_again_as_often_as_its_response_says(
    bench: Bench, insert: Insert, retries: int
) -> None:
    bmc = insert(1)
    target(bench).write("IOUT_OC_FAULT_RESPONSE", 0xC0 | retries << 3 | 1)  # 0.5 s apart
    bmc.power(PowerCommand.ON)
    enable = bench.trace(1, "EN")
    bench.control("short", slot=1)
    bench.clock.sleep(4)
    off_s = [(b[0] - a[0]) / 1e9 for a, b in pairwise(enable) if b[1]]
    assert all(0.5 <= pause_s < 0.8 for pause_s in off_s), off_s
    if retries == 7:
        assert len(off_s) > 4
        bench.control("release", slot=1)
        bench.clock.sleep(1)
        assert bmc.power_state().state == power.ON
    else:
        assert len(off_s) == retries
        state = bmc.power_state()
        assert (state.state, state.fault_text) == (power.FAULT, "short circuit")


@pytest.mark.parametrize(
    ("response", "states"),
    [
        long(0x00, (power.ON, power.ON, power.ON)),
        long(0x44, (power.ON, power.FAULT, power.FAULT)),
        long(0xC0, (power.FAULT, power.FAULT, power.ON)),
    ],
    ids=["ignored", "after 2 s", "off while it lasts"],
)
def test_a_limit_that_firmware_measures_is_answered_as_its_response_says(
    bench: Bench, insert: Insert, response: int, states: tuple[int, int, int]
) -> None:
    """`states` after one second, after three, and when it is cool again."""
    bmc = insert(1)
    target(bench).write("OT_FAULT_RESPONSE", response)
    bmc.power(PowerCommand.ON)
    bench.control("temperature", slot=1, mc=95_000)
    bench.clock.sleep(1)
    assert target(bench).read("STATUS_TEMPERATURE") & status.TEMPERATURE_OT_FAULT
    found = [bmc.power_state()]
    bench.clock.sleep(2)
    found.append(bmc.power_state())
    bench.control("temperature", slot=1, mc=25_000)
    bench.clock.sleep(2)
    found.append(bmc.power_state())
    assert tuple(state.state for state in found) == states
    names = {state.fault_text for state in found if state.state == power.FAULT}
    assert names <= {"overtemperature"}


@pytest.mark.long("rp2040")
def test_a_sagging_input_sheds_the_first_slots_and_spares_the_last(
    bench: Bench, rack: Rack, insert: Insert
) -> None:
    insert(1, 5)
    for slot in (1, 5):
        rack.bmc(slot).power(PowerCommand.ON)
    bench.clock.sleep(1)
    bench.control("brownout", mv=11_000, ms=700)  # slot 1 waits 0.2 s, slot 5 a second
    bench.clock.sleep(1)
    states = [rack.bmc(slot).power_state().state for slot in (1, 5)]
    assert states == [power.SHUTTING_DOWN, power.ON]
    kinds = [record.kind for record in rack.bmc(1).log()]
    assert events.KIND_TEXT[events.BROWN_OUT] in kinds
