"""IPMI Platform Management FRU Information Storage Definition v1.0 rev 1.3: who is this unit?

Board and product area are read. An area with a wrong checksum, version or length is refused
whole: nothing of a damaged area is believed, and nothing is guessed.
"""

# Fields of each area in their order (sections 11 and 12), by the names of the inventory; ""
# are read over. The board's product name is the `product`; the product area's is the `name`.
_BOARD = ("manufacturer", "product", "serial", "part", "")
_PRODUCT = ("", "name", "", "revision", "", "asset", "")

_VERSION = 1
_ASCII = 3  # type code 11b: 8-bit Latin 1 in English
_END = 0xC1
_HEADER = 8
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class FruError(ValueError):
    """The EEPROM does not hold valid FRU information. The text says what is wrong."""


def read_fru(eeprom: object) -> "dict[str, str]":
    """The fields that an EEPROM with `read(offset, length)` holds, and the board's `date`."""
    header = eeprom.read(0, _HEADER)
    if header[0] != _VERSION:
        raise FruError("no FRU header")
    if sum(header) & 0xFF:
        raise FruError("FRU header checksum")
    if not header[3]:
        raise FruError("no board area")
    fru = parse_board(_area(eeprom, header[3] * 8))
    if header[4]:
        product = parse_product(_area(eeprom, header[4] * 8))
        fru.update(product)
    return fru


def parse_board(area: bytes) -> "dict[str, str]":
    """manufacturer, product, serial, part, and the date of manufacture, "" when not given."""
    _check(area, "board")
    fields = _fields(area, 6, _BOARD)
    fields["date"] = date_text(area[3] | area[4] << 8 | area[5] << 16)
    return fields


def parse_product(area: bytes) -> "dict[str, str]":
    """name, revision and asset tag."""
    _check(area, "product")
    return _fields(area, 3, _PRODUCT)


def date_text(minutes: int) -> str:
    """Minutes since 1996-01-01 UTC as YYYY-MM-DD; "" for 0, which means unknown."""
    if not minutes:
        return ""
    day, year, month = minutes // 1440, 1996, 0
    while day >= (length := 366 if year % 4 == 0 else 365):  # the field ends in 2027
        day, year = day - length, year + 1
    while day >= (length := _MONTHS[month] + (month == 1 and year % 4 == 0)):
        day, month = day - length, month + 1
    return f"{year}-{month + 1:02d}-{day + 1:02d}"


def _area(eeprom: object, start: int) -> bytes:
    length = eeprom.read(start, 2)[1] * 8
    return eeprom.read(start, length)


def _check(area: bytes, name: str) -> None:
    if len(area) < _HEADER or area[0] != _VERSION or area[1] * 8 != len(area):
        raise FruError(f"{name} area version or length")
    if sum(area) & 0xFF:
        raise FruError(f"{name} area checksum")


def _fields(area: bytes, at: int, names: "tuple[str, ...]") -> "dict[str, str]":
    fields = {}
    for name in names:
        if area[at] == _END:
            break  # the rest of the fields is left out
        kind, end = area[at] >> 6, at + 1 + (area[at] & 0x3F)
        if end >= len(area) - 1:
            raise FruError("field longer than its area")
        if name:
            fields[name] = _text(area[at + 1 : end], kind)
        at = end
    return fields


def _text(data: bytes, kind: int) -> str:
    """Printable ASCII; other encodings and bytes are shown in hex, never guessed."""
    if kind == _ASCII and all(0x20 <= byte < 0x7F for byte in data):
        return data.decode()
    return data.hex()
