"""What the factory writes before a board ships.

`micropython provision.py FOLDER BOARD KEY MINIMUM [IMAGE [IMAGE]]` writes regions of a flash into
FOLDER: keys.bin, in which the public key KEY (hex) is trusted, as a developer's where KEY ends in
",development"; boot_state.bin, in which no
image older than sequence number MINIMUM is accepted; and romfs.bin with the signed envelopes in
slots A and B. It runs the firmware's own code, so each format has one home.
"""

import sys

_here = __file__.rsplit("/", 1)[0]
folder, board_name, key, minimum = sys.argv[1:5]
sys.path[:] = [_here + "/../" + board_name, _here + "/..", _here + "/../../firmware", ".frozen"]

from board import FLASH  # noqa: E402 - found on the path made above
from racklet_base.services.boot_state import BootState  # noqa: E402
from racklet_base.services.keys import KeyStore  # noqa: E402
from racklet_base.services.slots import NONE, slots  # noqa: E402
from racklet_wire import suit  # noqa: E402


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


def install(slot: object, envelope: bytes) -> None:
    """Put a signed image into a slot."""
    head = suit.split(envelope).payload_at
    if len(envelope) - head > slot.capacity:
        raise SystemExit(f"the image is larger than a slot ({slot.capacity} bytes)")
    slot.open(envelope[:head], 1)
    for at in range(head, len(envelope), _Blank.page_size):
        slot.write_page(at - head, envelope[at : at + _Blank.page_size])


keys, boot_state, romfs = _Blank("keys"), _Blank("boot_state"), _Blank("romfs")
KeyStore(keys).provision(bytes.fromhex(key.split(",")[0]), "," in key)
BootState(boot_state).confirm(NONE, int(minimum))
for slot, path in zip(slots(romfs), sys.argv[5:]):  # noqa: B905 - MicroPython has no strict
    with open(path, "rb") as file:
        install(slot, file.read())
for region in (keys, boot_state, romfs):
    region.save(folder)
