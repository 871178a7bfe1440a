"""What was built: open the UF2s of each board and compare what is in them with the sources.

What is frozen is compared with firmware/manifest.py, slot A of a new board with the application's
sources. A stand-in that satisfies every test would satisfy the linker too, so the image itself
is looked at: `python -m racklet_uf2.image_check [BOARD ...]`.
"""

import re
import sys

from racklet.errors import FileProblem
from racklet.images import romfs
from racklet.images.build import ABOUT

from racklet_uf2 import BOARDS, OUTPUT, REPOSITORY, uf2
from racklet_uf2.build import flash_map
from racklet_uf2.factory import file_of
from racklet_uf2.manifest import wanted

# MicroPython's own frozen Python: its rp2 module and asyncio.
_MICROPYTHON = {"rp2.py", "uasyncio.py"} | {
    f"asyncio/{name}.py" for name in ("__init__", "core", "event", "funcs", "lock", "stream")
}
_FORBIDDEN = {
    *("test", "tests", "unittest", "pytest", "fake", "fakes", "mock", "mocks", "shim", "stub"),
    *("plant", "bench", "sim", "simulator", "virtual", "debug", "hypothesis"),
}
# mp_frozen_names of frozen_content.c: names that end in NUL, and a NUL after the last.
_NAMES = re.compile(rb"(?:[\w/]+\.py\0)+\0")
# What MicroPython's compiler makes of a long jump: ldr r1, [pc, #0]; add pc, r1.
_LONG_JUMP = re.compile(rb"\x00\x49\x8f\x44")
_PAYLOAD_AT = 2 * 4096  # in the ROMFS segment: behind its blank sector and the head of slot A


def frozen(image: bytes) -> set[str]:
    """The names of the Python files frozen into a firmware image."""
    for table in _NAMES.finditer(image):
        names = {name.decode() for name in table[0].split(b"\0") if name}
        if "_boot.py" in names:
            return names
    return set()


def complaints(image: bytes, names_wanted: set[str]) -> list[str]:
    """What is wrong with a base; an empty list says nothing is."""
    names = frozen(image)
    if not names:
        return ["no table of frozen modules in it: not a firmware of this project"]
    found = [f"{name} is in the manifest but not frozen" for name in names_wanted - names]
    found += [
        f"{name} is frozen but not in the manifest" for name in names - names_wanted - _MICROPYTHON
    ]
    found += _misplaced(names)
    found += [
        f"the machine code at {jump.start():#x} jumps astray: not aligned to a word"
        for jump in _LONG_JUMP.finditer(image)
        if jump.start() % 4
    ]
    return sorted(found)


def slot_complaints(payload: bytes, modules: set[str]) -> list[str]:
    """What is wrong with the application in a slot, whose compiled modules are given."""
    try:
        names = {name for name, _ in romfs.files(payload)} - {ABOUT}
    except FileProblem as error:
        return [f"slot A: {error.message}"]
    found = [f"{name} is not in slot A" for name in modules - names]
    found += [f"{name} in slot A has no source" for name in names - modules]
    return sorted(found + _misplaced(names))


def _misplaced(names: set[str]) -> list[str]:
    return [
        f"{name} has no place in a firmware image"
        for name in names
        if _FORBIDDEN & set(re.split(r"[/_.]", name))
    ]


def check(board: str) -> list[str]:
    """What is wrong with the UF2s of a board. Raises NotUf2, FileNotFoundError."""
    firmware = REPOSITORY / "firmware"
    base = uf2.unwrap((OUTPUT / f"{board}.uf2").read_bytes())
    found = complaints(base, wanted(firmware / "manifest.py", REPOSITORY / "boards" / board))
    flash = uf2.unwrap(file_of(board).read_bytes())
    if not flash.startswith(base):
        found.append("a new board gets another base than the one that was built")
    sources = (firmware / "racklet_bmc").rglob("*.py")
    modules = {file.relative_to(firmware).with_suffix(".mpy").as_posix() for file in sources}
    return found + slot_complaints(flash[flash_map(board)["romfs"][0] + _PAYLOAD_AT :], modules)


def main() -> int:
    """Check the built UF2s; exit code 1 when one of them must not ship."""
    bad = 0
    for board in sys.argv[1:] or BOARDS:
        try:
            found = check(board)
        except FileNotFoundError as error:
            found = [f"{error.filename} is not there; say make firmware"]
        except uf2.NotUf2 as error:
            found = [str(error)]
        bad += len(found)
        for line in found:
            print(f"image check: {board}: {line}", file=sys.stderr)
        if not found:
            print(f"{board}: the UF2s hold the base and the application, and nothing else")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
