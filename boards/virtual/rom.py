"""The ROMFS segment of the virtual board, below the storage region."""

from _rp2 import Flash
from board import FLASH

_SECTOR = 4096
_STORAGE_BASE = FLASH["log"][0]


def segment() -> Flash:
    """A block device over the whole segment."""
    start, length = FLASH["romfs"]
    return Flash(start=start - _STORAGE_BASE, len=length)


def view(offset: int, size: int) -> memoryview:
    """A copy of these bytes of the segment: a process has no flash in its address space."""
    data = bytearray(size)
    segment().readblocks(offset // _SECTOR, data, offset % _SECTOR)
    return memoryview(data)
