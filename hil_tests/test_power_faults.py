"""Every fault at every state, removal and reset at every step, two things at once, storms.

A slice of it unless RACKLET_SOAK is set, as `make soak-power` does; on the chip, one of each kind
without --whole.

Whatever comes: the enable node falls when it must, a reset does not move it, the log tells of
every edge, and put right again the unit switches on.
"""

import os
import random
from collections.abc import Callable, Iterable

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.errors import RackletError
from racklet.power import PowerCommand
from racklet.rack import Rack
from racklet.settings import Settings
from racklet_bench.bench import FAULTS, HANDS, RESET, STEPPED, TRACE, Bench
from racklet_bench.chronicle import Chronicle
from racklet_wire import power
from racklet_wire.address import address_of

pytestmark = pytest.mark.needs(HANDS, FAULTS, RESET, STEPPED, TRACE)

Insert = Callable[..., Bmc]
Act = Callable[[Bench], object]

# What can go wrong around a unit in slot 1, by name; whether the rail must be off after it, and
# what the fault is called when the rail was up. During an erase the rail's voltage is read 45 ms
# late, when that of an input short is gone, too.
FAULT_ACTS: dict[str, tuple[Act, bool, tuple[str, ...]]] = {
    "output short": (lambda b: b.control("short", slot=1), True, ("short circuit",)),
    "input short": (
        lambda b: b.control("short", slot=1, where="input"),
        True,
        ("input short circuit", "short circuit"),
    ),
    "overload": (lambda b: b.control("load", slot=1, ma=6_000), True, ("overcurrent",)),
    "input gone": (
        lambda b: b.control("brownout", mv=9_000, ms=300),
        True,
        ("input undervoltage",),
    ),
    "surge": (lambda b: b.control("surge", mv=24_000, ms=100), True, ("input overvoltage",)),
    "presence flickers": (
        lambda b: b.control("flicker", slot=1, contact="presence", ms=1),
        True,
        (),
    ),
    "back-feed": (lambda b: b.control("backfeed", slot=1, mv=3_000), False, ()),
    "sensor lost": (
        lambda b: b.control("sensor", slot=1, name="output", fault="absent"),
        False,
        (),
    ),
}
PAIRS = (
    ("output short", "input short"),
    ("output short", "input gone"),
    ("surge", "presence flickers"),
    ("back-feed", "output short"),
    ("sensor lost", "output short"),
)
STATES = (
    power.ABSENT,
    power.SETTLING,
    power.PROBATION,
    power.OFF,
    power.TURNING_ON,
    power.ON,
    power.SHUTTING_DOWN,
    power.TURNING_OFF,
    power.FAULT,
)
UP = (power.TURNING_ON, power.ON, power.SHUTTING_DOWN)
AT_REST = (power.FAULT, power.OFF, power.TURNING_OFF, power.PROBATION)
SOAK = bool(os.environ.get("RACKLET_SOAK"))
STEPS_MS = (
    (0.2, 3, 8, 13, 19, 31) if SOAK else (8,)
)  # into a command: both slopes of the rail, and after them


def shortened(values: Iterable[object], kept: object) -> list[object]:
    """As parameters, of which the chip takes only one without --whole."""
    long = pytest.mark.long("rp2040")
    return [value if value == kept else pytest.param(value, marks=long) for value in values]


class Unit:
    """The unit in slot 1, as client and plant see it."""

    def __init__(self, bench: Bench, bmc: Bmc) -> None:
        self._bench = bench
        self.bmc = bmc
        self.settings = Settings(Target(bench.bus, address_of(1), bench.clock), bench.clock)
        self.enable = bench.trace(1, "EN")
        self.chronicle = Chronicle(bench, bmc, 1)

    def send(self, command: PowerCommand) -> None:
        """Without waiting for its end."""
        self.chronicle.look(self.bmc.power_state())
        self.bmc.power_task(command)

    def bring_to(self, state: int) -> None:
        if state == power.OFF:
            self.bmc.power(PowerCommand.OFF)
            return
        if state in (power.ABSENT, power.SETTLING, power.PROBATION):
            self.settings.set("settle_ms", 1_000 if state == power.SETTLING else 100)
            open_ms = 1_000 if state == power.ABSENT else 200
            self._bench.control("flicker", slot=1, contact="presence", ms=open_ms)
        elif state == power.TURNING_ON:
            self.bring_to(power.OFF)
            self.send(PowerCommand.ON)
        else:
            self.bmc.power(PowerCommand.ON)
            self._bench.clock.sleep(0.2)
            if state == power.SHUTTING_DOWN:
                self._bench.control("compute", slot=1, do="stick")
                self.send(PowerCommand.SHUTDOWN)
            elif state == power.TURNING_OFF:
                self.send(PowerCommand.OFF)
            elif state == power.FAULT:
                self._bench.control("short", slot=1)
        self.wait_for(state)

    def wait_for(self, *states: int) -> None:
        for _ in range(3_000):
            try:
                if self.bmc.power_state().state in states:
                    return
            except RackletError:
                pass  # it restarts
            self._bench.clock.sleep(0.001)
        raise AssertionError(f"never {[power.STATE_TEXT[state] for state in states]}")

    def mend(self) -> None:
        """Take every fault away and switch on: that must work."""
        bench = self._bench
        bench.insert(1)
        bench.control("release", slot=1)
        bench.control("sensor", slot=1, name="output", fault="ok")
        bench.control("compute", slot=1, do="unstick")
        bench.clock.sleep(0.5)
        self.wait_for(power.PROBATION, power.OFF, power.ON, power.FAULT, power.SHUTTING_DOWN)
        if self.bmc.power_state().state == power.SHUTTING_DOWN:
            self.bmc.power(PowerCommand.OFF)
        assert self.bmc.power(PowerCommand.ON).state.state == power.ON
        self.chronicle.look(self.bmc.power_state())

    def check_log(self) -> None:
        self.chronicle.look(self.bmc.power_state())
        if list(self.chronicle.unexplained()):
            self._bench.clock.sleep(75)  # until floods are written down
            self.chronicle.look(self.bmc.power_state())
        assert list(self.chronicle.missing()) == []
        assert list(self.chronicle.unexplained()) == []
        assert self.bmc.check_log().is_whole


@pytest.fixture
def unit(bench: Bench, rack: Rack) -> Unit:
    """A unit in slot 1 that was just inserted: in probation."""
    bench.insert(1)
    bmc = rack.bmc(1)
    unit = Unit(bench, bmc)
    unit.wait_for(power.PROBATION)
    return unit


@pytest.mark.parametrize(
    "state", shortened(STATES, power.ON), ids=lambda state: power.STATE_TEXT[state]
)
def test_every_fault_at_this_state(bench: Bench, unit: Unit, state: int) -> None:
    for name, (act, must_be_off, names) in FAULT_ACTS.items():
        unit.bring_to(state)
        act(bench)
        bench.clock.sleep(0.6)
        after = unit.bmc.power_state()
        if must_be_off:
            assert unit.enable[-1][1] == 0, name
            assert after.state not in (power.ON, power.SHUTTING_DOWN), name
        if state in UP and names:
            assert after.fault_text in names, name
        assert (after.state == power.ON) <= bool(unit.enable[-1][1]), name
        unit.mend()
    unit.check_log()


@pytest.mark.parametrize("pair", shortened(PAIRS, PAIRS[2]), ids=" and ".join)
def test_two_faults_at_once(bench: Bench, unit: Unit, pair: tuple[str, str]) -> None:
    for state in (power.TURNING_ON, power.ON, power.TURNING_OFF) if SOAK else (power.ON,):
        unit.bring_to(state)
        for name in pair:
            FAULT_ACTS[name][0](bench)
        bench.clock.sleep(0.6)
        assert unit.enable[-1][1] == 0
        assert unit.bmc.power_state().state in AT_REST
        unit.mend()
    unit.check_log()


@pytest.mark.parametrize(
    "command", shortened(PowerCommand, PowerCommand.ON), ids=lambda command: command.name.lower()
)
def test_removal_at_every_step(bench: Bench, unit: Unit, command: PowerCommand) -> None:
    for step_ms in STEPS_MS:
        unit.bring_to(power.OFF if command == PowerCommand.ON else power.ON)
        unit.send(command)
        bench.clock.sleep(step_ms / 1000)
        bench.remove(1)
        bench.clock.sleep(0.3)
        assert unit.enable[-1][1] == 0
        edges = len(unit.enable)
        bench.insert(1)
        bench.clock.sleep(4)
        unit.wait_for(power.OFF)
        assert len(unit.enable) == edges, f"on by itself, removed after {step_ms} ms"
    unit.check_log()


@pytest.mark.parametrize(
    "state", shortened(STATES, power.FAULT), ids=lambda state: power.STATE_TEXT[state]
)
def test_removal_at_this_state(bench: Bench, unit: Unit, state: int) -> None:
    unit.bring_to(state)
    unit.chronicle.look(unit.bmc.power_state())
    bench.remove(1)
    bench.clock.sleep(0.25)
    assert unit.enable[-1][1] == 0
    assert not unit.bmc.is_present()
    edges = len(unit.enable)
    bench.insert(1)
    bench.clock.sleep(4.5)  # settled, and alone after its probation
    unit.wait_for(power.OFF)
    assert len(unit.enable) == edges, "on by itself"
    unit.mend()
    unit.check_log()


@pytest.mark.parametrize(
    "command", shortened(PowerCommand, PowerCommand.OFF), ids=lambda command: command.name.lower()
)
def test_reset_at_every_step(bench: Bench, unit: Unit, command: PowerCommand) -> None:
    for step_ms in STEPS_MS:
        unit.bring_to(power.OFF if command == PowerCommand.ON else power.ON)
        unit.send(command)
        bench.clock.sleep(step_ms / 1000)
        edges = len(unit.enable)
        bench.reset_bmc(1)
        bench.clock.sleep(4)
        was_on = bool(unit.enable[edges - 1][1])
        unit.wait_for(power.ON if was_on else power.OFF)
        assert len(unit.enable) == edges, f"the rail moved, reset after {step_ms} ms"
        unit.chronicle.look(unit.bmc.power_state())
    unit.check_log()


@pytest.mark.parametrize(
    "fault", shortened(["output short", "input gone", "presence flickers"], "output short")
)
def test_a_fault_while_the_bmc_restarts_is_not_forgotten(
    bench: Bench, unit: Unit, fault: str
) -> None:
    for delay_ms in (0, 5, 40) if SOAK else (5,):
        unit.bring_to(power.ON)
        unit.chronicle.look(unit.bmc.power_state())
        bench.reset_bmc(1)
        bench.clock.sleep(delay_ms / 1000)
        FAULT_ACTS[fault][0](bench)
        bench.clock.sleep(5)
        assert unit.enable[-1][1] == 0
        unit.wait_for(power.OFF, power.FAULT)
        unit.mend()
    unit.check_log()


@pytest.mark.long("rp2040")
def test_a_storm_of_commands_ends_where_the_last_one_says(bench: Bench, unit: Unit) -> None:
    dice = random.Random(5)
    bench.control("shutdown_time", slot=1, factor=0.05)
    for last in (PowerCommand.ON, PowerCommand.OFF):
        for _ in range(60):
            try:
                unit.send(dice.choice(list(PowerCommand)))
            except RackletError:
                pass  # busy: it says so
            bench.clock.sleep(dice.choice((0, 0.001, 0.01, 0.03)))
        for _ in range(100):
            if unit.bmc.power_state().state != power.SHUTTING_DOWN:
                break
            bench.clock.sleep(0.1)
        outcome = unit.bmc.power(last)
        assert outcome.state.state == (power.ON if last == PowerCommand.ON else power.OFF)
    unit.check_log()
