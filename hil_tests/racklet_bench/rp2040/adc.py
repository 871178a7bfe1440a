"""The ADC: round robin mended, and free running without a step of the emulator per sample.

While conversions run freely into the FIFO and a DMA channel carries them away, nobody can see a
sample before he looks at a register of either. So they are made up then, each as of its own
emulated instant: an idle chip that samples 12,000 times a second costs nothing.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any

from rp2040py.peripherals.adc import (
    CS_AINSEL_MASK,
    CS_AINSEL_SHIFT,
    CS_EN,
    CS_RROBIN_MASK,
    CS_RROBIN_SHIFT,
    CS_START_MANY,
    FCS_DREQ_EN,
    FCS_EN,
    RPADC,
)

from .dma import Channel, Dma

_FIFO = 0x4004C00C
_CLOCK_NS = 1000 / 48  # the ADC's clock
_CONVERSION = 96  # clocks; RP2040 data sheet 4.9.3


class FreeRunningAdc(RPADC):
    """`on_samples(takes)`, when set, tells the counts of each (ns of the chip, channel).

    rp2040py masks the channel that comes next with the wrong constant and stays at one.
    """

    def __init__(self, mcu: Any, dma: Dma) -> None:
        super().__init__(mcu, "ADC")
        self._dma = dma
        self._end_ns: float | None = None  # of the conversion under way, while they run freely
        self.on_samples: Callable[[Sequence[tuple[int, int]]], list[int]] | None = None
        dma.before_access = self.catch_up

    @property
    def _active_channel(self) -> int:
        return int(self.cs >> CS_AINSEL_SHIFT & CS_AINSEL_MASK)

    @_active_channel.setter
    def _active_channel(self, channel: int) -> None:
        self.cs &= ~(CS_AINSEL_MASK << CS_AINSEL_SHIFT)
        self.cs |= (channel % self.num_channels) << CS_AINSEL_SHIFT

    # --- registers ------------------------------------------------------------------------

    def read_uint32(self, offset: int) -> int:
        self.catch_up()
        return int(super().read_uint32(offset))

    def write_uint32(self, offset: int, value: int) -> None:
        self.catch_up()
        many = self.cs & value & CS_START_MANY if offset == 0 else 0
        if offset == 0 and value & CS_START_MANY and value & CS_EN and self._can_run_freely():
            super().write_uint32(offset, value & ~CS_START_MANY)
            self.cs |= CS_START_MANY
            if self._end_ns is None or not many:
                self._end_ns = self.rp2040.clock.nanos + _CONVERSION * _CLOCK_NS
            return
        if offset == 0:
            self._end_ns = None
        super().write_uint32(offset, value)

    def complete_adc_read(self, value: int, error: bool) -> None:
        """A single conversion; the free ones do not begin anew because of it."""
        many = self.cs & CS_START_MANY if self._end_ns is not None else 0
        self.cs &= ~many
        super().complete_adc_read(value, error)
        self.cs |= many

    def reset(self) -> None:
        self._end_ns = None
        super().reset()

    # --- free running ---------------------------------------------------------------------

    def _can_run_freely(self) -> bool:
        into_dma = self.fcs & FCS_EN and self.fcs & FCS_DREQ_EN and not self.int_enable
        return bool(into_dma) and self.on_samples is not None and self._taker() is not None

    def _taker(self) -> Channel | None:
        for channel in self._dma.channels:
            if channel.takes_from(_FIFO, self.dreq):
                return channel
        return None

    def catch_up(self) -> None:
        """Carry every conversion that has ended by now."""
        if self._end_ns is None or self.on_samples is None:
            return
        period = max(self.divider, _CONVERSION) * _CLOCK_NS
        due = int((self.rp2040.clock.nanos - self._end_ns) // period) + 1
        if due <= 0:
            return
        end_ns, self._end_ns = self._end_ns, None  # the plant may look at us meanwhile
        taker = self._taker()
        turns = self._turns()
        if taker is not None and due > 2 * taker.lap and taker.lap % len(turns) == 0:
            # What would be overwritten need not be made up.
            skipped = (due // taker.lap - 1) * taker.lap
            end_ns += skipped * period
            due -= skipped
        takes = [(round(end_ns + k * period), turns[k % len(turns)]) for k in range(due)]
        self._carry(self.on_samples(takes))
        self._active_channel = turns[due % len(turns)]
        self._end_ns = end_ns + due * period

    def _carry(self, samples: list[int]) -> None:
        at = 0
        while at < len(samples) and (taker := self._taker()) is not None:
            piece = samples[at : at + taker.left]
            taker.carry(struct.pack(f"<{len(piece)}H", *piece))
            at += len(piece)

    def _turns(self) -> list[int]:
        """The channels in the order in which they come, the next one first."""
        mask = self.cs >> CS_RROBIN_SHIFT & CS_RROBIN_MASK
        first = self._active_channel
        if not mask:
            return [first]
        turns = [channel for channel in range(self.num_channels) if mask >> channel & 1]
        begin = next((k for k, channel in enumerate(turns) if channel >= first), 0)
        return turns[begin:] + turns[:begin]
