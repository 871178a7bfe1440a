"""Slots A and B: where firmware images lie in the flash.

The segment's first sector stays blank, because MicroPython mounts by itself what lies there.
Each slot is whole sectors: first the head (the signed envelope without its payload), then
the payload, so that it can be mounted and run in place.
"""

import struct

from racklet_wire import suit

A, B = 0, 1
NONE = 0xFF

# Head sector: this header, the head from HEAD_AT on, and from MARKS_AT on one byte for each
# payload sector that is cleared once that sector is completely written.
_HEADER = "<4sHI"  # magic, size of the head, transfer id
_MAGIC = b"RKS1"
_HEAD_AT = 256
_MARKS_AT = 2048


class Slot:
    def __init__(self, flash, start: int, size: int) -> None:
        self._flash = flash
        self._start = start
        self.payload_at = start + flash.sector_size
        self.capacity = size - flash.sector_size

    def open(self, head: bytes, transfer_id: int) -> None:
        """Forget what was here and note the head of what comes."""
        self._flash.erase(self._start)
        page = self._flash.page_size
        for at in range(0, len(head), page):
            self._flash.program(self._start + _HEAD_AT + at, head[at : at + page])
        # The header last: with it the head is complete.
        self._flash.program(self._start, struct.pack(_HEADER, _MAGIC, len(head), transfer_id))

    def forget(self) -> None:
        self._flash.erase(self._start)

    def write_page(self, offset: int, data) -> None:
        """Program one page, or the last part of one; each sector is erased when first met."""
        sector = offset // self._flash.sector_size
        if offset % self._flash.sector_size == 0:
            self._flash.erase(self.payload_at + offset)
        self._flash.program(self.payload_at + offset, data)
        if (offset + self._flash.page_size) % self._flash.sector_size == 0:
            self._flash.program(self._start + _MARKS_AT + sector, b"\x00")

    def pieces(self, size: int, step: int):
        """The first bytes of the payload, piece by piece: where they lie, if they can be seen."""
        view = getattr(self._flash, "view", None)
        seen = None if view is None else view(self.payload_at, size)
        buffer = memoryview(bytearray(step)) if seen is None else None
        for at in range(0, size, step):
            if seen is not None:
                yield seen[at : at + step]
                continue
            piece = buffer[: min(step, size - at)]
            self._flash.read(self.payload_at + at, piece)
            yield piece

    def head(self) -> "tuple[bytes, int] | None":
        """(head, transfer id) as stored, unverified; None when there is none."""
        header = bytearray(struct.calcsize(_HEADER))
        self._flash.read(self._start, header)
        magic, size, transfer_id = struct.unpack(_HEADER, header)
        if magic != _MAGIC or not 0 < size <= suit.HEAD_MAX:
            return None
        head = bytearray(size)
        self._flash.read(self._start + _HEAD_AT, head)
        return bytes(head), transfer_id

    def written(self) -> int:
        """Bytes of the payload that are known to be written: whole sectors from its start."""
        marks = bytearray(self.capacity // self._flash.sector_size)
        self._flash.read(self._start + _MARKS_AT, marks)
        sectors = 0
        while sectors < len(marks) and marks[sectors] == 0:
            sectors += 1
        return sectors * self._flash.sector_size


def slots(flash) -> "tuple[Slot, Slot]":
    """Slots A and B of the ROMFS segment."""
    sector = flash.sector_size
    size = (flash.size // sector - 1) // 2 * sector
    return Slot(flash, sector, size), Slot(flash, sector + size, size)
