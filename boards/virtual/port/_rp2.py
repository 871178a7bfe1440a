"""`_rp2` as far as the firmware uses it: the flash behind the file-system region.

Reads go to the file that is this unit's flash; erasing and programming are requests to the
plant, which knows how long they take and what a power cut in the middle leaves behind.
"""

from board import FLASH
from link import link
from machine.system import flash_path

_SECTOR = 4096
_PAGE = 256
_STORAGE_BASE = FLASH["log"][0]  # MICROPY_HW_FLASH_STORAGE_BASE of the real board


class Flash:
    """A block device of 4 KiB sectors, from `start` bytes into the storage region."""

    def __init__(self, *, start: int = 0, len: int = -1) -> None:
        self._base = _STORAGE_BASE + start
        self._length = FLASH["size"] - self._base if len < 0 else len
        self._file = open(flash_path(), "rb")

    def readblocks(self, block: int, buffer, offset: int = 0) -> None:
        self._file.seek(self._base + block * _SECTOR + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block: int, buffer, offset: int = -1) -> None:
        """Program; without an offset the sectors are erased first.

        Whole pages only: of shorter data the boot ROM would program what follows it in RAM.
        """
        if len(buffer) % _PAGE or max(offset, 0) % _PAGE:
            raise ValueError("not whole pages")
        address = self._base + block * _SECTOR
        if offset < 0:
            for sector in range(address, address + len(buffer), _SECTOR):
                link.call("flash_erase", sector)
            offset = 0
        for at in range(0, len(buffer), _PAGE):
            link.call("flash_program", address + offset + at, bytes(buffer[at : at + _PAGE]).hex())

    def ioctl(self, request: int, argument: int):
        if request == 4:
            return self._length // _SECTOR
        if request == 5:
            return _SECTOR
        if request == 6:
            link.call("flash_erase", self._base + argument * _SECTOR)
            return 0
        return None
