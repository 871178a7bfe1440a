"""TMP1075 on its LM75 registers: 0 temperature, 1 configuration, 2 T_LOW, 3 T_HIGH, F device.

12 bits of 0.0625 C, left-aligned in 16. ALERT is active low in both modes.
"""

from collections.abc import Callable

DEVICE_ID = 0x7500
_SHUTDOWN, _INTERRUPT, _POLARITY = 0x0100, 0x0200, 0x0400


class Tmp1075:
    """`temperature` gives milli-degrees C. `stuck_mc` freezes it; `absent` takes it away."""

    def __init__(self, temperature: Callable[[], int]) -> None:
        self._temperature = temperature
        self.stuck_mc: int | None = None
        self.absent = False
        self.reset()

    def reset(self) -> None:
        self._pointer = 0
        self._low, self._high = 0x4B00, 0x5000  # 75 C, 80 C
        self._config = 0x00FF
        self._over = False
        self._held = 0

    def break_down(self, fault: str) -> None:
        """absent, stuck (the temperature of now for ever), off (far too cold) or ok."""
        self.absent = fault == "absent"
        self.stuck_mc = self._temperature() if fault == "stuck" else None
        if fault == "off":
            self.stuck_mc = -128_000

    def write(self, data: bytes) -> bool:
        if self.absent:
            return False
        if data:
            self._pointer = data[0] & 0x0F
        if len(data) >= 2:  # one byte is the LM75's short form of the configuration
            value = int.from_bytes((data + b"\0")[1:3], "big")
            if self._pointer == 1:
                self._held = self._code()
                self._config = value | 0xFF
            elif self._pointer == 2:
                self._low = value & 0xFFF0
            elif self._pointer == 3:
                self._high = value & 0xFFF0
        return True

    def read(self, count: int) -> bytes | None:
        if self.absent:
            return None
        word = self._register().to_bytes(2, "big")
        return (word * (count // 2 + 1))[:count]

    @property
    def alert_n(self) -> int:
        """Level of the open-drain ALERT pin; comparator mode follows, looked at when asked."""
        code = self._signed(self._code())
        if code >= self._signed(self._high):
            self._over = True
        elif code < self._signed(self._low):
            self._over = False
        return int(self._over == bool(self._config & _POLARITY))

    @property
    def next_limit_mc(self) -> int:
        """The temperature at which ALERT will change next: T_HIGH, or T_LOW on the way down."""
        over = self._signed(self._code()) >= self._signed(self._low) and self._over
        return self._signed(self._low if over else self._high) * 1000 // 256

    def _register(self) -> int:
        if self._pointer == 0:
            return self._held if self._config & _SHUTDOWN else self._code()
        table = {1: self._config, 2: self._low, 3: self._high, 0x0F: DEVICE_ID}
        return table.get(self._pointer, 0)

    def _code(self) -> int:
        mc = self._temperature() if self.stuck_mc is None else self.stuck_mc
        code = (mc * 2 + 62) // 125  # nearest 0.0625 C
        return max(min(code, 2047), -2048) << 4 & 0xFFFF

    @staticmethod
    def _signed(word: int) -> int:
        return word - 0x10000 if word & 0x8000 else word
