"""Settings: bounds from the schema, two copies in flash with version, sequence and CRC.

A copy is one sector: a header page written last and the body from the second page on. A new
copy takes the sector whose content is oldest, so a torn one leaves the former intact. What
a person set is stored; what equals the default is not, so that a better default of a later
firmware takes effect.
"""

import binascii
import struct
from array import array

from racklet_base.services.transient import forget
from racklet_wire import cbor, events

from .settings_bounds import BOUNDS

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
        schema = _schema()
        rows = schema.SCHEMA
        self._numbers = {_known(row[0]): number for number, row in enumerate(rows)}
        self._values = array("i", [row[3] for row in rows])
        # Numbers of settings, of which the first of two must stay below the second.
        self._order = bytes([self._numbers[name] for pair in schema.ORDER for name in pair])
        self._header = bytearray(_HEADER_SIZE)
        self.changes = 0
        self.restore()

    def __len__(self) -> int:
        return len(self._values)

    def names(self) -> "list[str]":
        """All settings in the order of their numbers."""
        return sorted(self._numbers, key=self._numbers.get)

    def name(self, number: int) -> str:
        """Of one setting; ValueError when there is none of that number."""
        for name, known in self._numbers.items():
            if known == number:
                return name
        raise ValueError("no such setting")

    def bounds(self, name: str) -> "tuple[int, int, int]":
        """Lowest, highest and default value; KeyError for an unknown name."""
        return _bounds(self._numbers[name])

    def order(self) -> "list[tuple[str, str]]":
        """Pairs of which the first must stay below the second."""
        return [(self.name(lower), self.name(upper)) for lower, upper in self._pairs()]

    def _pairs(self) -> "list[tuple[int, int]]":
        order = self._order
        return [(order[at], order[at + 1]) for at in range(0, len(order), 2)]

    def get(self, name: str) -> int:
        """The value in force; KeyError for an unknown name."""
        return self._values[self._numbers[name]]

    def set(self, name: str, value: int) -> None:
        """Put a value in force, in RAM only. ValueError, and no change, when it is out of
        bounds or contradicts another setting."""
        if name not in self._numbers:
            raise ValueError(f"no setting {name}")
        number = self._numbers[name]
        if not self._in_bounds(number, value):
            low, high, _ = _bounds(number)
            raise ValueError(f"{name} must be between {low} and {high}")
        for lower, upper in self._pairs():
            if number in (lower, upper):
                below = value if number == lower else self._values[lower]
                above = value if number == upper else self._values[upper]
                if below >= above:
                    raise ValueError(f"{self.name(lower)} must be below {self.name(upper)}")
        self._values[number] = value
        self.changes += 1

    def reset(self) -> None:
        """Defaults for everything but the calibration, in RAM only."""
        kept = _schema().CALIBRATION
        for name, number in self._numbers.items():
            if name not in kept:
                self._values[number] = _bounds(number)[2]
        self.changes += 1

    def store(self) -> None:
        """Write what is in force to flash: one sector erase and a few pages."""
        own = [item for item in self._numbers.items() if not self._is_default(item[1])]
        body = cbor.encode({name: self._values[number] for name, number in own})
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

    def _is_default(self, number: int) -> bool:
        return self._values[number] == _bounds(number)[2]

    def restore(self) -> None:
        """Load the newest whole copy; what was set but not stored is forgotten."""
        for number in range(len(self._values)):
            self._values[number] = _bounds(number)[2]
        self.refused = []
        self._sequence, self._sector = 0, -1
        self.damaged = False
        newest = {}
        for sector in range(self._sectors):
            sequence, body = self._copy(sector)
            if sequence > self._sequence:
                self._sequence, self._sector, newest = sequence, sector, body
            elif sequence < 1 and not self._header_is(0xFF):
                self.damaged = True
                # Torn, it must not read well some other day; a later firmware's is left alone.
                if sequence == 0 and not self._header_is(0x00):
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
            log.append(events.SETTING, error="no readable copy")
        for name in self.refused:
            log.append(events.SETTING, name=name, error="out of bounds")

    def _load(self, body: dict) -> None:
        """Take over what is in bounds; the rest keeps its default and is named."""
        for name, value in body.items():
            number = self._numbers.get(name)
            if number is not None and self._in_bounds(number, value):
                self._values[number] = value
            else:
                self.refused.append(name)
        while any(self._give_way(pair) for pair in self._pairs()):
            pass  # a default may contradict the next pair

    def _give_way(self, pair: "tuple[int, int]") -> bool:
        """Defaults for two that contradict each other; whether that changed any."""
        own = [number for number in pair if not self._is_default(number)]
        if not own or self._values[pair[0]] < self._values[pair[1]]:
            return False
        for number in own:
            self._values[number] = _bounds(number)[2]
            self.refused.append(self.name(number))
        return True

    def _in_bounds(self, number: int, value: object) -> bool:
        low, high, _ = _bounds(number)
        return isinstance(value, int) and low <= value <= high

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


def _bounds(number: int) -> "tuple[int, int, int]":
    """Lowest, highest and default value."""
    return struct.unpack_from("<iii", BOUNDS, 12 * number)


def _schema() -> object:
    """The table of settings, whose rows would take 4 KiB of RAM for ever."""
    from . import settings_schema  # noqa: PLC0415

    forget(settings_schema.__name__)
    return settings_schema


def _known(name: str) -> str:
    """The same text; the one in ROM when MicroPython knows it as a name."""
    return name.encode().decode()
