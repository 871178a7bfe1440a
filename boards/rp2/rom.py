"""The ROMFS segment of the rp2 port, which `rp2.Flash` does not reach."""

import vfs

_GET_SEGMENT = 2


def segment() -> object:
    """A block device over the whole segment."""
    return vfs.rom_ioctl(_GET_SEGMENT, 0)
