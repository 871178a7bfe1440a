"""IPMI Platform Management FRU Information Storage Definition v1.0, as far as a tray needs it."""

_EPOCH_UNIX = 820_454_400  # 1996-01-01 00:00 UTC, from which FRU dates count minutes
_ASCII8 = 0xC0
_END = 0xC1


def checksum(data: bytes) -> int:
    """The byte that makes the sum of all zero, modulo 256."""
    return -sum(data) & 0xFF


def _area(body: bytes) -> bytes:
    """Version, length in 8-byte units, body, padding, checksum."""
    length = -(-(len(body) + 3) // 8)
    area = bytes((1, length)) + body
    area += bytes(length * 8 - 1 - len(area))
    return area + bytes((checksum(area),))


def _field(text: str) -> bytes:
    data = text.encode("ascii")
    if len(data) > 63:
        raise ValueError(f"a FRU field holds at most 63 characters, not {len(data)}: {text!r}")
    return bytes((_ASCII8 | len(data),)) + data


def fru_image(
    *, maker: str, product: str, serial: str, part: str, made_unix_s: int = 1_767_225_600
) -> bytes:
    """Common header and board info area."""
    minutes = (made_unix_s - _EPOCH_UNIX) // 60
    body = b"\0" + minutes.to_bytes(3, "little")
    for text in (maker, product, serial, part, ""):
        body += _field(text)
    header = bytes((1, 0, 0, 1, 0, 0, 0))
    return header + bytes((checksum(header),)) + _area(body + bytes((_END,)))
