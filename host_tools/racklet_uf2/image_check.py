"""What was built: open each UF2 and compare what is frozen in it with firmware/manifest.py.

A stand-in that satisfies every test would satisfy the linker too, so the image itself is
looked at: `python -m racklet_uf2.image_check [BOARD ...]`.
"""

import re
import sys
from pathlib import Path

from racklet_uf2 import BOARDS, OUTPUT, REPOSITORY, uf2

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


def frozen(image: bytes) -> set[str]:
    """The names of the Python files frozen into a firmware image."""
    for table in _NAMES.finditer(image):
        names = {name.decode() for name in table[0].split(b"\0") if name}
        if "_boot.py" in names:
            return names
    return set()


def wanted(manifest: Path, board: Path) -> set[str]:
    """The files of the project that the manifest freezes for one board."""
    names: set[str] = set()

    def freeze(path: str, script: str | tuple[str, ...] = ()) -> None:
        if path.startswith("$(PORT_DIR)"):
            return
        scripts = (script,) if isinstance(script, str) else script
        base = manifest.parent / path.replace("$(BOARD_DIR)", str(board))
        names.update(scripts or (str(file.relative_to(base)) for file in base.rglob("*.py")))

    def package(name: str, files: tuple[str, ...] | None = None) -> None:
        base = manifest.parent
        found = (str(file.relative_to(base)) for file in (base / name).rglob("*.py"))
        names.update(f"{name}/{file}" for file in files) if files else names.update(found)

    def freeze_mpy(_path: str, script: str) -> None:
        names.add(script.removesuffix(".mpy") + ".py")

    verbs = {
        "freeze": freeze,
        "freeze_mpy": freeze_mpy,
        "package": package,
        "include": lambda _path: None,
    }
    exec(manifest.read_text(), verbs)
    return names


def complaints(image: bytes, names_wanted: set[str]) -> list[str]:
    """What is wrong with an image; an empty list says nothing is."""
    names = frozen(image)
    if not names:
        return ["no table of frozen modules in it: not a firmware of this project"]
    found = [f"{name} is in the manifest but not frozen" for name in names_wanted - names]
    found += [
        f"{name} is frozen but not in the manifest" for name in names - names_wanted - _MICROPYTHON
    ]
    found += [
        f"{name} has no place in a firmware image"
        for name in names
        if _FORBIDDEN & set(re.split(r"[/_.]", name))
    ]
    found += [
        f"the machine code at {jump.start():#x} jumps astray: not aligned to a word"
        for jump in _LONG_JUMP.finditer(image)
        if jump.start() % 4
    ]
    return sorted(found)


def main() -> int:
    """Check the built UF2s; exit code 1 when one of them must not ship."""
    manifest = REPOSITORY / "firmware" / "manifest.py"
    bad = 0
    for board in sys.argv[1:] or BOARDS:
        file = OUTPUT / f"{board}.uf2"
        if not file.exists():
            print(f"image check: {file} is not there; say make firmware", file=sys.stderr)
            return 1
        image = uf2.unwrap(file.read_bytes())
        found = complaints(image, wanted(manifest, REPOSITORY / "boards" / board))
        bad += len(found)
        for line in found:
            print(f"{file.name}: {line}", file=sys.stderr)
        print(f"{file.name}: {len(frozen(image))} frozen modules, {len(found)} complaints")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
