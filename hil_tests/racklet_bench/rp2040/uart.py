"""UART1 with a transmit FIFO that empties at line speed.

rp2040py sends at once and says so by an interrupt that cannot be cleared: MicroPython's driver
never leaves its handler. RP2040 data sheet, section 4.2 (Arm PL011).
"""

from collections import deque
from typing import Any

from rp2040py.irq import IRQ
from rp2040py.peripherals.uart import RPUART, RXFF, TXFE, UARTDR, UARTTXINTR

_UARTIFLS = 0x34
_TXFF = 1 << 5
_BUSY = 1 << 3
_FIFO = 32
_LEVELS = (4, 8, 16, 24, 28)  # UARTIFLS.TXIFLSEL
_BITS = 10  # start, 8 data, stop
_SLOWEST = 1_000  # baud, for a divider that was not set


class PacedUart(RPUART):
    """`on_byte` is called when a byte has gone out."""

    def __init__(self, mcu: Any) -> None:
        self._sending: deque[int] = deque()
        self._level = 0x12  # UARTIFLS at reset: half full, both ways
        super().__init__(mcu, "UART1", IRQ.UART1, mcu.uart[1].dreq)
        self._shift = mcu.clock.create_alarm(self._sent)

    def reset(self) -> None:
        super().reset()
        self._sending.clear()
        self._shift.cancel()
        self._level = 0x12

    def check_interrupts(self) -> None:
        self.rp2040.set_interrupt(self.irq, bool(self._interrupt_status & self._interrupt_mask))

    @property
    def flags(self) -> int:
        flags = int(super().flags) & ~int(TXFE)
        if not self._sending:
            return flags | int(TXFE)
        return flags | _BUSY | (_TXFF if len(self._sending) >= _FIFO else 0)

    def feed_byte(self, value: int) -> None:
        if not self.flags & RXFF:  # else an overrun: the byte is lost
            super().feed_byte(value)

    def _byte_ns(self) -> float:
        baud = self.baud_rate if self.baud_divider else _SLOWEST
        return _BITS * 1e9 / baud

    def _sent(self) -> None:
        byte = self._sending.popleft()
        if self._sending:
            self._shift.schedule(self._byte_ns())
        if len(self._sending) == _LEVELS[min(self._level & 7, 4)] or not self._sending:
            self._interrupt_status |= UARTTXINTR
            self.check_interrupts()
        if self.on_byte:
            self.on_byte(byte)

    def read_uint32(self, offset: int) -> int:
        return self._level if offset == _UARTIFLS else int(super().read_uint32(offset))

    def write_uint32(self, offset: int, value: int) -> None:
        if offset == _UARTIFLS:
            self._level = value & 0x3F
        elif offset == UARTDR:
            if len(self._sending) < _FIFO:
                self._sending.append(value & 0xFF)
                if len(self._sending) == 1:
                    self._shift.schedule(self._byte_ns())
        else:
            super().write_uint32(offset, value)
