"""The ring oscillator: the chip's source of random bits."""

import random
from typing import Any

from rp2040py.peripherals.peripheral import BasePeripheral

_RANDOMBIT = 0x1C  # RP2040 data sheet 2.17.8
_STATUS = 0x18
_STABLE = 1 << 31


class RingOscillator(BasePeripheral):
    """Random bits from seeded dice, so that runs repeat and boards differ."""

    def __init__(self, mcu: Any, dice: random.Random) -> None:
        super().__init__(mcu, "ROSC_BASE")
        self._dice = dice
        self._registers: dict[int, int] = {}

    def read_uint32(self, offset: int) -> int:
        if offset == _RANDOMBIT:
            return self._dice.getrandbits(1)
        if offset == _STATUS:
            return _STABLE
        return self._registers.get(offset, 0)

    def write_uint32(self, offset: int, value: int) -> None:
        self._registers[offset] = value
