"""Settings: bounds from the schema, two copies in flash with version, sequence and CRC.

A copy is one sector: a header page written last and the body from the second page on. A new
copy takes the sector whose content is oldest, so a torn one leaves the former intact. What
a person set is stored; what equals the default is not, so that a better default of a later
firmware takes effect.
"""

import binascii
import struct

from racklet_wire import cbor, events

from .settings_schema import CALIBRATION, ORDER, SCHEMA

VERSION = 1

_SECTOR = 4096
_PAGE = 256
_MAGIC = b"RKST"
_HEADER = "<4sIHHI"  # magic, sequence, version, length and CRC-32 of the body
_HEADER_SIZE = struct.calcsize(_HEADER) + 4  # and a CRC-32 of the header itself


class Settings:
    """`get`, `set`, `store`, `restore`. `damaged` says that only defaults could be loaded
    although something had been stored; `refused` names stored settings out of bounds.
    `changes` counts whatever may have changed a value."""

    def __init__(self, flash: object) -> None:
        self._flash = flash
        self._sectors = flash.size // _SECTOR
        self._rows = {row[0]: row for row in SCHEMA}
        self._header = bytearray(_HEADER_SIZE)
        self.changes = 0
        self.restore()

    def names(self) -> "list[str]":
        """All settings in the order of their numbers."""
        return [row[0] for row in SCHEMA]

    def bounds(self, name: str) -> "tuple[int, int, int]":
        """Lowest, highest and default value; KeyError for an unknown name."""
        return self._rows[name][1:]

    def order(self) -> "tuple[tuple[str, str], ...]":
        """Pairs of which the first must stay below the second."""
        return ORDER

    def get(self, name: str) -> int:
        """The value in force; KeyError for an unknown name."""
        value = self._values.get(name)
        return self._rows[name][3] if value is None else value

    def set(self, name: str, value: int) -> None:
        """Put a value in force, in RAM only. ValueError, and no change, when it is out of
        bounds or contradicts another setting."""
        if name not in self._rows:
            raise ValueError(f"no setting {name}")
        _, low, high, _ = self._rows[name]
        if not self._in_bounds(name, value):
            raise ValueError(f"{name} must be between {low} and {high}")
        for lower, upper in ORDER:
            below = value if name == lower else self.get(lower)
            above = value if name == upper else self.get(upper)
            if name in (lower, upper) and below >= above:
                raise ValueError(f"{lower} must be below {upper}")
        self._values[name] = value
        self.changes += 1

    def reset(self) -> None:
        """Defaults for everything but the calibration, in RAM only."""
        for name, _, _, _ in SCHEMA:
            if name not in CALIBRATION:
                self._values.pop(name, None)
        self.changes += 1

    def store(self) -> None:
        """Write what is in force to flash: one sector erase and a few pages."""
        own = {name: self._values[name] for name in self._values if not self._is_default(name)}
        body = cbor.encode(own)
        sector = (self._sector + 1) % self._sectors
        self._flash.erase(sector * _SECTOR)
        for at in range(0, len(body), _PAGE):
            self._flash.program(sector * _SECTOR + _PAGE + at, body[at : at + _PAGE])
        header = struct.pack(
            _HEADER, _MAGIC, self._sequence + 1, VERSION, len(body), binascii.crc32(body)
        )
        header += struct.pack("<I", binascii.crc32(header))
        self._flash.program(sector * _SECTOR, header)
        self._sector = sector
        self._sequence += 1

    def _is_default(self, name: str) -> bool:
        return self._values[name] == self._rows[name][3]

    def restore(self) -> None:
        """Load the newest whole copy; what was set but not stored is forgotten."""
        self._values = {}
        self.refused = []
        self._sequence, self._sector = 0, -1
        self.damaged = False
        newest = {}
        for sector in range(self._sectors):
            sequence, body = self._copy(sector)
            if sequence > self._sequence:
                self._sequence, self._sector, newest = sequence, sector, body
            elif sequence == 0 and not self._header_is(0xFF):
                self.damaged = True
                if not self._header_is(0x00):  # torn: it must not read well some other day
                    self._flash.program(sector * _SECTOR, bytes(_HEADER_SIZE))
        if self._sequence:
            self.damaged = False
            self._copy(self._sector)
            self._flash.program(self._sector * _SECTOR, self._header)  # settle weak cells
        self._load(newest)
        self.changes += 1

    def report(self, log: object) -> None:
        """Tell the log for what the defaults are in force although something else was stored."""
        if self.damaged:
            log.append(events.SETTING, error="no whole copy")
        for name in self.refused:
            log.append(events.SETTING, name=name, error="out of bounds")

    def _load(self, body: dict) -> None:
        """Take over what is in bounds; the rest keeps its default and is named."""
        for name, value in body.items():
            if self._in_bounds(name, value):
                self._values[name] = value
            else:
                self.refused.append(name)
        for pair in ORDER:
            if self.get(pair[0]) >= self.get(pair[1]):
                for name in pair:
                    if self._values.pop(name, None) is not None:
                        self.refused.append(name)

    def _in_bounds(self, name: str, value: object) -> bool:
        row = self._rows.get(name)
        return row is not None and isinstance(value, int) and row[1] <= value <= row[2]

    def _copy(self, sector: int) -> "tuple[int, dict]":
        """Sequence and content of the copy in a sector.

        The sequence is 0 if there is no whole copy, and -1 if a later firmware wrote it.
        """
        header = self._header
        self._flash.read(sector * _SECTOR, header)
        magic, sequence, version, length, crc = struct.unpack_from(_HEADER, header)
        check = struct.unpack_from("<I", header, _HEADER_SIZE - 4)[0]
        sound = binascii.crc32(memoryview(header)[: _HEADER_SIZE - 4]) == check
        if not sound or magic != _MAGIC or length > _SECTOR - _PAGE:
            return 0, {}
        if version > VERSION:
            return -1, {}
        body = bytearray(length)
        self._flash.read(sector * _SECTOR + _PAGE, body)
        if binascii.crc32(body) != crc:
            return 0, {}
        return sequence, cbor.decode(bytes(body))

    def _header_is(self, byte: int) -> bool:
        return self._header == bytes([byte]) * _HEADER_SIZE
