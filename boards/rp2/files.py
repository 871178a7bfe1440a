"""The file system for a person at the REPL; the services do not need one."""

import vfs
from _rp2 import Flash  # rp2.py wraps it, and brings 1.4 KB of names for PIO programs
from board import FLASH

_PAGE = 256
_START, _SIZE = FLASH["littlefs"]


def _device() -> Flash:
    # rp2.Flash() begins where the ROMFS segment ends (mpconfigboard.h).
    return Flash(start=_START - sum(FLASH["romfs"]), len=_SIZE)


def mount() -> bool:
    """Mount what is there; False when it was never formatted."""
    try:
        vfs.mount(vfs.VfsLfs2(_device(), progsize=_PAGE), "/")
    except OSError:
        return False
    return True


def is_mounted() -> bool:
    return any(point == "/" for _, point in vfs.mount())  # the application's image is at /app


def ensure() -> None:
    """A file system where a person has come who may want one: formatting takes 94 ms, which the
    first start of a board has not. The BMC must not be on the bus meanwhile."""
    if is_mounted() or mount():
        return
    try:
        vfs.VfsLfs2.mkfs(_device(), progsize=_PAGE)
        mount()
    except OSError as error:
        print("no file system:", error)
