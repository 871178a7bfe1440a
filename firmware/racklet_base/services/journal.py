"""The latest value of something small, kept in raw flash through any power cut.

Records of one size are appended over two or more sectors. The valid record with the highest
number counts; a torn one fails its CRC and the one before it still stands, because only a
sector that does not hold the latest record is ever erased.
"""

import binascii
import struct

_HEADER = "<IIH"  # CRC-32 of what follows, record number, length of the data
_HEADER_SIZE = struct.calcsize(_HEADER)


class Journal:
    def __init__(self, flash, record_size: int) -> None:
        """`flash` is a region of at least two sectors; `record_size` divides a sector and is
        a divisor or a multiple of a page. A record holds 10 bytes less than that."""
        self._flash = flash
        self._size = record_size
        self._sectors = flash.size // flash.sector_size
        self._number = 0
        self._at = -1  # offset of the latest record
        self._data = None
        for sector in range(self._sectors):
            self._scan(sector * flash.sector_size)

    def latest(self) -> "bytes | None":
        """The data of the last record that was completely written, or None."""
        return self._data

    def append(self, data: bytes) -> None:
        """Make `data` the latest; OSError, and the old one stands, when it does not read back."""
        if len(data) > self._size - _HEADER_SIZE:
            raise ValueError("too long for a record")
        body = struct.pack("<IH", self._number + 1, len(data)) + data
        record = struct.pack("<I", binascii.crc32(body)) + body
        at = self._free_slot()
        page = self._flash.page_size
        for start in range(0, len(record), page):
            self._flash.program(at + start, record[start : start + page])
        written = bytearray(len(record))
        self._flash.read(at, written)
        if written != record:
            raise OSError("flash does not hold what was written")
        self._number, self._at, self._data = self._number + 1, at, data

    def _free_slot(self) -> int:
        sector_size = self._flash.sector_size
        slot = bytearray(self._size)
        at = self._at
        while at >= 0 and (at + self._size) % sector_size:
            at += self._size
            self._flash.read(at, slot)
            if slot.count(b"\xff") == self._size:
                return at
        sector = (self._at // sector_size + 1) % self._sectors if self._at >= 0 else 0
        self._flash.erase(sector * sector_size)
        return sector * sector_size

    def _scan(self, start: int) -> None:
        slot = bytearray(self._size)
        for at in range(start, start + self._flash.sector_size, self._size):
            self._flash.read(at, slot)
            if slot.count(b"\xff") == self._size:
                return  # the first blank slot is the next one to be used
            crc, number, length = struct.unpack_from(_HEADER, slot)
            end = _HEADER_SIZE + length
            if end > self._size or number <= self._number:
                continue
            if binascii.crc32(memoryview(slot)[4:end]) == crc:
                self._number, self._at = number, at
                self._data = bytes(slot[_HEADER_SIZE:end])
