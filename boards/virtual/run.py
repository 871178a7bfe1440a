"""Start one virtual BMC: `micropython boards/virtual/run.py SLOT FD FIRMWARE`.

FD is the inherited socket to the plant. The slot is for whoever reads the process list: the
firmware learns it from the straps of the backplane. FIRMWARE is the folder that stands for
what is frozen on a real board: with the application in it (`firmware/` of the sources) this is
developer mode, without it the application comes from the image slots of the flash.
"""

import sys

_here = __file__.rsplit("/", 1)[0]
sys.path[:] = [
    _here + "/port",  # machine, rp2, time and select of this board, before the built-in ones
    _here,
    _here + "/..",
    sys.argv[3],
    ".frozen",
]

from link import link  # noqa: E402 - it lies on the path made above

link.connect(int(sys.argv[2]))

import console  # noqa: E402

console.run()
