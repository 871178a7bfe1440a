"""Power commands at the client: closed loop, idempotent, with the reason when they fail."""

import pytest
from racklet.bmc import Bmc
from racklet.errors import Absent, Busy, RackletError, Refused, StandsStill
from racklet.power import PowerCommand
from racklet.rack import Rack
from racklet_wire import power


@pytest.fixture
def bmc(bus):
    return bus.insert(3)


def on_is_reached(bmc):
    return lambda: bmc.power(state=power.ON, result=power.DONE, vout_mv=5100)


def test_returns_only_when_the_measured_state_is_reached(bus, bmc, clock):
    clock.after(0.5, lambda: bmc.power(state=power.TURNING_ON))
    clock.after(1.0, lambda: bmc.power(result=power.DONE))  # said, not yet measured
    clock.after(2.0, on_is_reached(bmc))
    seen = []
    outcome = Bmc(bus, 3, clock).power(PowerCommand.ON, lambda state: seen.append(state.state_text))
    assert (outcome.changed, outcome.state.vout_mv) == (True, 5100)
    assert seen == ["turning on", "on"]
    assert [c["command"] for c in bmc.commands] == [power.COMMAND_ON]
    assert bmc.commands[0]["generation"] == 7
    assert bmc.commands[0]["transaction_id"] != 0


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (power.ON, PowerCommand.ON),
        (power.OFF, PowerCommand.OFF),
        (power.OFF, PowerCommand.SHUTDOWN),
    ],
)
def test_a_unit_that_is_there_already_gets_no_command(bus, bmc, clock, state, command):
    bmc.power(state=state)
    outcome = Bmc(bus, 3, clock).power(command)
    assert not outcome.changed
    assert bmc.commands == []


def test_a_unit_that_is_just_being_seated_is_waited_for(bus, bmc, clock):
    bmc.power(state=power.ABSENT)
    clock.after(0.2, lambda: bmc.power(state=power.SETTLING))
    clock.after(0.5, lambda: bmc.power(state=power.PROBATION))
    clock.after(1.0, on_is_reached(bmc))
    begun = []
    carry_out = bmc.on_write

    def begin(name, data):
        begun.append(clock.now_s)
        carry_out(name, data)

    bmc.on_write = begin
    assert Bmc(bus, 3, clock).power(PowerCommand.ON).changed
    assert len(begun) == 1
    assert 0.5 <= begun[0] < 0.7


def test_a_unit_that_never_settles_is_asked_all_the_same(bus, bmc, clock):
    bmc.power(state=power.ABSENT)
    clock.after(3.5, lambda: bmc.power(result=power.REFUSED, reason=power.R_ABSENT))
    with pytest.raises(Refused, match="refused power on: absent"):
        Bmc(bus, 3, clock).power(PowerCommand.ON)


def test_a_cycle_is_never_there_already(bus, bmc, clock):
    bmc.power(state=power.ON)
    clock.after(1.0, on_is_reached(bmc))
    assert Bmc(bus, 3, clock).power(PowerCommand.CYCLE).changed
    assert len(bmc.commands) == 1


def test_a_refusal_carries_the_reason(bus, bmc, clock):
    clock.after(
        0.1,
        lambda: bmc.power(result=power.REFUSED, reason=power.R_INPUT_UNDERVOLTAGE),
    )
    with pytest.raises(Refused, match="input undervoltage"):
        Bmc(bus, 3, clock).power(PowerCommand.ON)


def test_a_failure_carries_the_reason(bus, bmc, clock):
    clock.after(
        0.1,
        lambda: bmc.power(state=power.FAULT, result=power.FAILED, reason=power.R_SHORT_CIRCUIT),
    )
    with pytest.raises(Refused, match="short circuit") as caught:
        Bmc(bus, 3, clock).power(PowerCommand.ON)
    assert (caught.value.code, caught.value.exit_code) == ("failed", 1)


def test_a_unit_that_was_on_and_faulted_at_once(bus, bmc, clock):
    clock.after(
        0.1,
        lambda: bmc.power(state=power.FAULT, result=power.DONE, fault=power.R_SHORT_CIRCUIT),
    )
    with pytest.raises(Refused, match="faulted after power on: short circuit"):
        Bmc(bus, 3, clock).power(PowerCommand.ON)


def test_a_unit_removed_meanwhile(bus, bmc, clock):
    clock.after(0.2, bus.bmcs.clear)
    with pytest.raises(Absent, match="stopped answering while its power on ran") as caught:
        Bmc(bus, 3, clock).power(PowerCommand.ON)
    assert caught.value.exit_code == 3


def test_a_bmc_that_restarted_meanwhile(bus, bmc, clock):
    clock.after(0.2, lambda: bmc.power(generation=8, transaction_id=0, result=power.IDLE))
    with pytest.raises(RackletError, match="restarted"):
        Bmc(bus, 3, clock).power(PowerCommand.ON)


def test_a_command_of_another_client_takes_over(bus, bmc, clock):
    clock.after(0.2, lambda: bmc.power(result=power.SUPERSEDED))
    with pytest.raises(Busy) as caught:
        Bmc(bus, 3, clock).power(PowerCommand.ON)
    assert caught.value.exit_code == 4


def test_a_command_of_another_client_is_shown_in_its_place(bus, bmc, clock):
    clock.after(0.2, lambda: bmc.power(transaction_id=99, result=power.DONE, state=power.OFF))
    with pytest.raises(Busy, match="took over") as caught:
        Bmc(bus, 3, clock).power(PowerCommand.ON)
    assert caught.value.code == "superseded"
    assert clock.now_s < 0.5


def test_a_command_that_is_never_taken(bus, bmc, clock):
    bmc.on_write = lambda name, data: None
    clock.after(1.0, lambda: bmc.power(uptime_ms=2000))
    with pytest.raises(Busy, match="did not take"):
        Bmc(bus, 3, clock).power(PowerCommand.ON)


def test_a_locked_bmc_is_said_to_be_locked(bus, bmc, clock):
    bmc.on_write = lambda name, data: None
    bmc.registers["WRITE_PROTECT"] = b"\x80"
    clock.after(1.0, lambda: bmc.power(uptime_ms=2000))
    with pytest.raises(Refused, match="did not take") as caught:
        Bmc(bus, 3, clock).power(PowerCommand.ON)
    assert "WRITE_PROTECT" in caught.value.hint


def test_a_bmc_whose_firmware_stands_still_takes_no_command(bus, bmc, clock):
    bmc.on_write = lambda name, data: None
    with pytest.raises(StandsStill, match="BMC in slot 3 stands still"):
        Bmc(bus, 3, clock).power(PowerCommand.ON)


@pytest.mark.parametrize("command", [PowerCommand.ON, PowerCommand.SHUTDOWN, PowerCommand.CYCLE])
def test_while_a_compute_unit_shuts_down_its_bmc_is_busy(bus, bmc, clock, command):
    bmc.power(
        state=power.SHUTTING_DOWN,
        command=power.COMMAND_CYCLE,
        result=power.RUNNING,
        changed_ms=1_000,
        uptime_ms=13_500,
    )
    with pytest.raises(Busy, match="busy with power cycle: for 12 s .* to halt") as caught:
        Bmc(bus, 3, clock).power(command)
    assert caught.value.exit_code == 4
    assert "racklet power off 3 --now" in caught.value.hint
    assert (bmc.commands, clock.now_s) == ([], 0)


def test_off_at_once_cuts_a_shutdown_short(bus, bmc, clock):
    bmc.power(state=power.SHUTTING_DOWN, command=power.COMMAND_CYCLE, result=power.RUNNING)
    clock.after(0.2, lambda: bmc.power(state=power.OFF, result=power.DONE))
    assert Bmc(bus, 3, clock).power(PowerCommand.OFF).changed


def test_a_client_that_was_too_late_hears_busy_too(bus, bmc, clock):
    bmc.power(state=power.ON)
    bmc.on_write = lambda name, data: bmc.power(
        state=power.SHUTTING_DOWN, command=power.COMMAND_SHUTDOWN, result=power.RUNNING
    )
    clock.after(1.0, lambda: bmc.power(uptime_ms=3_000))
    with pytest.raises(Busy, match="busy with power shutdown"):
        Bmc(bus, 3, clock).power(PowerCommand.CYCLE)


def test_a_command_that_never_ends(bus, bmc, clock):
    with pytest.raises(RackletError, match="did not end within 20 s"):
        Bmc(bus, 3, clock).power(PowerCommand.ON)


def test_units_go_on_one_after_the_other(bus, clock):
    begun = []
    for slot in (1, 2):
        bmc = bus.insert(slot)

        def begin(name, data, bmc=bmc, slot=slot):
            begun.append((slot, clock.now_s))
            bmc._power_command(name, data)
            clock.after(1.0, on_is_reached(bmc))

        bmc.on_write = begin
    ended = Rack(bus, clock=clock).power(PowerCommand.ON, [1, 2])
    assert [slot for slot, _ in begun] == [1, 2]
    assert begun[1][1] >= begun[0][1] + 1.0
    assert not any(isinstance(end, RackletError) for end in ended.values())


def test_units_go_off_together_and_one_failure_stops_nobody(bus, clock):
    for slot in (1, 3):
        bmc = bus.insert(slot)
        bmc.power(state=power.ON)
        clock.after(5.0, lambda bmc=bmc: bmc.power(state=power.OFF, result=power.DONE))
    ended = Rack(bus, clock=clock).power(PowerCommand.SHUTDOWN, [1, 2, 3])
    assert isinstance(ended[2], Absent)
    assert not isinstance(ended[1], RackletError)
    assert not isinstance(ended[3], RackletError)
    assert clock.now_s < 6.0
