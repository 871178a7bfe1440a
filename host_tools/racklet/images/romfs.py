"""ROMFS, MicroPython's read-only file system, written and listed.

Format: the comment at the top of extmod/vfs_rom.c of MicroPython 1.26. Everything is a
record: kind, length of the payload, payload; both numbers are big-endian groups of seven
bits, the top bit set in all but the last. The image is one record of the kind whose
encoding is MAGIC, and its payload the records of the top directory.
"""

from collections.abc import Iterator, Mapping

from racklet.errors import FileProblem

MAGIC = b"\xd2\xcd\x31"
_DATA, _DIRECTORY, _FILE = 2, 4, 5

Tree = Mapping[str, "bytes | Tree"]


def pack(tree: Tree) -> bytes:
    """The image of a tree of files (bytes) and folders (trees): one tree, one image."""
    body = _records(tree)
    length = number(len(body))
    if (len(MAGIC) + len(length) + len(body)) % 2:
        length = b"\x80" + length  # the format wants an even size
    return MAGIC + length + body


def _records(tree: Tree) -> bytes:
    return b"".join(_record_of(name, tree[name]) for name in sorted(tree))


def _record_of(name: str, content: "bytes | Tree") -> bytes:
    encoded = name.encode("ascii")
    named = number(len(encoded)) + encoded
    if isinstance(content, bytes):
        return _record(_FILE, named + _record(_DATA, content))
    return _record(_DIRECTORY, named + _records(content))


def _record(kind: int, payload: bytes) -> bytes:
    return number(kind) + number(len(payload)) + payload


def number(value: int) -> bytes:
    """A number as ROMFS and .mpy files have it."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.insert(0, 0x80 | value & 0x7F)
    return bytes(groups)


def files(image: bytes) -> Iterator[tuple[str, bytes]]:
    """(path, content) of every file in an image; FileProblem if it is none."""
    if not image.startswith(MAGIC):
        raise FileProblem("not a ROMFS image")
    try:
        length, at = read_number(image, len(MAGIC))
        yield from _files(image[at : at + length], "")
    except (IndexError, UnicodeDecodeError):
        raise FileProblem("a ROMFS image that ends early") from None


def _files(records: bytes, folder: str) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at < len(records):
        kind, at = read_number(records, at)
        length, at = read_number(records, at)
        payload, at = records[at : at + length], at + length
        if len(payload) != length:
            raise IndexError
        if kind not in (_DIRECTORY, _FILE):
            continue  # padding, and kinds of later versions
        size, start = read_number(payload, 0)
        path = folder + payload[start : start + size].decode("ascii")
        inside = payload[start + size :]
        if kind == _DIRECTORY:
            yield from _files(inside, path + "/")
        else:
            yield path, _content(inside)


def _content(records: bytes) -> bytes:
    kind, at = read_number(records, 0)
    length, at = read_number(records, at)
    if kind != _DATA:
        raise FileProblem("a ROMFS image with data elsewhere")
    return records[at : at + length]


def read_number(data: bytes, at: int) -> tuple[int, int]:
    """The number at a place, and the place after it."""
    value = 0
    while True:
        byte = data[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
