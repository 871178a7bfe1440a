"""The very first Python on the RP2040: no code from files, and a file system for a person.

MicroPython has mounted whatever lies at the start of the ROMFS segment by now and put the file
system before frozen code on `sys.path`. Nobody has verified either, so both go first of all.
"""

import sys

sys.path[:] = [".frozen"]

import rp2  # noqa: E402
import vfs  # noqa: E402
from board import FLASH  # noqa: E402

try:
    vfs.umount("/rom")
except OSError:
    pass  # nothing that looks like a ROMFS is there

_start, _size = FLASH["littlefs"]
# rp2.Flash() begins where the ROMFS segment ends (mpconfigboard.h).
_files = rp2.Flash(start=_start - sum(FLASH["romfs"]), len=_size)
try:
    try:
        vfs.mount(vfs.VfsLfs2(_files, progsize=256), "/")
    except OSError:
        vfs.VfsLfs2.mkfs(_files, progsize=256)
        vfs.mount(vfs.VfsLfs2(_files, progsize=256), "/")
except OSError as error:
    print("no file system:", error)  # the services do not need one
