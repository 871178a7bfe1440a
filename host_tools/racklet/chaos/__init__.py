"""Chaos on purpose: scenarios in YAML, and playing them on a rack."""

from racklet.chaos.library import built_in, find
from racklet.chaos.play import Played, Player
from racklet.chaos.scenario import Scenario, Step, parse

__all__ = ["Played", "Player", "Scenario", "Step", "built_in", "find", "parse"]
