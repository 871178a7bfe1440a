"""What a scenario is, and reading one: everything is checked before anything is played.

about: One line about what happens.
steps:
  - power: on             # on, off (at once), shutdown, cycle
    slot: 1
  - control: brownout     # of the simulated world; its arguments stand beside it
    slot: 1
    mv: 6000
    ms: 50
    wait_s: 2             # after the step
    times: 3              # the step and its wait, so often
  - expect: on            # a power state
    slot: 1
    within_s: 5
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from racklet_wire import power

from racklet.chaos import document
from racklet.errors import FileProblem, UsageError
from racklet.power import PowerCommand
from racklet.slots import format_slots

LARGEST = 65536  # bytes of a file
MOST_STEPS = 1000
MOST_TIMES = 1000
LONGEST_S = 3600.0  # one wait

POWER = {command.name.lower(): command for command in PowerCommand}
STATES = tuple(power.STATE_TEXT)

_ACTIONS = ("power", "control", "expect")


@dataclass(frozen=True)
class Step:
    """One step. `name` is the power command, the control or the state expected."""

    action: str
    name: str
    slot: int | None = None
    arguments: dict[str, Any] = field(default_factory=dict)  # of a control, slot included
    wait_s: float = 0.0
    times: int = 1
    within_s: float = 10.0

    @property
    def text(self) -> str:
        """As a person would say it: `brownout of slot 1, mv 6000, ms 50`."""
        return self._said("" if self.slot is None else f" slot {self.slot}")

    @property
    def note(self) -> str:
        """The same for the log of that slot's unit, where 28 bytes have room."""
        return self._said("")

    def _said(self, where: str) -> str:
        more = [f"{k} {v!r}" for k, v in self.arguments.items() if k != "slot"]
        name = self.name if self.action == "control" else f"{self.action} {self.name}"
        return ", ".join([name + where, *more])

    def moved_to(self, slot: int) -> "Step":
        """The same in another slot; a step of the whole rack stays as it is."""
        if self.slot is None:
            return self
        arguments = self.arguments | ({"slot": slot} if "slot" in self.arguments else {})
        return replace(self, slot=slot, arguments=arguments)


@dataclass(frozen=True)
class Scenario:
    """A named row of steps."""

    name: str
    about: str
    steps: list[Step]

    @property
    def needs_simulation(self) -> bool:
        """True when a step does what only the hands in a simulated world can do."""
        return any(step.action == "control" for step in self.steps)

    @property
    def slots(self) -> list[int]:
        """The slots that it names, each once."""
        return sorted({step.slot for step in self.steps if step.slot is not None})

    def moved_to(self, slot: int) -> "Scenario":
        """The same in another slot. Raises `UsageError` unless it plays in exactly one."""
        if len(self.slots) != 1:
            raise UsageError(
                f"{self.name} plays on slots {format_slots(self.slots)}",
                hint="--slot moves a scenario that names one slot; edit the file instead",
            )
        return replace(self, steps=[step.moved_to(slot) for step in self.steps])


def parse(data: bytes, name: str, place: str) -> Scenario:
    """A scenario out of YAML; `place` is what errors call it. Raises `FileProblem`."""
    try:
        if len(data) > LARGEST:
            raise ValueError(f"it is longer than {LARGEST} bytes")
        top = _mapping(document.load(data), "the file", ("about", "steps"))
        about, steps = top.get("about"), top.get("steps")
        if not isinstance(about, str) or not about.strip():
            raise ValueError("about must be a line of text")
        if not isinstance(steps, list) or not 1 <= len(steps) <= MOST_STEPS:
            raise ValueError(f"steps must be a list of 1 to {MOST_STEPS}")
        return Scenario(
            name, " ".join(about.split()), [_step(n, s) for n, s in enumerate(steps, 1)]
        )
    except ValueError as error:
        raise FileProblem(
            f"{place} is no scenario: {error}", hint="racklet chaos list shows good ones"
        ) from None


def _step(number: int, value: object) -> Step:
    where = f"step {number}"
    fields = _mapping(value, where)
    actions = [action for action in _ACTIONS if action in fields]
    if len(actions) != 1:
        raise ValueError(f"{where} needs one of {', '.join(_ACTIONS)}")
    action = actions[0]
    name = fields.pop(action)
    wait_s = _seconds(where, "wait_s", fields.pop("wait_s", 0))
    times = fields.pop("times", 1)
    if type(times) is not int or not 1 <= times <= MOST_TIMES:
        raise ValueError(f"{where}: times must be 1 to {MOST_TIMES}")
    slot = fields.get("slot")
    if slot is not None and (type(slot) is not int or slot < 1):
        raise ValueError(f"{where}: slot must be a number from 1")
    if action == "control":
        _check_control(where, name, fields)
        return Step(action, name, slot, fields, wait_s, times)
    name = _one_of(where, action, name, POWER if action == "power" else STATES)
    if slot is None:
        raise ValueError(f"{where}: {action} needs a slot")
    within_s = _seconds(where, "within_s", fields.get("within_s", 10))
    _mapping(fields, where, ("slot",) if action == "power" else ("slot", "within_s"))
    return Step(action, name, slot, {}, wait_s, times, within_s)


def _check_control(where: str, name: object, arguments: Mapping[str, Any]) -> None:
    from racklet.virtual import control_names
    from racklet.virtual.sim_service import ControlRefused

    for key, value in arguments.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{where}: {key} must be finite")
    try:
        control_names.check(_one_of(where, "control", name, control_names.known()), arguments)
    except ControlRefused as error:
        raise ValueError(f"{where}: {error}") from None


def _one_of(where: str, what: str, name: object, known: Collection[str]) -> str:
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"{where}: there is no {what} {name!r}; there are: {', '.join(known)}")
    return name


def _mapping(value: object, where: str, known: tuple[str, ...] = ()) -> dict[str, Any]:
    """A copy of `value` as names and values; with `known`, of these names only."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError(f"{where} must be names and values")
    unknown = [key for key in value if known and key not in known]
    if unknown:
        raise ValueError(f"{where} has no {unknown[0]!r}; it takes: {', '.join(known)}")
    return dict(value)


def _seconds(where: str, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_S:
        raise ValueError(f"{where}: {name} must be 0 to {LONGEST_S:.0f}")
    return float(value)
