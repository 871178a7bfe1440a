"""The 12-bit converter of the RP2040."""

from link import link


class ADC:
    def __init__(self, channel) -> None:
        number = channel if isinstance(channel, int) else channel._id
        self._channel = number - 26 if number >= 26 else number

    def read_u16(self) -> int:
        """The 12 bits of the converter, stretched to 16 as the rp2 port does it."""
        (raw,) = link.call("adc", self._channel)
        link.spend_us(2)  # 96 cycles of the 48 MHz ADC clock
        return raw << 4 | raw >> 8
