"""Playing a scenario step by step, each noted in the event logs of the units it concerns."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from racklet_wire import events

from racklet import uncertainty
from racklet.bus import Clock
from racklet.chaos.scenario import POWER, Scenario, Step
from racklet.errors import Absent, NoSuchSlot, RackletError, Refused, Unreachable
from racklet.rack import Rack
from racklet.sim import SimClient
from racklet.slots import format_slots

_POLL_S = 0.1
_SILENCE_S = 0.05  # of a BMC that erases a flash sector
_ARRIVAL_S = 1.0  # until a unit that was just inserted answers


@dataclass(frozen=True)
class Played:
    """One step that was carried out; `number` counts repetitions too, `result` is what came,
    `logged` are the slots whose BMC has noted it."""

    number: int
    step: Step
    result: dict[str, Any]
    logged: list[int]


class Player:
    """Plays on `rack`; `sim` are the controls of its world, None where the world is real."""

    def __init__(self, rack: Rack, sim: SimClient | None, clock: Clock) -> None:
        self._rack = rack
        self._sim = sim
        self._clock = clock

    def check(self, scenario: Scenario, is_agreed: bool) -> None:
        """Raises, before anything happens, when this rack cannot or may not play it."""
        bus = self._rack.bus.describe()
        if self._sim is None and scenario.needs_simulation:
            step = next(step for step in scenario.steps if step.action == "control")
            raise Refused(
                f"{scenario.name} needs a simulated world ({step.text}); {bus} is real hardware",
                hint="play it on a virtual rack: racklet rack",
            )
        if self._sim is None and not is_agreed:
            raise Refused(
                f"{scenario.name} would switch real units on and off on {bus}",
                hint="if that is what you want: --yes",
            )
        for step in scenario.steps:
            if step.slot is not None and step.slot not in self._rack.slots:
                raise NoSuchSlot(
                    f"there is no slot {step.slot}, which {scenario.name} plays on",
                    hint=f"this rack has slots {format_slots(self._rack.slots)}",
                )

    def play(self, scenario: Scenario) -> Iterator[Played]:
        """Carry out the steps in order; ends with the error of the step that did not succeed."""
        number = 0
        for step in scenario.steps:
            for _ in range(step.times):
                number += 1
                logged = self._note(step)
                try:
                    result = self._do(step)
                except RackletError as error:
                    error.message = f"step {number} ({step.text}): {error.message}"
                    raise
                if not logged and step.action == "control":
                    logged = self._note(step, _ARRIVAL_S)  # a unit that was not there before
                yield Played(number, step, result, logged)
                self._clock.sleep(step.wait_s)

    def _note(self, step: Step, patience_s: float = _SILENCE_S) -> list[int]:
        """Tell the BMCs concerned, before it happens, as it may be the last that they hear;
        those that are there and took it."""
        asked = self._rack.slots if step.slot is None else [step.slot]
        logged = []
        try:
            present = self._rack.present(asked, patience_s)
        except Unreachable:
            return []  # the bus is held, which an earlier step may have wanted
        for slot in present:
            try:
                self._rack.bmc(slot).note(events.CHAOS, step.note)
            except Unreachable:
                continue  # it is on its way out; the step itself shows that
            logged.append(slot)
        return logged

    def _do(self, step: Step) -> dict[str, Any]:
        if step.action == "control":
            assert self._sim is not None
            return dict(self._sim.control(step.name, **step.arguments))
        assert step.slot is not None
        if step.action == "expect":
            return {"state": self._expect(step, step.slot)}
        end = self._rack.power(POWER[step.name], [step.slot])[step.slot]
        if isinstance(end, RackletError):
            raise end
        rail = uncertainty.of_rail(self._rack.bmc(step.slot), end.state)
        return {"state": end.state.state_text, **rail}

    def _expect(self, step: Step, slot: int) -> str:
        give_up = self._clock.monotonic() + step.within_s
        while True:
            state = self._state(slot)
            if state == step.name:
                return state
            if self._clock.monotonic() >= give_up:
                raise Refused(
                    f"slot {slot} is {state} after {step.within_s:g} s",
                    hint=f"see racklet status and racklet log {slot}",
                    code="unexpected",
                )
            self._clock.sleep(_POLL_S)

    def _state(self, slot: int) -> str:
        try:
            return self._rack.bmc(slot).power_state().state_text
        except Absent:
            return "absent"
        except Unreachable:
            return "not reachable"
