"""Same inputs, same bytes: build the UF2 of a board once more and compare.

`python -m racklet_uf2.reproduce BOARD` takes a copy of the source tree as a person's checkout
(MICROPYTHON=path), in another folder and with an empty cache, after `make firmware`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from racklet_uf2 import OUTPUT, BuildError
from racklet_uf2.tree import source_tree


def differs(board: str) -> bool:
    """Whether the second build gave other bytes. Raises BuildError when there was none."""
    file = OUTPUT / f"{board}.uf2"
    first = file.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        shutil.copytree(source_tree(), checkout, symlinks=True)
        elsewhere = {"MICROPYTHON": str(checkout), "XDG_CACHE_HOME": str(Path(folder) / "cache")}
        command = [sys.executable, "-m", "racklet_uf2.build", board]
        if subprocess.run(command, env=os.environ | elsewhere, check=False).returncode:
            raise BuildError("the second build failed")
    return file.read_bytes() != first


def main() -> int:
    """Exit code 1 when the bytes differ."""
    board = sys.argv[1]
    try:
        if differs(board):
            print(f"reproduce: {board}: the second build gave other bytes", file=sys.stderr)
            return 1
    except BuildError as error:
        print(f"reproduce: {error}", file=sys.stderr)
        return 1
    print(f"{board}: two builds, the same bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
