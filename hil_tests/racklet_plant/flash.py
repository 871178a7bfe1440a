"""The BMC's SPI NOR flash: sectors, pages, times, and what a power cut leaves behind.

Programming only clears bits, erasing sets a sector's bits. Times are typical ones of the
W25Q16JV: 45 ms a sector, 0.4 ms a page.
"""

import mmap
import random
from dataclasses import dataclass
from pathlib import Path

from .errors import PlantError
from .world import MS, US, World

SECTOR = 4096
PAGE = 256
ERASE_NS = 45 * MS
PROGRAM_NS = 400 * US
_WEAK_PAGE, _WEAK_ERASE = 0.05, 0.01
_DISTURB = 0.01


@dataclass
class _Pending:
    offset: int
    data: bytes | None  # None = erase
    begin_ns: int
    end_ns: int


class Flash:
    """2 MiB of NOR; indexing reaches the bytes as they are in the cells.

    An operation takes effect at its end; `busy_until` says when that is. `power_down` in the
    middle of one tears it. Torn cells may be weak: `weak` maps a byte's offset to {mask:
    probability of a 1}. `read` rolls them every time, `power_up` once for whoever reads the
    bytes directly, so that a page that once verified may not verify again.
    """

    def __init__(self, world: World, size: int, rng: random.Random) -> None:
        self._world = world
        self._rng = rng
        self.data: bytearray | mmap.mmap = bytearray(b"\xff" * size)
        self.weak: dict[int, dict[int, float]] = {}
        self.erases = 0
        self.programs = 0
        self._pending: _Pending | None = None

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: slice) -> bytes:
        return bytes(self.data[index])

    def __setitem__(self, index: slice, value: bytes) -> None:
        self.data[index] = value

    def attach_file(self, path: Path) -> None:
        """Keep the bytes in that file, which another process may map; made if it is not there.

        A file that is there wins over what the flash holds now.
        """
        if not path.exists():
            path.write_bytes(self.data)
        with path.open("r+b") as file:
            self.data = mmap.mmap(file.fileno(), len(self.data))

    @property
    def busy_until(self) -> int:
        self._finish()
        return self._pending.end_ns if self._pending else self._world.now_ns

    def read(self, offset: int, count: int) -> bytes:
        self._finish()
        self._check(offset, count)
        if not self.weak:
            return bytes(self.data[offset : offset + count])
        return bytes(self._rolled(k) for k in range(offset, offset + count))

    def program(self, offset: int, data: bytes) -> int:
        """Start to program inside one page. Returns how long it takes, in ns."""
        self._ready()
        self._check(offset, len(data))
        if offset // PAGE != (offset + max(len(data), 1) - 1) // PAGE:
            raise PlantError(f"a page program may not cross a {PAGE}-byte page: {offset:#x}")
        return self._begin(offset, bytes(data), PROGRAM_NS)

    def erase(self, offset: int) -> int:
        """Start to erase one sector. Returns how long it takes, in ns."""
        self._ready()
        self._check(offset, SECTOR)
        if offset % SECTOR:
            raise PlantError(f"{offset:#x} is not the start of a {SECTOR}-byte sector")
        return self._begin(offset, None, ERASE_NS)

    def power_up(self) -> None:
        for offset in self.weak:
            self.data[offset] = self._rolled(offset)

    def power_down(self) -> None:
        """The supply is gone: what runs now is torn, in proportion to how far it came."""
        self._finish()
        if (op := self._pending) is None:
            return
        self._pending = None
        share = (self._world.now_ns - op.begin_ns) / (op.end_ns - op.begin_ns)
        self.tear(op.offset, op.data, share)

    def tear(self, offset: int, data: bytes | None, share: float) -> None:
        """Leave the traces of an operation (None = erase) cut after that share of its time."""
        if data is None:
            self._torn_erase(offset, share)
        else:
            self._torn_page(offset, data, share)
        if self._rng.random() < _DISTURB:
            sector = offset // SECTOR * SECTOR
            for _ in range(self._rng.randint(1, 8)):
                self.data[sector + self._rng.randrange(SECTOR)] ^= 1 << self._rng.randrange(8)

    # --- inside ------------------------------------------------------------------------

    def _rolled(self, offset: int) -> int:
        byte = self.data[offset]
        for mask, p in self.weak.get(offset, {}).items():
            byte = byte | mask if self._rng.random() < p else byte & ~mask
        return byte

    def _begin(self, offset: int, data: bytes | None, ns: int) -> int:
        now = self._world.now_ns
        self._pending = _Pending(offset, data, now, now + ns)
        self._world.at(now + ns, self._finish)
        return ns

    def _ready(self) -> None:
        self._finish()
        if self._pending is not None:
            raise PlantError("the flash is busy")

    def _check(self, offset: int, count: int) -> None:
        if offset < 0 or offset + count > len(self.data):
            raise PlantError(f"{count} bytes at {offset:#x} are outside the flash")

    def _finish(self) -> None:
        op = self._pending
        if op is None or self._world.now_ns < op.end_ns:
            return
        self._pending = None
        if op.data is None:
            self.erases += 1
            self.data[op.offset : op.offset + SECTOR] = b"\xff" * SECTOR
            self._forget_weak(op.offset, SECTOR)
        else:
            self.programs += 1
            for k, byte in enumerate(op.data):
                self.data[op.offset + k] &= byte

    def _torn_page(self, offset: int, data: bytes, share: float) -> None:
        """Pending bits clear in no order; some end in between."""
        rng = self._rng
        for k, byte in enumerate(data):
            for bit in range(8):
                mask = 1 << bit
                if not self.data[offset + k] & mask or byte & mask:
                    continue
                if rng.random() < _WEAK_PAGE:
                    self._weaken(offset + k, mask)
                elif rng.random() < share:
                    self.data[offset + k] &= ~mask

    def _torn_erase(self, offset: int, share: float) -> None:
        """First everything is driven to 0, then to 1; late cuts read FF and yet are weak."""
        rng = self._rng
        if share < 0.3:
            for k in range(offset, offset + SECTOR):
                if rng.random() < share / 0.3:
                    self.data[k] &= rng.getrandbits(8) & rng.getrandbits(8)
        elif share < 0.8:
            self.data[offset : offset + SECTOR] = rng.randbytes(SECTOR)
        else:
            self.data[offset : offset + SECTOR] = b"\xff" * SECTOR
            self._forget_weak(offset, SECTOR)
            for k in range(offset, offset + SECTOR):
                if rng.random() < 8 * _WEAK_ERASE:
                    self._weaken(k, 1 << rng.randrange(8))

    def _weaken(self, offset: int, mask: int) -> None:
        self.weak.setdefault(offset, {})[mask] = self._rng.uniform(0.1, 0.7)

    def _forget_weak(self, offset: int, count: int) -> None:
        for k in [k for k in self.weak if offset <= k < offset + count]:
            del self.weak[k]
