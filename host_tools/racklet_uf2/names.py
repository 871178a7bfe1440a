"""The names of the application and of its modules, frozen with the base.

What the firmware does not know by name yet is kept in RAM: every identifier of a module from an
image, and the name, path and source file of every module that is imported. Frozen names cost
nothing. So a module without code that lists them is frozen; nobody imports it. An image with
other names runs as well, and pays for those.
"""

import ast
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from racklet.errors import RackletError
from racklet.images import build_image, romfs

from racklet_uf2 import OUTPUT, REPOSITORY, BuildError

MODULE = OUTPUT / "application_names.mpy"

_FIRMWARE = REPOSITORY / "firmware"
_MPY = b"M\x06"  # how a compiled module begins
# Kinds of constants in it (py/persistentcode.h): none, true and the like; texts; numbers; tuples.
_PLAIN, _STR, _BYTES, _TUPLE = range(5), 5, 6, 10
_ASYNCIO = ("asyncio.core", "asyncio.event", "asyncio.funcs")


def write(board: str, compiler: Path) -> None:
    """Write MODULE for the application as it is now; `compiler` is mpy-cross."""
    try:
        files = dict(romfs.files(build_image(board)))
    except RackletError as error:
        raise BuildError(f"{error.message}; {error.hint}") from None
    modules = [path for path, content in files.items() if content[:2] == _MPY]
    names = {name for path in modules for name in (*qstrs(files[path]), *words(files[path]))}
    names.update(f"{_mounted_at()}/{path}" for path in modules)
    names.update(_ASYNCIO)
    base = [file.relative_to(_FIRMWARE).as_posix() for file in _FIRMWARE.glob("racklet_*/**/*.py")]
    for path in modules + base:
        dotted = path.rpartition(".")[0].removesuffix("/__init__").replace("/", ".")
        names.update((dotted, dotted.rpartition(".")[2]))
    content = _module(sorted(names), compiler)
    MODULE.parent.mkdir(parents=True, exist_ok=True)
    if not MODULE.exists() or MODULE.read_bytes() != content:
        MODULE.write_bytes(content)


def _mounted_at() -> str:
    """Where the first stage mounts the application."""
    tree = ast.parse((_FIRMWARE / "racklet_base" / "first_stage.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_PATH":
            return str(ast.literal_eval(node.value))
    raise BuildError("racklet_base/first_stage.py has no _PATH")


def _module(names: list[str], compiler: Path) -> bytes:
    """A compiled module that does nothing and brings these names."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / MODULE.with_suffix(".py").name
        source.touch()
        subprocess.run([compiler, "-s", source.name, source], check=True)
        empty = source.with_suffix(".mpy").read_bytes()
    head, count, names_at, rest_at = _sections(empty)
    known = set(qstrs(empty))
    encoded = [name.encode() for name in names if name not in known]
    objects = empty[head:names_at].removeprefix(romfs.number(count))
    return (
        empty[:head]
        + romfs.number(count + len(encoded))
        + objects
        + empty[names_at:rest_at]
        + b"".join(romfs.number(len(name) << 1) + name + b"\0" for name in encoded)
        + empty[rest_at:]
    )


def qstrs(mpy: bytes) -> Iterator[str]:
    """The names that a compiled module brings (MicroPython, py/persistentcode.c: load_qstr)."""
    _, count, at, _ = _sections(mpy)
    for _ in range(count):
        length, at = romfs.read_number(mpy, at)
        if length & 1:
            continue  # one that every MicroPython has
        yield mpy[at : at + (length >> 1)].decode()
        at += (length >> 1) + 1


def words(mpy: bytes) -> Iterator[str]:
    """The constants that look like names: made anew, as names of settings are, they are found."""
    head, _, _, at = _sections(mpy)
    left, _ = romfs.read_number(mpy, romfs.read_number(mpy, head)[1])
    while left:
        kind, at, left = mpy[at], at + 1, left - 1
        if kind in _PLAIN:
            continue
        size, at = romfs.read_number(mpy, at)
        if kind == _TUPLE:
            left += size  # its members come next
            continue
        if kind == _STR and (word := mpy[at : at + size].decode()).isidentifier():
            yield word
        at += size + (kind in (_STR, _BYTES))


def _sections(mpy: bytes) -> tuple[int, int, int, int]:
    """Where the number of names is, how many there are, where they begin and end."""
    head = 4
    count, at = romfs.read_number(mpy, head)
    _, begin = romfs.read_number(mpy, at)  # objects
    end = begin
    for _ in range(count):
        length, end = romfs.read_number(mpy, end)
        if not length & 1:
            end += (length >> 1) + 1
    return head, count, begin, end
