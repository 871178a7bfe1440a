"""The ROMFS segment of the rp2 port, which `rp2.Flash` does not reach."""

import vfs

_GET_SEGMENT = 2


def segment() -> object:
    """A block device over the whole segment."""
    return vfs.rom_ioctl(_GET_SEGMENT, 0)


def view(offset: int, size: int) -> memoryview:
    """Bytes of the segment as they lie in the address space; nothing is copied."""
    return memoryview(segment())[offset : offset + size]
