"""Monocypher's signature check, in C, as a yardstick for ours on the same emulated chip.

Its source comes with the PyPI package `pymonocypher`, pinned by digest. Compiled at -O2 for the
Cortex-M0+ it is a bare binary in a corner of the flash that the firmware does not use; the REPL
calls it there. crypto_eddsa_check hashes with BLAKE2b where Ed25519 has SHA-512; the curve is
the same.
"""

import subprocess
import sys
from pathlib import Path

from racklet_uf2 import toolchain
from racklet_uf2.tree import CACHE, extract

from .repl import Repl

_PACKAGE = "pymonocypher==4.0.3.4"
_SHA256 = "5e56e3d3eb770a53e0b9f6274146663c11a11f3d0de5cd48e3be0428d1b07a4a"
OFFSET = 0x1F0000  # the last 64 KiB, at the end of the file system
_ADDRESS = 0x10000000 + OFFSET

_LINK = """
ENTRY(run)
SECTIONS {
    . = %#x;
    .text : { *(.entry) *(.text*) *(.rodata*) }
    .data : { *(.data*) }
    .bss : { *(.bss*) *(COMMON) }
}
ASSERT(SIZEOF(.data) + SIZEOF(.bss) == 0, "it must run in place")
"""

# A good signature is made on the chip first; then only the check is timed.
_CALL = f"""
import micropython
@micropython.asm_thumb
def call(r0, r1, r2):
    mov(r3, r1)
    mov(r1, r2)
    data(2, 0x4798)  # blx r3, which this assembler does not know
exchange = bytearray(64 + 32 + 64 + 64 + 32)
call(exchange, {_ADDRESS + 1}, 1)
"""


def binary() -> bytes:
    """Build it, in the cache. Needs the toolchain of `make firmware`."""
    toolchain.require()
    folder = CACHE / "monocypher"
    folder.mkdir(parents=True, exist_ok=True)
    source = _source(folder)
    script = folder / "place.ld"
    script.write_text(_LINK % _ADDRESS)
    elf, raw = folder / "check.elf", folder / "check.bin"
    flags: list[str | Path] = [
        "-O2",
        "-mcpu=cortex-m0plus",
        "-mthumb",
        "-ffreestanding",
        "-ffunction-sections",
    ]
    flags += ["-nostartfiles", "--specs=nano.specs", "-Wl,--gc-sections", f"-I{source}"]
    subprocess.run(
        ["arm-none-eabi-gcc", *flags, "-T", script, "-o", elf]
        + [Path(__file__).with_suffix(".c"), source / "monocypher.c"],
        check=True,
    )
    subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", elf, raw], check=True)
    return raw.read_bytes()


def _source(folder: Path) -> Path:
    """The unpacked source distribution."""
    name = _PACKAGE.replace("==", "-")
    archive = folder / f"{name}.tar.gz"
    if not archive.exists():
        wanted = folder / "wanted.txt"
        wanted.write_text(f"{_PACKAGE} --hash=sha256:{_SHA256}\n")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        pip += ["--no-binary", ":all:", "--require-hashes", "-r", str(wanted), "-d", str(folder)]
        subprocess.run(pip, check=True, stdout=subprocess.DEVNULL)
    extract(archive, folder)
    return folder / name


def check_ms(repl: Repl) -> float:
    """Milliseconds of one check of a good signature over 64 bytes."""
    repl.run(_CALL)
    timed = (
        "start = time.ticks_us()\n"
        f"verdict = call(exchange, {_ADDRESS + 1}, 0)\n"
        "print(verdict, time.ticks_diff(time.ticks_us(), start))"
    )
    verdict, took = repl.run(f"import time\n{timed}").split()
    assert verdict == "0"
    broken = f"exchange[3] ^= 1\nprint(call(exchange, {_ADDRESS + 1}, 0))"
    assert repl.run(broken).strip() == "-1"
    return int(took) / 1000
