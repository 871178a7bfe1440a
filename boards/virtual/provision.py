"""What the factory does before a board ships: `micropython provision.py FOLDER KEY MINIMUM`.

Writes regions of a flash into FOLDER: keys.bin, in which the public key KEY (hex) is trusted,
and boot_state.bin, in which no image older than sequence number MINIMUM is accepted. It runs
the firmware's own code, so each format has one home.
"""

import sys

_here = __file__.rsplit("/", 1)[0]
sys.path[:] = [_here, _here + "/..", _here + "/../../firmware", ".frozen"]

from board import FLASH  # noqa: E402 - found on the path made above
from racklet_base.services.boot_state import BootState  # noqa: E402
from racklet_base.services.keys import KeyStore  # noqa: E402
from racklet_base.services.slots import NONE  # noqa: E402


class _Blank:
    """An erased region in memory."""

    sector_size = 4096
    page_size = 256

    def __init__(self, name: str) -> None:
        self.name = name
        self.size = FLASH[name][1]
        self.data = bytearray(b"\xff" * self.size)

    def read(self, offset: int, buffer: bytearray) -> None:
        buffer[:] = self.data[offset : offset + len(buffer)]

    def program(self, offset: int, data: bytes) -> None:
        for at, byte in enumerate(data):
            self.data[offset + at] &= byte

    def erase(self, offset: int) -> None:
        self.data[offset : offset + self.sector_size] = b"\xff" * self.sector_size

    def save(self, folder: str) -> None:
        with open(f"{folder}/{self.name}.bin", "wb") as file:
            file.write(self.data)


folder, key, minimum = sys.argv[1:]
keys, boot_state = _Blank("keys"), _Blank("boot_state")
KeyStore(keys).provision(bytes.fromhex(key))
BootState(boot_state).confirm(NONE, int(minimum))
for region in (keys, boot_state):
    region.save(folder)
