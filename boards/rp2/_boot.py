"""The very first Python on the RP2040: no code from files, and a file system for a person.

MicroPython has mounted whatever lies at the start of the ROMFS segment by now and put the file
system before frozen code on `sys.path`. Nobody has verified either, so both go first of all.
"""

import sys

sys.path[:] = [".frozen"]

import files  # noqa: E402
import vfs  # noqa: E402

try:
    vfs.umount("/rom")
except OSError:
    pass  # nothing that looks like a ROMFS is there

files.mount()
