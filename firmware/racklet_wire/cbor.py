"""Deterministic CBOR (RFC 8949 section 4.2.1): one value, one encoding.

Values: int (-2**64 .. 2**64-1), bytes, str, list or tuple, dict, bool, None and Tag; map
keys are integers and strings.
Floats, undefined and other simple values are no part of this language.

The decoder reads what strangers sent. It refuses everything that the encoder would not
have written (indefinite lengths, heads longer than need be, keys unsorted or twice, text
that is not UTF-8), nesting deeper than DEPTH, more than ITEMS items and lengths beyond the
buffer, before it allocates for them; so its memory is bounded by the size of the input.
"""

import struct

DEPTH = 8  # arrays, maps and tags inside one another
ITEMS = 512  # in one document, keys and containers included

UINT, NINT, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)  # major types

_FALSE, _TRUE, _NULL = 20, 21, 22
_LENGTHS = ((24, ">B", 24), (25, ">H", 0x100), (26, ">I", 0x10000), (27, ">Q", 0x100000000))


class CborError(ValueError):
    """Not deterministic CBOR, or beyond the limits. The text says what and where."""


class CborEnd(CborError):
    """The data ends before the item does: more of a stream may mend it."""


class Tag:
    """A tagged value (major type 6)."""

    def __init__(self, number: int, value: object) -> None:
        self.number = number
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tag) and self.number == other.number and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.number)

    def __repr__(self) -> str:
        return f"Tag({self.number}, {self.value!r})"


def encode_head(major: int, argument: int) -> bytes:
    """The shortest head of a major type with its argument (0 .. 2**64-1)."""
    major <<= 5
    if argument < 24:
        return bytes((major | argument,))
    if argument < 0x100:
        return bytes((major | 24, argument))
    for info, layout, _ in _LENGTHS:
        if argument >> (8 << (info - 24)) == 0:
            return bytes((major | info,)) + struct.pack(layout, argument)
    raise CborError("integer needs more than 64 bits")


def encode(value: object) -> bytes:
    """The one deterministic encoding of `value`; CborError for what has none here."""
    if type(value) is int:  # what a log record mostly consists of comes first
        return encode_head(NINT, -1 - value) if value < 0 else encode_head(UINT, value)
    if isinstance(value, str):
        data = value.encode()
        return encode_head(TEXT, len(data)) + data
    if isinstance(value, (bytes, bytearray, memoryview)):
        return encode_head(BYTES, len(value)) + bytes(value)
    if isinstance(value, dict):
        pairs = sorted([(_encode_key(key), encode(item)) for key, item in value.items()])
        return encode_head(MAP, len(pairs)) + b"".join([key + item for key, item in pairs])
    if isinstance(value, (list, tuple)):
        return encode_head(ARRAY, len(value)) + b"".join([encode(item) for item in value])
    return _encode_other(value)


def _encode_other(value: object) -> bytes:
    if isinstance(value, Tag):
        return encode_head(TAG, value.number) + encode(value.value)
    # True == 1 in Python: the constants come before the integers.
    if value is None or value is True or value is False:
        return encode_head(SIMPLE, _NULL if value is None else _TRUE if value else _FALSE)
    if isinstance(value, int):  # an enumeration of the host
        return encode_head(NINT, -1 - value) if value < 0 else encode_head(UINT, value)
    raise CborError("no encoding for this type")


def _encode_key(key: object) -> bytes:
    if type(key) is int or _is_key(key):
        return encode(key)
    raise CborError("a map key is an integer or a string")


def _is_key(key: object) -> bool:
    # No constants: Python could not tell the keys 1 and true apart.
    return isinstance(key, (int, str, bytes)) and key is not True and key is not False


def decode_head(data: bytes | bytearray | memoryview, at: int) -> tuple[int, int, int]:
    """(major type, argument, offset behind the head) of the item that starts at `at`.

    The argument of a byte or text string is checked against nothing here: a caller that
    streams may not have the string yet.
    """
    if at >= len(data):
        raise CborEnd(f"ends early at {at}")
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if info < 24:
        return major, info, at
    if info > 27:
        raise CborError(f"indefinite or reserved length at {at - 1}")
    _, layout, least = _LENGTHS[info - 24]
    width = 1 << (info - 24)
    if at + width > len(data):
        raise CborEnd(f"ends early at {at}")
    argument: int = struct.unpack_from(layout, data, at)[0]
    if argument < least or major == SIMPLE:
        raise CborError(f"not the shortest form at {at - 1}")
    return major, argument, at + width


def decode(data: bytes | bytearray | memoryview) -> object:
    """The one value that `data` holds from its first to its last byte; or CborError."""
    value, end, _ = _item(data, 0, DEPTH, ITEMS)
    if end != len(data):
        raise CborError(f"more after the end at {end}")
    return value


def _item(
    data: bytes | bytearray | memoryview, at: int, depth: int, budget: int
) -> tuple[object, int, int]:
    """(value, offset behind it, items still allowed) of the item at `at`."""
    start = at
    major, argument, at = decode_head(data, at)
    budget -= 1
    if budget < (argument if major in (ARRAY, MAP) else 0):
        # Before anything is allocated for a count that a stranger wrote.
        raise CborError(f"more than {ITEMS} items")
    if major in (BYTES, TEXT):
        return _string(data, at, argument, major), at + argument, budget
    if major not in (ARRAY, MAP, TAG):
        return _plain(major, argument, start), at, budget
    if depth < 1:
        raise CborError(f"nested deeper than {DEPTH} at {start}")
    if major == MAP:
        return _map(data, at, argument, depth - 1, budget)
    items = []
    for _ in range(argument if major == ARRAY else 1):
        value, at, budget = _item(data, at, depth - 1, budget)
        items.append(value)
    return items if major == ARRAY else Tag(argument, items[0]), at, budget


def _plain(major: int, argument: int, start: int) -> object:
    if major == UINT:
        return argument
    if major == NINT:
        return -1 - argument
    if _FALSE <= argument <= _NULL:
        return (False, True, None)[argument - _FALSE]
    raise CborError(f"unknown simple value at {start}")


def _string(data: bytes | bytearray | memoryview, at: int, length: int, major: int) -> bytes | str:
    if length > len(data) - at:
        raise CborEnd(f"string at {at} is longer than the data")
    raw = bytes(data[at : at + length])
    if major == BYTES:
        return raw
    if not is_utf8(raw):
        raise CborError(f"text at {at} is not UTF-8")
    return str(raw, "utf-8")


def _map(
    data: bytes | bytearray | memoryview, at: int, count: int, depth: int, budget: int
) -> tuple[dict[object, object], int, int]:
    result: dict[object, object] = {}
    last = b""
    for _ in range(count):
        start = at
        key, at, budget = _item(data, at, depth, budget)
        if not _is_key(key):
            raise CborError(f"key at {start} is no integer and no string")
        encoded = bytes(data[start:at])
        if encoded <= last:
            raise CborError(f"key at {start} is out of order or there twice")
        last = encoded
        result[key], at, budget = _item(data, at, depth, budget)
    return result, at, budget


def is_utf8(raw: bytes) -> bool:
    """Whether `raw` is UTF-8 by RFC 3629: no overlong form, no surrogate, at most U+10FFFF.

    MicroPython's own check is laxer than CPython's; both ends must give one verdict.
    """
    at = 0
    while at < len(raw):
        first = raw[at]
        at += 1
        if first < 0x80:
            continue
        if not 0xC2 <= first <= 0xF4:
            return False
        more = 1 + (first >= 0xE0) + (first >= 0xF0)
        if at + more > len(raw):
            return False
        point = first & (0x3F >> more)
        for byte in raw[at : at + more]:
            if byte & 0xC0 != 0x80:
                return False
            point = point << 6 | byte & 0x3F
        if point < (0x80, 0x800, 0x10000)[more - 1] or 0xD800 <= point < 0xE000:
            return False
        if point > 0x10FFFF:
            return False
        at += more
    return True
