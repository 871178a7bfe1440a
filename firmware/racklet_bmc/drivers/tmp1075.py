"""TI TMP1075 and the LM75 family it follows (PCT2075, LM75B): temperature in register 0.

The result is left-aligned two's complement, 1/256 degree a step whatever the resolution
(TMP1075 data sheet SBOS854, section 7.5.1). ALERT is wired with those of the power monitors,
which trip the latch, so the limits stay at a level that is never reached.
"""

from racklet_base.compiled import const

from .registers import Registers, signed

_TEMPERATURE = const(0x00)
_LOW_LIMIT = const(0x02)
_HIGH_LIMIT = const(0x03)
_NEVER_HIGH = const(0x7FF0)
_NEVER_LOW = const(0x7FE0)


class TMP1075:
    """One sensor on a local bus."""

    def __init__(self, i2c: object, address: int) -> None:
        self._registers = Registers(i2c, address)
        self._silenced = False

    def probe(self) -> bool:
        """The family's older members have no identity register: a limit must be held."""
        self.read_mc()
        # The LM75 holds 9 bits of it.
        if self._registers.read(_HIGH_LIMIT) | 0x7F != _NEVER_HIGH | 0x7F:
            self._silenced = False  # perhaps it was reset
        return self._silenced

    def _silence(self) -> None:
        """ALERT never: the limits to the top of the range."""
        self._registers.write(_HIGH_LIMIT, _NEVER_HIGH)
        self._registers.write(_LOW_LIMIT, _NEVER_LOW)
        self._silenced = True

    def read_mc(self) -> int:
        """Thousandths of a degree Celsius. No use in asking more often than every 100 ms."""
        if not self._silenced:
            self._silence()
        return signed(self._registers.read(_TEMPERATURE), 16) * 125 >> 5
