"""The ADC inputs in the units of the board table."""

from board import ADC as CHANNELS
from machine import ADC

_COUNTS = 65_535  # read_u16 stretches the 12 bits of the converter to 16


class Adc:
    def __init__(self) -> None:
        self._channels = {}
        for channel, facts in CHANNELS.items():
            self._channels[facts["net"]] = (ADC(channel), facts["full_scale"])

    def _read(self, net: str) -> int:
        adc, full_scale = self._channels[net]
        return (adc.read_u16() * full_scale + _COUNTS // 2) // _COUNTS

    def millivolts(self, net: str) -> int:
        return self._read(net)

    def milliamperes(self, net: str) -> int:
        return self._read(net)
