"""The flash chip, a Winbond W25Q16JV, behind the SSI: busy times, identity, torn operations.

An operation takes effect at its end. Until then the status register says BUSY, and a power cut
leaves it half done. Times are the data sheet's typical ones (revision G, section 9.6).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rp2040py.peripherals.ssi import (
    CMD_BLOCK_ERASE,
    CMD_PAGE_PROGRAM,
    CMD_READ_STATUS_1,
    CMD_SECTOR_ERASE,
    RPSSI,
)
from rp2040py.peripherals.xip_ctrl import FLUSH, RPXIPCtrl

from . import engine

PAGE = 256
SECTOR = 4096
BLOCK = 65536
PROGRAM_NS = 400_000
SECTOR_ERASE_NS = 45_000_000
BLOCK_ERASE_NS = 150_000_000

_READ_UNIQUE_ID = 0x4B
_BUSY = 1
_POLL_CYCLES = 250  # while it polls BUSY the CPU may stand still this long without being noticed


@dataclass(frozen=True)
class Operation:
    """One erase (`data` is None) or page program; `end_ns` is when it will have taken effect."""

    offset: int
    size: int
    data: bytes | None
    begin_ns: int
    end_ns: int


class NorFlash(RPSSI):
    """`on_begin(operation)` and `on_end(operation)` are called at those instants."""

    _tx_buffer: bytearray
    _write_enabled: bool

    def __init__(self, mcu: Any, unique_id: bytes) -> None:
        super().__init__(mcu, "SSI")
        self._unique_id = unique_id
        self._clock = mcu.clock
        self._finish = mcu.clock.create_alarm(self._finished)
        self.pending: Operation | None = None
        self.on_begin: Callable[[Operation], None] = lambda operation: None
        self.on_end: Callable[[Operation], None] = lambda operation: None
        self.sector_erases = 0
        self.page_programs = 0

    def _shift_byte(self, byte_out: int) -> int:
        answer = int(super()._shift_byte(byte_out))
        command, position = self._tx_buffer[0], len(self._tx_buffer) - 1
        if command == CMD_READ_STATUS_1 and position and self.pending is not None:
            if engine.FAST:
                self.rp2040.stall += _POLL_CYCLES
            return answer | _BUSY
        if command == _READ_UNIQUE_ID and position >= 5:
            return self._unique_id[(position - 5) % len(self._unique_id)]
        return answer

    def _apply_command(self) -> None:
        """Chip select went high: what was shifted in begins now."""
        command = self._tx_buffer[0] if self._tx_buffer else None
        if not self._write_enabled or self.pending is not None:
            if command in (CMD_SECTOR_ERASE, CMD_BLOCK_ERASE, CMD_PAGE_PROGRAM):
                self._tx_buffer = bytearray()
            else:
                super()._apply_command()
            return
        if command in (CMD_SECTOR_ERASE, CMD_BLOCK_ERASE) and len(self._tx_buffer) >= 4:
            size = SECTOR if command == CMD_SECTOR_ERASE else BLOCK
            ns = SECTOR_ERASE_NS if command == CMD_SECTOR_ERASE else BLOCK_ERASE_NS
            self._begin(self._address_from_buffer() & ~(size - 1), size, None, ns)
        elif command == CMD_PAGE_PROGRAM and len(self._tx_buffer) > 4:
            data = bytes(self._tx_buffer[4 : 4 + PAGE])
            self._begin(self._address_from_buffer(), len(data), data, PROGRAM_NS)
        else:
            super()._apply_command()
            return
        self._write_enabled = False
        self._tx_buffer = bytearray()

    def _begin(self, offset: int, size: int, data: bytes | None, ns: int) -> None:
        now = int(self._clock.nanos)
        self.pending = Operation(offset, size, data, now, now + ns)
        self._finish.schedule(float(ns))
        self.on_begin(self.pending)

    def _finished(self) -> None:
        operation = self.pending
        if operation is None:
            return
        self.pending = None
        flash = self.rp2040.flash
        if operation.data is None:
            self.sector_erases += operation.size // SECTOR
            flash[operation.offset : operation.offset + operation.size] = b"\xff" * operation.size
        else:
            self.page_programs += 1
            page = operation.offset & ~(PAGE - 1)
            for i, byte in enumerate(operation.data):  # a page wraps round within itself
                flash[page | (operation.offset + i & PAGE - 1)] &= byte
        self.on_end(operation)


class XipControl(RPXIPCtrl):
    """Flushing the cache empties the cache model."""

    def __init__(self, mcu: Any) -> None:
        super().__init__(mcu, "XIP_CTRL_BASE")

    def write_uint32(self, offset: int, value: int) -> None:
        if offset == FLUSH and engine.FAST:
            self.rp2040.xip_flush()
        super().write_uint32(offset, value)
