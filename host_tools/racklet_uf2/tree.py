"""One MicroPython source tree, complete enough for the rp2 port, and its mpy-cross.

Debian's tarball comes without the submodules; their packages are unpacked into the empty
`lib/` folders. MicroPython's makefile takes a README.md for the sign of a present submodule.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from racklet_uf2 import BuildError
from racklet_uf2.packages import fetch_all

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "racklet"

_SUBMODULES = {
    "pico-sdk-source": ("lib/pico-sdk", "usr/src/pico-sdk"),
    "tinyusb-source": ("lib/tinyusb", "usr/src/tinyusb"),
    "mbedtls": ("lib/mbedtls", "."),
}


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Two builds of one user wait for each other."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def source_tree() -> Path:
    """The tree of MICROPYTHON, or else one assembled from the pinned packages."""
    if given := os.environ.get("MICROPYTHON"):
        tree = Path(given).resolve()
        if not (tree / "ports" / "rp2").is_dir():
            raise BuildError(f"MICROPYTHON={given} is no MicroPython checkout")
        if not (tree / "lib" / "pico-sdk" / "README.md").exists():
            raise BuildError(
                f"MICROPYTHON={given} lacks its submodules; say\n"
                f"  make -C {given}/ports/rp2 BOARD=RPI_PICO submodules"
            )
        return tree
    packages = fetch_all(CACHE / "firmware")
    names = "\n".join(sorted(file.name for file in packages.values()))
    key = hashlib.sha256(names.encode()).hexdigest()[:12]
    tree = CACHE / "firmware" / f"micropython-{key}"
    if not tree.exists():
        half = tree.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        _assemble(packages, half)
        half.rename(tree)
    return tree


def mpy_cross(tree: Path) -> Path:
    """The cross-compiler of this very tree, built when it is not there yet."""
    program = tree / "mpy-cross" / "build" / "mpy-cross"
    if not program.exists():
        run(["make", "-C", tree / "mpy-cross", f"-j{os.cpu_count()}"], tree / "mpy-cross.log")
    return program


def run(command: list[str | Path], log: Path, **environment: str) -> None:
    """Run a build step with its output in a log; show the end of the log when it fails."""
    with log.open("w") as file:
        done = subprocess.run(
            command, stdout=file, stderr=file, env=os.environ | environment, check=False
        )
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
        raise BuildError(f"{tail}\n{command[0]} failed; the whole log is {log}")


def _assemble(packages: dict[str, Path], tree: Path) -> None:
    _unpack(packages["micropython"], tree)
    for package, (place, inside) in _SUBMODULES.items():
        scratch = tree / "unpacked"
        _unpack(packages[package], scratch)
        shutil.rmtree(tree / place, ignore_errors=True)
        shutil.move(scratch / inside, tree / place)
        shutil.rmtree(scratch, ignore_errors=True)
        (tree / place / "README.md").touch()
    (tree / "lib" / "micropython-lib" / "README.md").touch()  # asked for, though we need none of it


def extract(archive: Path, folder: Path) -> None:
    """Unpack a tarball, and nothing out of it beside the folder."""
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):  # from 3.11.4 on; Debian 12 has 3.11.2
            tar.extraction_filter = tarfile.data_filter
        tar.extractall(folder)


def _unpack(package: Path, folder: Path) -> None:
    """A .deb as it is; a tarball without its one top folder."""
    folder.mkdir(parents=True)
    if package.suffix == ".deb":
        subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
        return
    extract(package, folder)
    (top,) = folder.iterdir()
    for entry in top.iterdir():
        entry.rename(folder / entry.name)
    top.rmdir()
