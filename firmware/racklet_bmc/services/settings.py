"""Settings: bounds from the schema, two copies in flash with version, sequence and CRC.

A copy is one sector: a header page written last and the body from the second page on. A new
copy takes the sector whose content is oldest, so a torn one leaves the former intact. What
a person set is stored; what equals the default is not, so that a better default of a later
firmware takes effect.
"""

import binascii
import struct

from racklet_wire import cbor

from .settings_schema import ORDER, SCHEMA

VERSION = 1

_SECTOR = 4096
_PAGE = 256
_MAGIC = b"RKST"
_HEADER = "<4sIHHI"  # magic, sequence, version, length and CRC-32 of the body
_HEADER_SIZE = struct.calcsize(_HEADER) + 4  # and a CRC-32 of the header itself


class Settings:
    """`get`, `set`, `store`, `restore`. `damaged` says that only defaults could be loaded
    although something had been stored; `refused` names stored settings out of bounds."""

    def __init__(self, flash: object) -> None:
        self._flash = flash
        self._sectors = flash.size // _SECTOR
        self._rows = {row[0]: row for row in SCHEMA}
        self._values = {}
        self._sequence = 0
        self._sector = -1
        self.damaged = False
        self.refused = []
        self.restore()

    def names(self) -> "list[str]":
        """All settings in the order of their numbers."""
        return [row[0] for row in SCHEMA]

    def bounds(self, name: str) -> "tuple[int, int, int]":
        """Lowest, highest and default value; KeyError for an unknown name."""
        return self._rows[name][1:]

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
        if not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"{name} must be between {low} and {high}")
        for lower, upper in ORDER:
            below = value if name == lower else self.get(lower)
            above = value if name == upper else self.get(upper)
            if name in (lower, upper) and below >= above:
                raise ValueError(f"{lower} must be below {upper}")
        self._values[name] = value

    def reset(self) -> None:
        """Defaults for everything, in RAM only."""
        self._values = {}

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
        copies = sorted(self._copies(), reverse=True)
        self.damaged = not copies and not self._blank()
        self._values = {}
        self.refused = []
        for sequence, sector, body in copies[:1]:
            self._sequence, self._sector = sequence, sector
            self._load(body)

    def _load(self, body: dict) -> None:
        """Take over what is in bounds; the rest keeps its default and is named."""
        for name, value in body.items():
            try:
                self.set(name, value)
            except ValueError:
                self.refused.append(name)

    def _copies(self) -> "list[tuple[int, int, dict]]":
        found = []
        header = bytearray(_HEADER_SIZE)
        for sector in range(self._sectors):
            start = sector * _SECTOR
            self._flash.read(start, header)
            magic, sequence, version, length, crc = struct.unpack_from(_HEADER, header)
            check = struct.unpack_from("<I", header, _HEADER_SIZE - 4)[0]
            if magic != _MAGIC or binascii.crc32(header[: _HEADER_SIZE - 4]) != check:
                continue
            body = bytearray(min(length, _SECTOR - _PAGE))
            self._flash.read(start + _PAGE, body)
            if binascii.crc32(body) == crc and version <= VERSION:
                found.append((sequence, sector, cbor.decode(bytes(body))))
        return found

    def _blank(self) -> bool:
        start = bytearray(_HEADER_SIZE)
        for sector in range(self._sectors):
            self._flash.read(sector * _SECTOR, start)
            if start != b"\xff" * _HEADER_SIZE:
                return False
        return True
