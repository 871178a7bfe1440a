"""Raw regions of the flash: erase a sector, program within a page, read.

An erase stops all code in flash for 45 ms (400 ms at worst), longer than SMBus lets a target
stretch the clock. So the SMBus target is taken off the bus first: the controller sees NACK,
as with an EEPROM in its write cycle, and tries again. One sector per detach.
"""

import sys
import time

import rom
import vfs
from _rp2 import Flash  # rp2.py wraps it, and brings 1.4 KB of names for PIO programs
from board import FLASH

SECTOR = 4096
PAGE = 256

# The boot ROM programs whole pages: whatever follows short data in RAM would be programmed too,
# round the end of the page. And it reads them with the flash off, so not from a frozen constant.
_SIXTEENTH = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
_page = bytearray(PAGE)

_PATIENCE_MS = 5
_PAUSE_US = 100

# MICROPY_HW_FLASH_STORAGE_BASE of the boards: what rp2.Flash counts from.
_STORAGE_BASE = FLASH["log"][0]


def mount_image(offset: int, size: int, path: str) -> None:
    """Mount a verified image of the ROMFS segment where it lies; modules are looked for in it
    last, so that none of it replaces frozen code."""
    vfs.mount(vfs.VfsRom(rom.view(offset, size)), path)
    sys.path.append(path)


class Region:
    """One named region of the board's flash map; offsets count from its start."""

    sector_size = SECTOR
    page_size = PAGE

    def __init__(self, name: str, bus: object) -> None:
        """`bus` is what must leave the bus during an erase: it has is_attached, is_busy(),
        detach() and attach()."""
        start, self.size = FLASH[name]
        if name == "romfs":
            self._flash = rom.segment()
            self.view = rom.view  # (offset, size): what lies there, without a copy
        else:
            self._flash = Flash(start=start - _STORAGE_BASE, len=self.size)
        self._bus = bus

    def read(self, offset: int, buffer: bytearray) -> None:
        """Fill `buffer` from `offset`."""
        self._check(offset, len(buffer))
        self._flash.readblocks(offset // SECTOR, buffer, offset % SECTOR)

    def program(self, offset: int, data: bytes) -> None:
        """Clear bits; `data` must not cross a page. 0.4 ms typically."""
        self._check(offset, len(data))
        at = offset % PAGE
        if at + len(data) > PAGE:
            raise ValueError("crosses a page")
        page = _page
        if len(data) < PAGE:
            page[:] = _SIXTEENTH * 16  # blank
        page[at : at + len(data)] = data
        self._flash.writeblocks(offset // SECTOR, page, offset % SECTOR - at)

    def erase(self, offset: int) -> None:
        """Set all bits of one sector, away from the bus."""
        self._check(offset, SECTOR)
        if offset % SECTOR:
            raise ValueError("not a sector")
        was_attached = self._bus.is_attached
        if was_attached:
            self._let_transaction_end()
            self._bus.detach()
        try:
            self._flash.ioctl(6, offset // SECTOR)
        finally:
            if was_attached:
                self._bus.attach()

    def _let_transaction_end(self) -> None:
        """The longest takes 3.4 ms at 100 kHz; who takes longer will find us gone."""
        for _ in range(_PATIENCE_MS * 1000 // _PAUSE_US):
            if not self._bus.is_busy():
                return
            time.sleep_us(_PAUSE_US)

    def _check(self, offset: int, length: int) -> None:
        if offset < 0 or offset + length > self.size:
            raise ValueError("outside the region")
