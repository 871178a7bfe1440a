"""Names, argument checks and refusals; the controls themselves are beside this file."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args, get_origin

from ..errors import ControlError
from ..rack import Rack
from ..unit import Unit

Result = dict[str, Any]
CONTROLS: dict[str, Callable[..., Result]] = {}

MOST = 1e13  # of any number, more than the 2^40 of an energy register; the world's sums stay sums

_WIDER = {float: (float, int)}
_WORDS = {type(None): "null"}


def control(fn: Callable[..., Result]) -> Callable[..., Result]:
    """Offer a function `(rack, **arguments)` by its name."""
    CONTROLS[fn.__name__] = fn
    return fn


def run(rack: Rack, name: str, arguments: Mapping[str, object]) -> Result:
    """Call a control by name with arguments as they come out of JSON."""
    return check(name, arguments)(rack, **arguments)


def check(name: str, arguments: Mapping[str, object]) -> Callable[..., Result]:
    """The control of that name, if it takes such arguments; whether the world does, it says."""
    if (fn := CONTROLS.get(name)) is None:
        raise ControlError(f"no control {name!r}; there are: {', '.join(sorted(CONTROLS))}")
    parameters = dict(list(inspect.signature(fn).parameters.items())[1:])
    if unknown := sorted(set(arguments) - set(parameters)):
        raise ControlError(f"{name} has no {unknown[0]!r}; it takes: {', '.join(parameters)}")
    for key, parameter in parameters.items():
        if key in arguments:
            _check(name, key, parameter.annotation, arguments[key])
        elif parameter.default is parameter.empty:
            raise ControlError(f"{name} needs {key!r}")
    return fn


def _check(name: str, key: str, kind: Any, value: object) -> None:
    kinds = (kind,) if get_origin(kind) is Literal else get_args(kind) or (kind,)
    if not any(_is_of(each, value) for each in kinds):
        words = " or ".join(_WORDS.get(each) or _word(each) for each in kinds)
        raise ControlError(f"{name}: {key} is {words}, not {value!r}")
    if not _is_sane(value):
        raise ControlError(f"{name}: {key} holds a number beyond {MOST:g}")


def _is_of(kind: Any, value: object) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    # In Python True is an int; in JSON it is not, and every int is a float.
    return kind is bool if isinstance(value, bool) else isinstance(value, _WIDER.get(kind, kind))


def _word(kind: Any) -> str:
    return f"one of {', '.join(get_args(kind))}" if get_args(kind) else str(kind.__name__)


def _is_sane(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_is_sane, value))
    return not isinstance(value, int | float) or abs(value) <= MOST  # NaN is not


def positive(**values: float | None) -> None:
    """Refuse what is below zero."""
    for key, value in values.items():
        if value is not None and value < 0:
            raise ControlError(f"{key} cannot be negative: {value}")


def slot_unit(rack: Rack, slot: int) -> Unit:
    """The unit in a slot, or the reason why there is none."""
    if slot not in rack.slots:
        raise ControlError(f"no slot {slot}; this rack has 1 to {len(rack.slots)}")
    if (unit := rack.slots[slot].unit) is None:
        raise ControlError(f"slot {slot} is empty; insert a unit first")
    return unit
