"""Build a faster rp2040py with a compiler, in the cache: the same emulator, its hot path in C.

The stock wheel calls back into Python at every conditional branch. This takes the sources that
the wheel carries, applies the patches below, adds `fast_loop.pyx`, and compiles the lot. It
also adds what the stock emulator does not count: misses of the XIP cache, and the cycles of
exception entry and return. Without a compiler the bench runs on the stock emulator: correct,
about five times slower, and without those cycles.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "racklet"

# Exception entry and return with zero-wait memory: Cortex-M0+ TRM r0p1, section 3.3 and the
# number 15 that Arm publishes as its interrupt latency.
_ENTRY_CYCLES = 15
_RETURN_CYCLES = 12

_CORE = "native/_cortex_m0_core.pyx"
_CHIP = "native/_rp2040.pyx"

# (file, what stands there once, what shall stand there)
_PATCHES = [
    (
        _CORE,
        "    return core.check_condition(cond)\n",
        """    cdef bint result
    cdef unsigned int base = cond >> 1
    if base == 0:
        result = core.z
    elif base == 1:
        result = core.c
    elif base == 2:
        result = core.n
    elif base == 3:
        result = core.v
    elif base == 4:
        result = core.c and not core.z
    elif base == 5:
        result = core.n == core.v
    elif base == 6:
        result = core.n == core.v and not core.z
    else:
        return True
    return result ^ (cond & 1)
""",
    ),
    (_CORE, "        self.bl_taken = lambda core, blx: None\n", "        self.bl_taken = None\n"),
    (_CORE, "    core.bl_taken(core, False)\n", ""),
    (_CORE, "    core.bl_taken(core, True)\n", ""),
    (
        _CORE,
        "        self.cycles += delta_cycles\n        return delta_cycles\n",
        """        delta_cycles += self.rp2040.extra
        self.rp2040.extra = 0
        self.cycles += delta_cycles
        return delta_cycles
""",
    ),
    (
        _CORE,
        "        # ExceptionTaken:\n",
        f"        self.rp2040.extra += {_ENTRY_CYCLES}\n",
    ),
    (
        _CORE,
        "        # PopStack:\n",
        f"        self.rp2040.extra += {_RETURN_CYCLES}\n",
    ),
    (
        "native/_rp2040.pxd",
        "    cdef dict __dict__\n",
        """    cdef dict __dict__
    cdef public int extra            # cycles to add to the instruction under way
    cdef public long long stall      # cycles in which the CPU stands still, alarms and PIO do not
    cdef public int xip_miss         # cycles a miss of the XIP cache costs; 0 = no cache model
    cdef public long long xip_misses
    cdef unsigned int[2048] _xip_tags  # 2 ways of 1,024 lines of 8 bytes (data sheet 2.6.3)
    cdef unsigned char[1024] _xip_next
    cdef void _xip(self, unsigned int address) noexcept
    cpdef xip_flush(self)
""",
    ),
    (
        _CHIP,
        "    cpdef unsigned int read_uint32(self, long long address) except? 0:\n",
        """    cdef void _xip(self, unsigned int address) noexcept:
        cdef unsigned int line = (address & 0x00FFFFFF) >> 3
        cdef unsigned int index = line & 1023
        cdef unsigned int tag = line + 1
        if self.xip_miss == 0:
            return
        if self._xip_tags[2 * index] == tag or self._xip_tags[2 * index + 1] == tag:
            return
        self.xip_misses += 1
        self.extra += self.xip_miss
        if not address & 0x03000000:  # the other windows do not allocate
            self._xip_tags[2 * index + self._xip_next[index]] = tag
            self._xip_next[index] ^= 1

    cpdef xip_flush(self):
        cdef int i
        for i in range(2048):
            self._xip_tags[i] = 0

    cpdef unsigned int read_uint32(self, long long address) except? 0:
""",
    ),
    (
        _CHIP,
        "            offset = addr & 0x00FFFFFF\n            return read_uint32_le",
        "            offset = addr & 0x00FFFFFF\n            self._xip(addr)\n"
        "            return read_uint32_le",
    ),
    (
        _CHIP,
        "            offset = addr - FLASH_START\n            return read_uint16_le",
        "            offset = addr - FLASH_START\n            self._xip(addr)\n"
        "            return read_uint16_le",
    ),
    (
        _CHIP,
        "            return self._flash[addr - FLASH_START]\n",
        "            self._xip(addr)\n            return self._flash[addr - FLASH_START]\n",
    ),
]

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
    ),
)
"""


class NoEngine(Exception):
    """The faster engine cannot be built here; the text says why."""


def folder() -> Path:
    """Where the engine for this Python and these patches is, built or not."""
    stock = _stock()
    text = repr(_PATCHES) + _SETUP + (HERE / "fast_loop.pyx").read_text() + sys.version
    key = hashlib.sha256((text + stock.parent.name).encode()).hexdigest()[:12]
    return CACHE / "rp2040-engine" / key


def build() -> Path:
    """The folder to put on the path before rp2040py is imported. Raises NoEngine."""
    target = folder()
    if target.exists():
        return target
    if not shutil.which("gcc") and not shutil.which("cc"):
        raise NoEngine("no C compiler")
    half = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(
        _stock(), half / "rp2040py", ignore=shutil.ignore_patterns("*.so", "__pycache__")
    )
    for name, old, new in _PATCHES:
        file = half / "rp2040py" / name
        source = file.read_text()
        if source.count(old) != 1:
            raise NoEngine(f"rp2040py is not the version that the patches are for: {name}")
        file.write_text(source.replace(old, new))
    shutil.copy(HERE / "fast_loop.pyx", half / "rp2040py" / "native" / "_fast_loop.pyx")
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
        raise NoEngine("rp2040py is not installed; say make rp2040-setup")
    return Path(spec.origin).parent


if __name__ == "__main__":
    try:
        print(f"rp2040 engine: {build()}")
    except NoEngine as reason:
        print(f"rp2040 engine: the stock one, slower ({reason})")
