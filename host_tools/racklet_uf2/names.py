"""The names of the application, frozen with the base.

A module from an image keeps every name that the firmware does not know yet in RAM, and looks
for it in a list that grows. Frozen names cost neither. So a module that merely mentions them is
frozen; nobody imports it. An image with other names runs as well, and pays for those.
"""

from collections.abc import Iterator
from keyword import iskeyword

from racklet.errors import RackletError
from racklet.images import build_image, romfs

from racklet_uf2 import OUTPUT, BuildError

MODULE = OUTPUT / "application_names.py"


def write(board: str) -> None:
    """Write MODULE for the application as it is now."""
    try:
        names = sorted({name for _, mpy in romfs.files(build_image(board)) for name in qstrs(mpy)})
    except RackletError as error:
        raise BuildError(f"{error.message}; {error.hint}") from None
    lines = [
        f"    x.{name}" if name.isidentifier() and not iskeyword(name) else f"    x({name!r})"
        for name in names
        if "/" not in name and "<" not in name
    ]
    text = "\n".join(
        [f'"""Generated: names of the application ({len(lines)})."""', "def _(x):"] + lines
    )
    MODULE.parent.mkdir(parents=True, exist_ok=True)
    if not MODULE.exists() or MODULE.read_text() != text + "\n":
        MODULE.write_text(text + "\n")


def qstrs(mpy: bytes) -> Iterator[str]:
    """The names that a compiled module brings (MicroPython, py/persistentcode.c: load_qstr)."""
    if mpy[:2] != b"M\x06":
        return  # the file that says what the image is
    at = 4
    count, at = _number(mpy, at)
    _, at = _number(mpy, at)
    for _ in range(count):
        length, at = _number(mpy, at)
        if length & 1:
            continue  # one that every MicroPython has
        yield mpy[at : at + (length >> 1)].decode()
        at += (length >> 1) + 1


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if data[at - 1] < 0x80:
            return value, at
