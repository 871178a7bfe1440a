"""The DMA controller, told apart from who feeds it: samples of the ADC are carried in bulk.

Before anything looks at a register, what the ADC sampled meanwhile is carried (adc.py). So a
program must look at a register before it looks at what the DMA has written, as it does anyway
to learn how far that has come.
"""

from collections.abc import Callable
from typing import Any

from rp2040py.peripherals.dma import CHAN_ABORT, INCR_READ, INCR_WRITE, RPDMA, TREQ, RPDMAChannel

RAM = 0x20000000


class Channel(RPDMAChannel):
    """One channel; `carry` does many paced transfers at once."""

    def takes_from(self, register: int, dreq: int) -> bool:
        """Whether it is at work moving halfwords from a register into memory, paced by `dreq`."""
        is_paced = self.active and self.treq == dreq and self._read_addr == register
        writes_on = bool(self._ctrl & INCR_WRITE) and not self._ctrl & INCR_READ
        return is_paced and writes_on and self._data_size == 2 and not self._ring_mask

    def reset(self) -> None:
        """Stop. rp2040py's leaves it busy, and a busy channel ignores its next start."""
        self._ctrl = self._trans_count = 0
        super().reset()

    @property
    def left(self) -> int:
        """Transfers until its end."""
        return int(self._trans_count)

    @property
    def lap(self) -> int:
        """Transfers from one trigger to the end."""
        return int(self._trans_count_reload)

    def carry(self, data: bytes) -> None:
        """Write halfwords, at most those left; at the end, whatever it chains to."""
        at = self._write_addr - RAM
        self.rp2040.sram[at : at + len(data)] = data
        self._write_addr += len(data)
        self._trans_count -= len(data) // 2
        if not self._trans_count:
            self._end()

    def _end(self) -> None:
        self._ctrl &= ~(1 << 24)  # BUSY
        if self._chain_to != self.index:
            following = self.dma.channels[self._chain_to]
            following.start()
            while following.active and following.treq == TREQ.PERMANENT:
                following.transfer_alarm.cancel()
                following.transfer()


class Dma(RPDMA):
    """`before_access` brings what feeds a channel up to now."""

    def __init__(self, mcu: Any) -> None:
        super().__init__(mcu, "DMA")
        self.channels = [Channel(self, mcu, i) for i in range(12)]
        self.before_access: Callable[[], None] = lambda: None

    def read_uint32(self, offset: int) -> int:
        self.before_access()
        if offset == CHAN_ABORT:  # bits that stay until the channel has stopped; it does at once
            return 0
        return int(super().read_uint32(offset))

    def write_uint32(self, offset: int, value: int) -> None:
        self.before_access()
        super().write_uint32(offset, value)
