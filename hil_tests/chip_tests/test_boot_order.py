"""Nothing that lies in files or raw in the ROMFS segment runs at the start."""

from pathlib import Path

from mpremote.romfs import make_romfs  # type: ignore[import-untyped]
from racklet_bench.rp2040 import built_image
from racklet_bench.rp2040.chip import Chip
from racklet_bench.rp2040.repl import Repl

ROMFS = 0xA0000
INTRUDERS = (
    *("boot.py", "main.py", "asyncio.py", "board.py", "mover.py", "app.py", "ed25519.py"),
    *("racklet_bmc.py", "racklet_base.py", "racklet_wire.py"),
)
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


def test_files_do_not_replace_frozen_code() -> None:
    chip = Chip(built_image())
    repl = Repl(chip, chip.usb).enter()
    for name in INTRUDERS:
        repl.run(f"f = open('/{name}', 'w'); f.write({MARK!r}); f.close()")
    assert "boot.py" in repl.run("import os; print(os.listdir('/'))")
    chip.reset()
    assert state(chip) == UNTOUCHED
    Repl(chip, chip.usb).enter().run("exec(open('/main.py').read())")
    assert state(chip) != UNTOUCHED  # the mark would have been seen


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
