"""Build the UF2 of each board: `python -m racklet_uf2.build [BOARD ...]`.

Same inputs, same bytes: the date, the version and the paths that a compiler would put into
the image are given.
"""

import hashlib
import json
import os
import re
import shutil
import sys
from pathlib import Path

from racklet_uf2 import (
    BOARDS,
    OUTPUT,
    REPOSITORY,
    BuildError,
    names,
    toolchain,
    uf2,
)
from racklet_uf2.manifest import wanted
from racklet_uf2.tree import CACHE, locked, mpy_cross, run, source_tree

_MANIFEST = REPOSITORY / "firmware" / "manifest.py"
_CLONE = hashlib.sha256(str(REPOSITORY).encode()).hexdigest()[:8]  # has its own build folders


def build(board: str, tree: Path) -> Path:
    """The UF2 of one board, in build/firmware/."""
    definition = REPOSITORY / "boards" / board
    if not (definition / "mpconfigboard.cmake").exists():
        raise BuildError(f"no board {board}: boards/{board}/ has no MicroPython definition")
    version = micropython_version(tree)
    if [int(part) for part in version[1:].split(".")] < [1, 26]:
        raise BuildError(f"{tree} is MicroPython {version}; 1.26 is the first with what we need")
    folder = CACHE / "firmware" / f"{tree.name}-{_CLONE}" / board
    names.write(board, mpy_cross(tree))
    configure = [
        "cmake",
        f"-S{tree / 'ports' / 'rp2'}",
        f"-B{folder}",
        f"-DMICROPY_BOARD={board}",
        f"-DMICROPY_BOARD_DIR={definition}",
        f"-DMICROPY_FROZEN_MANIFEST={_MANIFEST}",
        f"-DPython3_EXECUTABLE={sys.executable}",
        "-DPICO_BUILD_DOCS=0",
        "-DPICO_NO_PICOTOOL=1",  # not in Debian; it would only wrap the UF2, which we do
    ]
    environment = {
        "MICROPY_GIT_TAG": version,
        "MICROPY_GIT_HASH": "",
        "SOURCE_DATE_EPOCH": "0",
        "CFLAGS": f"-ffile-prefix-map={tree}=micropython -ffile-prefix-map={folder}=build",
    }
    _forget_other_inputs(folder, definition, *configure, *environment.values())
    log = folder.with_suffix(".log")
    run([*configure], log, **environment)
    run(["make", "-C", folder, f"-j{os.cpu_count()}"], log, **environment)
    return _deliver(board, folder, version)


def _forget_other_inputs(folder: Path, definition: Path, *inputs: str) -> None:
    """Empty the folder of a build with other settings, or with another list of frozen files.

    MicroPython's makefiles follow changes of a file, not what is gone: a frozen file that left
    stays, and so does the name of a function that a setting took away.
    """
    settings = [
        file for place in (definition, definition.parent / "rp2") for file in place.iterdir()
    ]
    texts = [file.read_text() for file in sorted(settings) if file.suffix in (".h", ".cmake")]
    texts += [*inputs, *sorted(wanted(_MANIFEST, definition))]
    key = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    kept = folder / "inputs.sha256"
    if not kept.exists() or kept.read_text() != key:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        kept.write_text(key)


def micropython_version(tree: Path) -> str:
    """The release of a source tree, as `v1.26.1`."""
    text = (tree / "py" / "mpconfig.h").read_text()
    parts = [
        re.search(rf"define MICROPY_VERSION_{part} \(?(\d+)", text)
        for part in ("MAJOR", "MINOR", "MICRO")
    ]
    return "v" + ".".join(part[1] for part in parts if part)


def _deliver(board: str, folder: Path, version: str) -> Path:
    binary = (folder / "firmware.bin").read_bytes()
    limit = flash_map(board)["firmware"][1]
    if len(binary) > limit:
        raise BuildError(f"{board}: {len(binary)} bytes of firmware, the flash map has {limit}")
    OUTPUT.mkdir(parents=True, exist_ok=True)
    target = OUTPUT / f"{board}.uf2"
    target.write_bytes(uf2.wrap(binary))
    (OUTPUT / f"{board}.elf").write_bytes((folder / "firmware.elf").read_bytes())
    facts = {
        "board": board,
        "micropython": version,
        "bytes": len(binary),
        "bytes_of_flash_map": limit,
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
    }
    (OUTPUT / f"{board}.json").write_text(json.dumps(facts, indent=2) + "\n")
    return target


def flash_map(board: str) -> dict[str, tuple[int, int]]:
    """(offset, size) of the regions of a board's flash."""
    table: dict[str, dict[str, tuple[int, int]]] = {}
    exec((REPOSITORY / "boards" / board / "board.py").read_text(), table)
    return table["FLASH"]


def main() -> int:
    """Build the boards that are named, or all."""
    try:
        toolchain.require()
        with locked("firmware"):  # what every clone of this user shares
            tree = source_tree()
            mpy_cross(tree)  # MicroPython's own makefile would build it with the target's CFLAGS
        with locked(f"firmware-{_CLONE}"):
            for board in sys.argv[1:] or BOARDS:
                target = build(board, tree)
                facts = json.loads(target.with_suffix(".json").read_text())
                print(
                    f"{target.relative_to(REPOSITORY)}: MicroPython {facts['micropython']}, "
                    f"{facts['bytes']} of {facts['bytes_of_flash_map']} bytes, "
                    f"sha256 {facts['sha256'][:16]}"
                )
    except BuildError as error:
        print(f"make firmware: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
