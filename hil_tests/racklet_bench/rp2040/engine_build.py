"""Build a faster rp2040py with a compiler, in the cache: the same emulator, its hot path in C.

The stock wheel calls back into Python at every conditional branch. This takes the sources that
the wheel carries, applies `engine_patches`, adds the files below, and compiles the lot. Without
a compiler the bench runs on the stock emulator: correct, five to ten times slower, and without
the misses of the XIP cache and the cycles of exception entry and return.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from racklet_uf2.tree import CACHE

from .engine_patches import PATCHES

HERE = Path(__file__).parent
_ADDED = ("fast_loop.pyx", "fast_bus.pxd")
_SETUP = """
from pathlib import Path
from Cython.Build import cythonize
from setuptools import Extension, setup
names = sorted(path.stem for path in Path("rp2040py/native").glob("*.pyx"))
setup(
    name="racklet-rp2040-engine",
    packages=[],
    ext_modules=cythonize(
        [
            Extension(f"rp2040py.native.{n}", [f"rp2040py/native/{n}.pyx"],
                      extra_compile_args=["-O2", "-g0", "-w"])
            for n in names
        ],
        quiet=True,
        compiler_directives={"initializedcheck": False},
    ),
)
"""


class NoEngine(Exception):
    """The faster engine cannot be built here; the text says why."""


def folder() -> Path:
    """Where the engine for this Python and these patches is, built or not."""
    stock = _stock()
    added = [(HERE / name).read_text() for name in _ADDED]
    text = repr(PATCHES) + _SETUP + "".join(added) + sys.version
    key = hashlib.sha256((text + stock.parent.name).encode()).hexdigest()[:12]
    return CACHE / "rp2040-engine" / key


def build() -> Path:
    """The folder to put on the path before rp2040py is imported. Raises NoEngine."""
    target = folder()
    if target.exists():
        return target
    if not shutil.which("gcc") and not shutil.which("cc"):
        raise NoEngine("no C compiler; on Debian: apt install gcc libc6-dev python3-dev")
    half = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(
        _stock(), half / "rp2040py", ignore=shutil.ignore_patterns("*.so", "__pycache__")
    )
    for patch in PATCHES:
        file = half / "rp2040py" / patch.file
        source = file.read_text()
        found = source.count(patch.old)
        if not found or patch.times not in (0, found):
            raise NoEngine(f"rp2040py is not the version that the patches are for: {patch.old!r}")
        file.write_text(source.replace(patch.old, patch.new))
    for name in _ADDED:
        shutil.copy(HERE / name, half / "rp2040py" / "native" / f"_{name}")
    (half / "setup.py").write_text(_SETUP)
    done = subprocess.run(
        [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace", f"-j{os.cpu_count()}"],
        cwd=half,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoEngine(f"the compiler failed: {done.stderr.strip()[-2000:]}")
    try:
        half.rename(target)
    except OSError:  # another process was faster
        shutil.rmtree(half)
    return target


def _stock() -> Path:
    """The installed rp2040py, found without importing it."""
    spec = importlib.util.find_spec("rp2040py")
    if spec is None or spec.origin is None:
        raise NoEngine("rp2040py is not installed; make chip-heap installs it first")
    return Path(spec.origin).parent
