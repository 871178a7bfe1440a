"""What the factory does before a board ships: `micropython provision.py FILE KEY`.

Writes the key region of a flash, as FILE, in which the public key KEY (hex) is trusted. It
runs the firmware's own key store, so there is one home for its format.
"""

import sys

_here = __file__.rsplit("/", 1)[0]
sys.path[:] = [_here, _here + "/..", _here + "/../../firmware", ".frozen"]

from board import FLASH  # noqa: E402 - found on the path made above
from racklet_bmc.services.keys import KeyStore  # noqa: E402


class _Blank:
    """An erased region in memory."""

    sector_size = 4096
    page_size = 256

    def __init__(self) -> None:
        self.size = FLASH["keys"][1]
        self.data = bytearray(b"\xff" * self.size)

    def read(self, offset: int, buffer: bytearray) -> None:
        buffer[:] = self.data[offset : offset + len(buffer)]

    def program(self, offset: int, data: bytes) -> None:
        for at, byte in enumerate(data):
            self.data[offset + at] &= byte

    def erase(self, offset: int) -> None:
        self.data[offset : offset + self.sector_size] = b"\xff" * self.sector_size


region = _Blank()
KeyStore(region).provision(bytes.fromhex(sys.argv[2]))
with open(sys.argv[1], "wb") as file:
    file.write(region.data)
