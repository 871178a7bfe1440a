"""Read parameters.toml: values with unit, bounds and reason; anything odd is refused."""

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from . import ROOM

FILE = ROOM / "parameters.toml"


class Refused(Exception):
    """A parameter or a combination that cannot be built; the text names the rule."""


def _value(name: str, entry: Any) -> Any:
    """The checked value of one entry; `name` is section.key."""
    if not isinstance(entry, dict) or "value" not in entry:
        raise Refused(
            f"{name}: wants {{ value = ..., unit = ..., min = ..., max = ..., why = ... }}"
        )
    value = entry["value"]
    if "of" in entry:
        if value not in entry["of"]:
            raise Refused(f"{name} = {value!r}: must be one of {', '.join(entry['of'])}")
        return value
    missing = {"unit", "min", "max", "why"} - entry.keys()
    if missing:
        raise Refused(f"{name}: lacks {', '.join(sorted(missing))}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"{name} = {value!r}: must be a number of {entry['unit']}")
    if not entry["min"] <= value <= entry["max"]:
        raise Refused(
            f"{name} = {value} {entry['unit']}: outside {entry['min']} to {entry['max']} "
            f"{entry['unit']} ({entry['why']})"
        )
    return float(value)


def load(file: Path = FILE, **changes: Any) -> SimpleNamespace:
    """Parameters by section and name; `changes` are values such as `fit__slide=0.2`.

    Raises Refused for an unknown name, a wrong type or a value outside its bounds.
    """
    document = tomllib.loads(file.read_text())
    for key, value in changes.items():
        section, _, name = key.partition("__")
        if name not in document.get(section, {}):
            raise Refused(f"{section}.{name}: no such parameter in {file.name}")
        document[section][name]["value"] = value
    return SimpleNamespace(
        **{
            section: SimpleNamespace(
                **{name: _value(f"{section}.{name}", entry) for name, entry in entries.items()}
            )
            for section, entries in document.items()
        }
    )
