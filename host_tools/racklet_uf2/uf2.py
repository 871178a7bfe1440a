"""UF2, the format of the BOOTSEL drive (https://github.com/microsoft/uf2).

A file is a row of 512-byte blocks, each with a 32-byte header, 256 bytes of flash and a magic
number at its end. The family id keeps a chip from taking another chip's file.
"""

import struct
from collections.abc import Sequence

FAMILY_RP2040 = 0xE48BFF56
FLASH_BASE = 0x1000_0000
FLASH_WINDOW = 16 * 1024 * 1024  # what the chip can map; more would be another chip's file

_HEADER = struct.Struct("<8I")
_MAGIC = (0x0A324655, 0x9E5D5157)
_MAGIC_END = struct.pack("<I", 0x0AB16F30)
_FAMILY_PRESENT = 0x2000
_PAYLOAD = 256
_BLOCK = 512


class NotUf2(ValueError):
    """The bytes are not a UF2 that this board takes; the message says why."""


def wrap(binary: bytes, base: int = FLASH_BASE, family: int = FAMILY_RP2040) -> bytes:
    """The binary as a UF2; the last page is filled with zeros."""
    return wrap_pieces([(0, binary)], base, family)


def wrap_pieces(
    pieces: Sequence[tuple[int, bytes]], base: int = FLASH_BASE, family: int = FAMILY_RP2040
) -> bytes:
    """(offset, bytes) of parts of the flash as one UF2. Sectors that no piece touches keep what
    they hold; an offset is a multiple of a page."""
    pages = [
        (base + offset + at, binary[at : at + _PAYLOAD])
        for offset, binary in pieces
        for at in range(0, len(binary), _PAYLOAD)
    ]
    out = bytearray()
    for number, (address, page) in enumerate(pages):
        fields = (_FAMILY_PRESENT, address, _PAYLOAD, number, len(pages), family)
        out += _HEADER.pack(*_MAGIC, *fields)
        out += page.ljust(_BLOCK - _HEADER.size - len(_MAGIC_END), b"\0") + _MAGIC_END
    return bytes(out)


def unwrap(file: bytes, base: int = FLASH_BASE, family: int = FAMILY_RP2040) -> bytes:
    """The binary inside a UF2, from `base` on; gaps read as erased flash (0xFF).

    Raises NotUf2 for anything that the chip's boot ROM would not take as a whole.
    """
    if not file or len(file) % _BLOCK:
        raise NotUf2(f"{len(file)} bytes are not whole blocks of {_BLOCK}")
    out = bytearray()
    for index in range(0, len(file), _BLOCK):
        block = file[index : index + _BLOCK]
        first, second, flags, address, size, number, count, its_family = _HEADER.unpack_from(block)
        if (first, second) != _MAGIC or block[-4:] != _MAGIC_END:
            raise NotUf2(f"block {index // _BLOCK} lacks the UF2 magic numbers")
        if not flags & _FAMILY_PRESENT or its_family != family:
            raise NotUf2(f"family 0x{its_family:08x} is not that of the RP2040 (0x{family:08x})")
        if number != index // _BLOCK or count != len(file) // _BLOCK:
            raise NotUf2(f"block {index // _BLOCK} says it is {number} of {count}")
        if size != _PAYLOAD or address % _PAYLOAD or not 0 <= address - base < FLASH_WINDOW:
            raise NotUf2(f"block {number} writes {size} bytes at 0x{address:08x}")
        end = address - base + size
        out += b"\xff" * (end - len(out))
        out[end - size : end] = block[_HEADER.size : _HEADER.size + size]
    return bytes(out)
