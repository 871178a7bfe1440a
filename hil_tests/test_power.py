"""Power commands are closed loops: they end when the measured state is reached, or say why not."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.errors import Absent, Busy, Refused
from racklet.power import PowerCommand
from racklet.rack import Rack
from racklet_bench.bench import FAULTS, HANDS, RESET, STEPPED, TRACE, Bench
from racklet_wire import power, status
from racklet_wire.address import address_of

pytestmark = pytest.mark.needs(HANDS)

Insert = Callable[..., Bmc]


def test_on_is_power_good_and_a_measured_voltage(insert: Insert) -> None:
    bmc = insert(1)
    outcome = bmc.power(PowerCommand.ON)
    assert outcome.state.state == power.ON
    assert 4_900 < outcome.state.vout_mv < 5_250


def test_off_is_a_measured_discharge(insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    outcome = bmc.power(PowerCommand.OFF)
    assert outcome.state.state == power.OFF
    assert outcome.state.vout_mv < 500


@pytest.mark.needs(STEPPED, TRACE)
def test_a_new_state_is_on_the_bus_before_the_next_look_would_be(
    bench: Bench, insert: Insert
) -> None:
    bmc = insert(1)
    good = bench.trace(1, "PG_ALL")
    bmc.power_task(PowerCommand.ON)
    while bmc.power_state().state != power.ON:
        bench.clock.sleep(0.001)
        assert len(good) < 2 or bench.clock.monotonic() - good[1][0] / 1e9 < 0.05


def test_commanding_what_is_so_already_changes_nothing(insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    assert not bmc.power(PowerCommand.ON).changed


@pytest.mark.needs(TRACE)
def test_a_graceful_shutdown_waits_for_the_compute_unit(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(5)  # it has booted by then
    asked, halted, enable = (bench.trace(1, net) for net in ("SHDN_REQ", "PI_OFF", "EN"))
    assert bmc.power(PowerCommand.SHUTDOWN).state.state == power.OFF
    steps = [asked[1], halted[1], enable[1]]
    assert [level for _, level in steps] == [1, 1, 0]
    assert steps == sorted(steps), "asked, then halted, then cut"
    assert steps[1][0] - steps[0][0] > 300_000_000  # longer than a cut takes


@pytest.mark.needs(TRACE)
def test_a_command_that_comes_again_is_not_done_again(bench: Bench, insert: Insert) -> None:
    """Its transaction id tells that it is the same one, the generation for which boot it is."""
    bmc = insert(1)
    enable = bench.trace(1, "EN")
    generation = bmc.power_state().generation
    for number, command, state in (
        (1, PowerCommand.ON, power.ON),
        (2, PowerCommand.OFF, power.OFF),
        (3, PowerCommand.ON, power.ON),
    ):
        bmc.send_power_command(command, number, generation)
        bench.clock.sleep(0.3)
        shown = bmc.power_state()
        assert (shown.state, shown.transaction_id) == (state, number)
    for number, boot in ((2, generation), (3, generation), (9, generation + 1)):
        bmc.send_power_command(PowerCommand.OFF, number, boot)
        bench.clock.sleep(0.3)
        assert bmc.power_state().transaction_id == 3
    assert [level for _, level in enable] == [0, 1, 0, 1]


@pytest.mark.needs(FAULTS, TRACE)
def test_it_is_switched_on_when_it_is_measured_empty(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bmc.power(PowerCommand.OFF)
    enable = bench.trace(1, "EN")
    # "Empty" is below 400 mV, and this is not discharged below 500.
    bench.control("backfeed", slot=1, mv=600, ohm=5)
    bench.clock.sleep(0.2)  # until it is charged; half a second of that is a fault
    bmc.power_task(PowerCommand.ON)
    bench.clock.sleep(1)
    assert bmc.power_state().state == power.TURNING_ON
    assert [level for _, level in enable] == [0]
    bench.control("release", slot=1)
    bench.clock.sleep(0.5)
    assert bmc.power_state().state == power.ON


def test_neighbours_do_not_notice_a_command(bench: Bench, rack: Rack, insert: Insert) -> None:
    insert(1, 2)
    before = rack.bmc(2).power_state()
    rack.bmc(1).power(PowerCommand.ON)
    after = rack.bmc(2).power_state()
    assert (after.state, after.transaction_id) == (before.state, before.transaction_id)


@pytest.mark.needs(FAULTS)
def test_a_short_circuit_drops_its_rail_and_is_named(
    bench: Bench, rack: Rack, insert: Insert
) -> None:
    insert(1, 2)
    for slot in (1, 2):
        rack.bmc(slot).power(PowerCommand.ON)
    bench.control("short", slot=1)
    bench.clock.sleep(0.5)
    state = rack.bmc(1).power_state()
    assert state.state == power.FAULT
    assert state.fault_text == "short circuit"
    assert state.vout_mv < 500
    assert rack.bmc(2).power_state().state == power.ON


@pytest.mark.needs(FAULTS)
@pytest.mark.parametrize(
    ("milliohm", "name"), [(50, "input short circuit"), (3_000, "input overcurrent")]
)
def test_a_fault_ahead_of_the_regulator_is_named_on_and_turning_on(
    bench: Bench, insert: Insert, milliohm: int, name: str
) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.control("short", slot=1, where="input", milliohm=milliohm)
    bench.clock.sleep(0.5)
    assert bmc.power_state().fault_text == name
    with pytest.raises(Refused, match=name):
        bmc.power(PowerCommand.ON)


@pytest.mark.needs(FAULTS)
def test_a_rail_that_is_fed_from_outside_is_not_called_off(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bench.control("backfeed", slot=1, mv=4_600)
    bench.clock.sleep(1.5)
    assert bmc.power_state().fault_text == "fed from outside"
    bench.control("release", slot=1)
    bench.clock.sleep(0.1)
    assert bmc.power(PowerCommand.OFF).state.state == power.OFF


@pytest.mark.needs(FAULTS)
def test_a_second_command_during_a_shutdown_is_busy_and_off_forces_it(
    bench: Bench, rack: Rack, insert: Insert
) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.control("compute", slot=1, do="stick")  # deaf to the shutdown button
    task = bmc.power_task(PowerCommand.CYCLE)
    for _ in range(10):
        assert task.poll() is None
        bench.clock.sleep(0.05)
    other = rack.bmc(1)
    for command in (PowerCommand.ON, PowerCommand.SHUTDOWN, PowerCommand.CYCLE):
        with pytest.raises(Busy, match="waiting for the compute unit to halt"):
            other.power(command)
    assert task.poll() is None  # it goes on
    assert other.power(PowerCommand.OFF).state.state == power.OFF
    with pytest.raises(Busy, match="took over"):
        task.poll()


@pytest.mark.needs(FAULTS)
def test_a_fault_stays_latched_until_a_command(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.control("short", slot=1)
    bench.clock.sleep(0.5)
    bench.control("release", slot=1)
    bmc.clear_faults()
    bench.clock.sleep(5)
    assert bmc.power_state().state == power.FAULT
    assert bmc.power(PowerCommand.ON).state.state == power.ON


def test_what_a_fault_pin_reports_is_answered_by_off_alone(bench: Bench, insert: Insert) -> None:
    """The latch falls whatever the firmware thinks; retries are for the firmware to say."""
    insert(1)
    target = Target(bench.bus, address_of(1), bench.clock)
    for name, off, others in (
        ("IOUT_OC_FAULT_RESPONSE", 0xC0, (0x00, 0x40, 0xBF)),
        ("VOUT_OV_FAULT_RESPONSE", 0x80, (0x00, 0x7F, 0xC0)),
        ("IIN_OC_FAULT_RESPONSE", 0x80, (0x00, 0x7F, 0xC0)),
        ("VIN_OV_FAULT_RESPONSE", 0x80, (0x00, 0x7F, 0xC0)),
    ):
        before = target.read(name)
        for response in others:
            target.write(name, response)
            assert target.read("STATUS_CML") == status.CML_INVALID_DATA, name
            assert target.read(name) == before
            target.write("STATUS_CML", status.CML_INVALID_DATA)
        target.write(name, off | 2 << 3)  # off, and two retries
        assert target.read(name) == off | 2 << 3
        assert not target.read("STATUS_CML")


@pytest.mark.needs(FAULTS)
def test_turning_on_into_a_short_is_refused_with_its_reason(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bench.control("short", slot=1)
    for _ in range(6):  # the regulator's bursts lie anywhere in the monitors' conversions
        with pytest.raises(Refused, match="short circuit"):
            bmc.power(PowerCommand.ON)
        bmc.power(PowerCommand.OFF)


def test_a_unit_pulled_during_a_command_is_absent(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(5)
    task = bmc.power_task(PowerCommand.SHUTDOWN)
    bench.remove(1)
    with pytest.raises(Absent, match="slot 1"):
        while not task.poll():
            bench.clock.sleep(0.05)


@pytest.mark.needs(FAULTS, RESET, TRACE)
@pytest.mark.parametrize("resets", [0, 1])
def test_the_second_protection_acts_within_a_microsecond_also_after_a_reset(
    bench: Bench, insert: Insert, resets: int
) -> None:
    """PIO raises the clear line; the firmware itself would take a millisecond."""
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    for _ in range(resets):
        bench.reset_bmc(1)
        bench.clock.sleep(2)
        assert bmc.power_state().state == power.ON
    fault, clear = bench.trace(1, "EF_FLT_N"), bench.trace(1, "LATCH_CLR")
    bench.control("short", slot=1, where="input")
    bench.clock.sleep(0.2)
    assert (fault[1][1], clear[1][1]) == (0, 1)
    assert clear[1][0] - fault[1][0] < 1_000


@pytest.mark.needs(RESET, TRACE)
def test_a_reset_of_the_bmc_does_not_move_the_rail(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    enable = bench.trace(1, "EN")
    bench.reset_bmc(1)
    bench.clock.sleep(1)
    assert [level for _, level in enable] == [1], "the enable node moved"
    state = bmc.power_state()
    assert state.state == power.ON
    assert state.generation == 2
