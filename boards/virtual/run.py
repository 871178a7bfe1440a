"""Start one virtual BMC: `micropython boards/virtual/run.py SLOT FD`.

FD is the inherited socket to the plant. The slot is for whoever reads the process list: the
firmware learns it from the straps of the backplane.
"""

import sys

_here = __file__.rsplit("/", 1)[0]
sys.path[:] = [
    _here + "/port",  # machine, rp2, time and select of this board, before the built-in ones
    _here,
    _here + "/..",
    _here + "/../../firmware",
    ".frozen",
]

from link import link  # noqa: E402 - it lies on the path made above

link.connect(int(sys.argv[2]))

import console  # noqa: E402

console.run()
