"""First stage: nothing but frozen code may be imported from here on.

MicroPython puts the current directory before frozen modules on `sys.path`, and mounts what
lies at the start of the ROMFS segment; a file `asyncio.py` on the file system would replace
the frozen one. The path of a verified image is appended by whoever verified it.
"""

import sys

sys.path[:] = [".frozen"]
