"""What the heap of a started BMC holds: `python -m racklet_bench.rp2040.heap`.

Read out of the emulated RAM after a collection: each block by the type that its first word points
to, or by what points to it. Layouts are those of MicroPython 1.26 (py/gc.c, obj.h, objfun.h).
"""

import shutil
import struct
import subprocess
from collections import Counter

from racklet_uf2 import OUTPUT

from .bench import BOARD, EmulatedRack
from .figures import boot_status, first_answer, heap

_RAM = 0x2000_0000
_BLOCK = 16
_HEAD, _TAIL, _MARK = 1, 2, 3  # two bits a block

# Type -> (offset of a pointer, what lies there)
_PARTS = {
    "instance": ((12, "attributes of instances"),),
    "mp_type_dict": ((12, "tables of dictionaries: names of modules and classes"),),
    "mp_type_list": ((12, "lists"),),
    "mp_type_bytearray": ((12, "buffers"),),
    "mp_type_array": ((12, "buffers"),),
    "mp_type_str": ((12, "texts"),),
    "mp_type_bytes": ((12, "texts"),),
    "mp_type_module": ((8, "names that loaded modules use"), (12, "constants of loaded modules")),
    "mp_type_fun_bc": ((8, "code of functions within functions"),),
}
_NAMES = {
    "instance": "instances",
    "mp_type_fun_bc": "functions",
    "mp_type_type": "classes",
    "mp_type_tuple": "tuples",
    "mp_type_dict": "dictionaries",
    "mp_type_module": "modules",
    "mp_type_gen_instance": "coroutines",
    "task_type": "tasks",
}


class Census:
    """The blocks in use, and what each is."""

    def __init__(self, ram: bytes, symbols: dict[str, int]) -> None:
        self._ram = ram
        self._types = {at: name for name, at in symbols.items() if "type" in name}
        self._type = symbols["mp_type_type"]
        self.blocks = dict(self._blocks(symbols["mp_state_ctx"]))
        self.kinds: dict[int, str] = {}
        for at in self.blocks:
            if kind := self._kind(at):
                self.kinds[at] = kind
        for at, kind in list(self.kinds.items()):
            for offset, what in _PARTS.get(kind, ()):
                part = self._word(at + offset) if self.blocks[at] > offset else 0
                if part in self.blocks:
                    self.kinds.setdefault(part, what)

    def _word(self, at: int) -> int:
        return int(struct.unpack_from("<I", self._ram, at - _RAM)[0])

    def _blocks(self, context: int) -> "list[tuple[int, int]]":
        """(address, size) of what is in use."""
        table, begin, end = self._area(context)
        found: list[tuple[int, int]] = []
        for number in range((end - begin) // _BLOCK):
            bits = self._ram[table - _RAM + number // 4] >> 2 * (number % 4) & 3
            if bits in (_HEAD, _MARK):
                found.append((begin + _BLOCK * number, _BLOCK))
            elif bits == _TAIL:
                found[-1] = (found[-1][0], found[-1][1] + _BLOCK)
        return found

    def _area(self, context: int) -> tuple[int, int, int]:
        """The table of two bits a block, the pool's begin and end. Found by their shape: table
        and its size, perhaps a table of finalisers, and the pool."""
        for at in range(context, context + 2000, 4):
            table, size = self._word(at), self._word(at + 4)
            for pool in (at + 8, at + 12):
                begin, end = self._word(pool), self._word(pool + 4)
                if _RAM <= table < begin < end <= _RAM + len(self._ram) and (
                    size == (end - begin) // _BLOCK // 4
                ):
                    return table, begin, end
        raise LookupError("no heap in this RAM")

    def _kind(self, at: int) -> str | None:
        first = self._word(at)
        if first in self._types:
            return self._types[first]
        return "instance" if first in self.blocks and self._word(first) == self._type else None

    def sums(self) -> "list[tuple[int, int, str]]":
        """(bytes, blocks, what), the largest first."""
        sizes: Counter[str] = Counter()
        numbers: Counter[str] = Counter()
        for at, size in self.blocks.items():
            kind = self.kinds.get(at, "other, mostly of the port")
            name = _NAMES.get(kind, kind)
            sizes[name] += size
            numbers[name] += 1
        return [(size, numbers[name], name) for name, size in sizes.most_common()]


def symbols() -> dict[str, int]:
    """Name -> address in the built firmware."""
    tool = shutil.which("arm-none-eabi-nm")
    if tool is None:
        raise FileNotFoundError("no arm-none-eabi-nm; make firmware says what to install")
    text = subprocess.run(
        [tool, OUTPUT / f"{BOARD}.elf"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in text.splitlines()]
    return {row[2]: int(row[0], 16) for row in rows if len(row) == 3}


def main() -> None:
    rack = EmulatedRack()
    rack.plant.slots[1].insert()
    first_answer(rack, 0)
    boot_status(rack)
    used = heap(rack)
    chip = rack.bmc(1).chip
    assert chip is not None
    census = Census(bytes(chip.mcu.sram), symbols())
    print(f"{used:,} bytes in use, in {len(census.blocks):,} blocks\n")
    for size, number, name in census.sums():
        print(f"{size:8,} bytes {number:5} blocks  {name}")
    print("\nthe largest blocks:")
    for at, size in sorted(census.blocks.items(), key=lambda item: -item[1])[:12]:
        print(f"{size:8,} bytes  {census.kinds.get(at, 'other')}")


if __name__ == "__main__":
    main()
