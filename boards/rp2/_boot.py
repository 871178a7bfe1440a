"""The very first Python on the RP2040: no code from files.

MicroPython has mounted whatever lies at the start of the ROMFS segment by now and put the file
system before frozen code on `sys.path`. Nobody has verified either, so both go first of all.
"""

import sys

sys.path[:] = [".frozen"]

import protection  # noqa: E402
import vfs  # noqa: E402

try:
    vfs.umount("/rom")
except OSError:
    pass  # nothing that looks like a ROMFS is there

# The services need no file system, and the first answer does not wait for one. Only where they
# have run since the chip was reset is this a soft reset, mostly a person's.
if protection.is_set_up():
    import files

    files.mount()
