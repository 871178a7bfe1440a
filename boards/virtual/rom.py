"""The ROMFS segment of the virtual board, below the storage region."""

import rp2
from board import FLASH

_STORAGE_BASE = FLASH["log"][0]


def segment() -> rp2.Flash:
    """A block device over the whole segment."""
    start, length = FLASH["romfs"]
    return rp2.Flash(start=start - _STORAGE_BASE, len=length)
