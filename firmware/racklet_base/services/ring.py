"""A ring of records in raw NOR flash that survives a power cut at any instant.

One record is one 256-byte page, programmed once between two erases of its 4 KiB sector:

    0   sequence, u32 little-endian, from 1, without holes
    4   length of the payload
    5   payload
    ..  CRC-32 of all before
    ..  notes of three bytes, each FF until note() programs it
    254 FF until close() programs it to 00: the notes count no more
    255 mark, FF until mark() programs it to 00

What a cut leaves behind, and what is done about it at the next start:

* The page under way is torn. Its CRC is wrong, or it looks blank although single cells are
  half programmed. So what follows the last whole record, up to the first page that looks
  blank, is programmed to zeros and skipped; the sequence number is used again.
* The last record reads well, but weakly. Programming the same bytes again settles it.
* A sector under erasure may hold anything, or look blank and be weak. It is erased again
  before its first use after a start, except for a last record before the power goes.

`flash` is a region with `size`, `read(offset, buffer)`, `program(offset, data)` (inside one
page, bits go from 1 to 0) and `erase(offset)` (one sector).
"""

import binascii
import struct

SECTOR = 4096
PAGE = 256
CAPACITY = PAGE - 4 - 1 - 4 - 1  # payload bytes in a record

_PAGES = SECTOR // PAGE  # in a sector
_HEAD = "<IB"
_HEAD_SIZE = 5
_CLOSED = PAGE - 2
_MARK = PAGE - 1
_NOTE = 3
_NO_NOTE = b"\xff" * _NOTE
# A page. A literal, so that frozen firmware keeps it in flash.
_BLANK = (
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
)
# No record has these. A burnt page that is not quite erased may read FF FF FF FF 00 FF FF FF FF,
# of which the CRC-32 is right.
_NO_NUMBERS = (0, 0xFFFF_FFFF)


class Ring:
    """Append-only records; the oldest sector makes room for the next one.

    `first` and `last` are the oldest and newest sequence number kept, 0 while there is none.
    `marked` is the newest one that bears the mark.
    """

    def __init__(self, flash: object) -> None:
        self._flash = flash
        self._pages = flash.size // PAGE
        self._sectors = flash.size // SECTOR
        self._buffer = bytearray(PAGE)
        self._page = 0  # whose bytes are in the buffer
        self._sequence = 0  # and which sequence number it claims
        self._clean = -1  # sector proven to be erased, or -1
        self._position = 0  # page that the next record takes
        self._last_page = -1
        self._marked = None  # not looked for yet
        self.first = self.last = 0
        self._load()

    @property
    def marked(self) -> int:
        if self._marked is None:
            self._marked = self._newest_mark()
        return self._marked

    # --- reading ---------------------------------------------------------------

    def read(self, sequence: int) -> "bytes | None":
        """The payload of a record; None if it is not (or no longer) there or damaged."""
        if not self._find(sequence):
            return None
        return bytes(self._buffer[_HEAD_SIZE : _HEAD_SIZE + self._buffer[4]])

    def _find(self, sequence: int) -> bool:
        """Load the page of a record into the buffer."""
        if not self.first <= sequence <= self.last or not sequence:
            return False
        # Without skipped pages it lies so many pages back; with them, further.
        for steps in range(self.last - sequence, self._pages):
            if self._valid((self._last_page - steps) % self._pages):
                if self._sequence == sequence:
                    return True
                if self._sequence < sequence:
                    return False
        return False

    # --- writing ---------------------------------------------------------------

    def append(self, payload: bytes, last_gasp: bool = False) -> int:
        """Write a record; its sequence number. ValueError when it is longer than CAPACITY.

        Erases only when maintain() was not called in time, and never with `last_gasp`, when
        the power is going: then a sector that merely looks erased is good enough, and 0 is
        the answer if there is none.
        """
        if len(payload) > CAPACITY:
            raise ValueError("record too long")
        page = self._position
        if page % _PAGES == 0:
            if self._clean == page // _PAGES:
                self._clean = -1  # in use from now on
            elif not last_gasp:
                self._erase(page // _PAGES)
                self._clean = -1
            elif not self._blank(page):
                return 0
        record = struct.pack(_HEAD, self.last + 1, len(payload)) + payload
        record += struct.pack("<I", binascii.crc32(record))
        self._flash.program(page * PAGE, record)
        self.last += 1
        self.first = self.first or self.last
        self._last_page = page
        self._position = (page + 1) % self._pages
        return self.last

    def mark(self, sequence: int) -> bool:
        """Mark a record (say, as acknowledged). False if it is not there."""
        marked = self.marked
        if not self._find(sequence):
            return False
        self._flash.program(self._page * PAGE + _MARK, b"\x00")
        self._marked = max(marked, sequence)
        return True

    def note(self, sequence: int, number: int) -> bool:
        """Add a number (0 .. 0xFFFFFE) to a record; False if there is no room, or no record."""
        if not self._find(sequence):
            return False
        at = self._end_of_notes()
        if at + _NOTE > _CLOSED:
            return False
        self._flash.program(self._page * PAGE + at, number.to_bytes(4, "little")[:_NOTE])
        return True

    def notes(self, sequence: int) -> "tuple[int, int]":
        """Count and latest of a record's open notes; (0, 0) without any."""
        if not self._find(sequence) or self._buffer[_CLOSED] != 0xFF:
            return 0, 0
        begin, end = _HEAD_SIZE + self._buffer[4] + 4, self._end_of_notes()
        latest = int.from_bytes(self._buffer[end - _NOTE : end], "little")
        return (end - begin) // _NOTE, latest if end > begin else 0

    def close(self, sequence: int) -> None:
        """What the notes of a record say stands elsewhere now."""
        if self._find(sequence) and _HEAD_SIZE + self._buffer[4] + 4 <= _CLOSED:
            self._flash.program(self._page * PAGE + _CLOSED, b"\x00")

    def maintain(self) -> bool:
        """Erase the sector that comes next, so that append() never has to; whether that was due.

        Call it where a pause of one sector erase (45 ms, 400 at worst) does no harm.
        """
        sector = self._next_sector()
        if self._clean == sector:
            return False
        self._erase(sector)
        return True

    # --- inside ----------------------------------------------------------------

    def _next_sector(self) -> int:
        """The sector that is entered next."""
        return -(-self._position // _PAGES) % self._sectors

    def _erase(self, sector: int) -> None:
        self._flash.erase(sector * SECTOR)
        self._clean = sector
        self.first = self._oldest()

    def _valid(self, page: int) -> bool:
        """Load a page into the buffer; whether it holds a whole record."""
        buffer = self._buffer
        self._flash.read(page * PAGE, buffer)
        self._page = page
        self._sequence, length = struct.unpack_from(_HEAD, buffer)
        end = _HEAD_SIZE + length
        if length > CAPACITY or self._sequence in _NO_NUMBERS:
            return False
        return binascii.crc32(memoryview(buffer)[:end]) == struct.unpack_from("<I", buffer, end)[0]

    def _blank(self, page: int) -> bool:
        self._flash.read(page * PAGE, self._buffer)
        self._page = page
        return self._buffer == _BLANK

    def _first_in(self, sector: int) -> int:
        """The sequence number of the first whole record in a sector, or 0."""
        start = sector * _PAGES
        for page in range(start, start + _PAGES):
            if self._valid(page):
                return self._sequence
            if page == start and self._buffer == _BLANK:
                break  # a sector is filled from its start, and erased before its first use
        return 0

    def _oldest(self) -> int:
        """The oldest record kept: in the sector after the newest's that has any.

        Only the sector that comes next is ever erased ahead. So two in a row without a record
        say that the ring has not come round yet, and the oldest is most likely in sector 0.
        """
        newest = self._last_page // _PAGES
        ahead = [(newest + ahead) % self._sectors for ahead in range(1, self._sectors + 1)]
        for sector in ahead[:2] + [0] + ahead[2:]:
            sequence = self._first_in(sector)
            if 0 < sequence <= self.last:
                return sequence
        return 0

    def _candidates(self) -> "range | tuple[int, ...]":
        """The sectors that may hold the newest record; () when the ring is empty.

        Sector 0 is filled first, and after it the numbers rise up to the newest sector: so
        it is found by halving. All are looked at if one on the way is not in order.
        """
        low, high = 0, self._sectors
        first = self._first_in(0)
        if not first:
            # Never used, or erased ahead because the last one is full.
            is_empty = self._is_blank(0) and not self._first_in(high - 1)
            return () if is_empty and self._is_blank(high - 1) else range(high)
        while high - low > 1:
            middle = (low + high) // 2
            sequence = self._first_in(middle)
            if sequence > first:
                low = middle
            elif sequence or self._is_blank(middle):
                high = middle
            else:
                return range(self._sectors)
        return low, (low - 1) % self._sectors  # the only record in `low` may be a weak one

    def _is_blank(self, sector: int) -> bool:
        """Whether _first_in(sector), called just before, stopped at a blank page."""
        return self._page == sector * _PAGES

    def _load(self) -> None:
        """Find what is there, settle the last record, step over what may be torn."""
        newest = b""
        for sector in self._candidates():
            sequence = self._first_in(sector)
            # Equal numbers: a torn page that reads well now and then. The later one counts.
            later = (self._page - self._last_page) % self._pages < self._pages // 2
            if sequence > self.last or sequence == self.last != 0 and later:
                self.last, self._last_page = sequence, self._page
                newest = self._record()
        if not self.last:
            return
        for page in range(self._last_page + 1, self._end_of_sector()):
            if self._valid(page) and self._sequence >= self.last:
                self.last, self._last_page = self._sequence, page
                newest = self._record()
            elif self._buffer == _BLANK:
                break  # what looks blank is burnt before the page behind it is used
        # Its cells may be in between after a cut: the same bytes once more settle them.
        self._flash.program(self._last_page * PAGE, newest)
        self.first = self._oldest()
        position, burnt = self._last_page + 1, bytes(PAGE)
        while position % _PAGES:
            looks_blank = self._blank(position)
            if self._buffer != burnt:
                self._flash.program(position * PAGE, burnt)
            position += 1
            if looks_blank:
                break
        self._position = position % self._pages

    def _newest_mark(self) -> int:
        """Look back for the newest mark, a sector at a time: it is part of a start."""
        pages = bytearray(SECTOR)
        for back in range(self._sectors if self.last else 0):
            sector = (self._last_page // _PAGES - back) % self._sectors
            self._flash.read(sector * SECTOR, pages)
            for page in range(_PAGES - 1, -1, -1):
                if pages[page * PAGE + _MARK] == 0xFF:
                    continue
                if self._valid(sector * _PAGES + page) and self._sequence <= self.last:
                    return self._sequence
            if struct.unpack_from(_HEAD, pages)[0] == self.first:
                break
        return 0

    def _end_of_sector(self) -> int:
        """The first page behind the sector of the last record."""
        return (self._last_page // _PAGES + 1) * _PAGES

    def _end_of_notes(self) -> int:
        """Where the next note goes in the page in the buffer."""
        at = _HEAD_SIZE + self._buffer[4] + 4
        while at + _NOTE <= _CLOSED and self._buffer[at : at + _NOTE] != _NO_NOTE:
            at += _NOTE
        return at

    def _record(self) -> bytes:
        """The record in the buffer, without what follows it."""
        return bytes(self._buffer[: _HEAD_SIZE + self._buffer[4] + 4])
