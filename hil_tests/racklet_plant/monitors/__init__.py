"""The power monitors, register by register."""

from .ina226 import Ina226
from .ina228 import Ina228

__all__ = ["Ina226", "Ina228"]
