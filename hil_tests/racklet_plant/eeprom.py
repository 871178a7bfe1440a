"""AT24CS32: 4 KiB EEPROM with 16-bit addresses, and a factory serial at a second address."""

from .world import MS, World

SIZE = 4096
PAGE = 32
WRITE_NS = 5 * MS

_WORN_CELL = 20  # in the board area of a FRU image


class Eeprom:
    """Memory at its own address. During a write cycle it does not acknowledge at all."""

    def __init__(self, world: World, image: bytes = b"") -> None:
        self._world = world
        self.data = bytearray(image + b"\xff" * (SIZE - len(image)))
        self.absent = False
        self.worn = 0  # 1: a bit of _WORN_CELL reads wrong
        self.protected = False
        self._pointer = 0
        self._page_start = 0
        self._busy_until = 0

    def break_down(self, fault: str) -> None:
        """absent, wrong (one bit of what it holds) or ok."""
        self.absent = fault == "absent"
        self.worn = int(fault == "wrong")

    def write(self, data: bytes) -> bool:
        if self.busy:
            return False
        if len(data) >= 2:
            self._pointer = int.from_bytes(data[:2], "big") % SIZE
            self._program(data[2:])
        return True

    def read(self, count: int) -> bytes | None:
        if self.busy:
            return None
        places = [(self._pointer + k) % SIZE for k in range(count)]
        self._pointer = (self._pointer + count) % SIZE
        return bytes(self.data[at] ^ (self.worn * (at == _WORN_CELL)) for at in places)

    @property
    def busy(self) -> bool:
        return self.absent or self._world.now_ns < self._busy_until

    def power_down(self) -> None:
        """A write cycle that was running is lost half done: the page's last bytes stay FF."""
        if self._world.now_ns < self._busy_until:
            start = self._page_start
            self.data[start + PAGE // 2 : start + PAGE] = b"\xff" * (PAGE // 2)
        self._busy_until = 0
        self._pointer = 0

    def _program(self, data: bytes) -> None:
        if not data or self.protected:
            return
        self._page_start = self._pointer // PAGE * PAGE
        for byte in data:  # the address rolls over inside the page
            self.data[self._pointer] = byte
            self._pointer = self._page_start + (self._pointer + 1) % PAGE
        self._busy_until = self._world.now_ns + WRITE_NS


class SerialNumber:
    """The 128-bit serial of the same part, read at word address 0x0800."""

    def __init__(self, eeprom: Eeprom, serial: bytes) -> None:
        self._eeprom = eeprom
        self.serial = serial
        self._pointer = 0

    def write(self, data: bytes) -> bool:
        if self._eeprom.busy:
            return False
        if len(data) >= 2:
            self._pointer = int.from_bytes(data[:2], "big")
        return True

    def read(self, count: int) -> bytes | None:
        if self._eeprom.busy:
            return None
        start = self._pointer - 0x0800
        window = [start + k for k in range(count)]
        self._pointer += count
        return bytes(self.serial[k] if 0 <= k < 16 else 0xFF for k in window)
