"""The ADC, with its round robin mended."""

from typing import Any

from rp2040py.peripherals.adc import CS_AINSEL_MASK, CS_AINSEL_SHIFT, RPADC


class RoundRobinAdc(RPADC):
    """rp2040py masks the channel that comes next with the wrong constant and stays at one."""

    def __init__(self, mcu: Any) -> None:
        super().__init__(mcu, "ADC")

    @property
    def _active_channel(self) -> int:
        return int(self.cs >> CS_AINSEL_SHIFT & CS_AINSEL_MASK)

    @_active_channel.setter
    def _active_channel(self, channel: int) -> None:
        self.cs &= ~(CS_AINSEL_MASK << CS_AINSEL_SHIFT)
        self.cs |= (channel % self.num_channels) << CS_AINSEL_SHIFT
