"""The hands in the simulated world: insert, pull, load, short, brown-out, broken parts.

`CONTROLS` maps a name to a function `(rack, **arguments)`; `check` checks names and types,
`run` calls it after that. Everything returns what JSON can carry, and raises ControlError,
having changed nothing, when asked for what cannot be.
"""

from . import buses, rail, supply, tray
from .registry import CONTROLS, Result, check, run

__all__ = ["CONTROLS", "Result", "buses", "check", "rail", "run", "supply", "tray"]
