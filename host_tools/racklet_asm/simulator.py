"""Runs generated code on any machine, slowly: the instructions that `thumb.Thumb` can write.

For tests of the code without a board. Counts cycles as the Cortex-M0+ takes them (Technical
Reference Manual, section 3.3, single-cycle multiplier, no wait states).
"""

from racklet_asm.thumb import LR, PC

_RETURN = 0xFFFF_FFFE
_M32 = 0xFFFF_FFFF
_SP = 13


class Simulator:
    """`memory` is one block from address 0; the code lies apart and cannot be written."""

    def __init__(self, code: list[int], size: int = 0x4000) -> None:
        self._code = code
        self.memory = bytearray(size)
        self.cycles = 0
        self._reg = [0] * 16
        self._n = self._z = self._c = False

    def call(self, *arguments: int) -> None:
        """Run the code from its start until it falls off its end."""
        self._reg[: len(arguments)] = arguments
        self._reg[4:12] = range(0x1111, 0x1111 + 8)
        before = self._reg[4:12]
        self._reg[_SP] = len(self.memory)
        self._reg[LR] = _RETURN
        self._reg[PC] = 0
        while self._reg[PC] != 2 * len(self._code):
            halfword = self._code[self._reg[PC] // 2]
            self._reg[PC] += 2
            self._step(halfword)
        assert self._reg[_SP] == len(self.memory), "the stack is not what it was"
        assert self._reg[8:12] == before[4:], "a high register was not restored"

    def _step(self, h: int) -> None:
        self.cycles += 1
        rd, rm, imm5 = h & 7, h >> 3 & 7, h >> 6 & 31
        top = h >> 11
        if top in (0, 1):
            self._shift(top, rd, rm, imm5)
        elif h >> 9 in (0b0001100, 0b0001101):
            b = self._reg[h >> 6 & 7]
            self._add(rd, self._reg[rm], b ^ _M32 if h >> 9 & 1 else b, h >> 9 & 1)
        elif top in (4, 5, 6, 7):
            self._immediate(top, h >> 8 & 7, h & 0xFF)
        elif h >> 10 == 0b010000:
            self._data(h >> 6 & 15, rd, rm)
        elif h >> 10 == 0b010001:
            self._special(h)
        elif h >> 8 in (0xB2, 0xBA):
            value = self._reg[rm]
            turned = int.from_bytes(value.to_bytes(4, "little"), "big")
            self._reg[rd] = value & 0xFFFF if h >> 8 == 0xB2 else turned
        elif h >> 8 == 0xB0:
            self._reg[_SP] += (-4 if h & 0x80 else 4) * (h & 0x7F)
        elif h >> 9 in (0b1011010, 0b1011110):
            self._push_or_pop(h)
        elif h >> 12 in (0xC, 0x6, 0x7, 0x9):
            self._memory(h, rd, rm, imm5)
        elif h >> 12 == 0xA:
            self._reg[h >> 8 & 7] = self._reg[_SP] + 4 * (h & 0xFF)
        else:
            self._branch(h)

    def _flags(self, value: int) -> int:
        self._n, self._z = bool(value >> 31 & 1), value & _M32 == 0
        return value & _M32

    def _add(self, rd: int | None, a: int, b: int, carry: int) -> None:
        total = a + b + carry
        self._c = total > _M32
        result = self._flags(total & _M32)
        if rd is not None:
            self._reg[rd] = result

    def _shift(self, right: int, rd: int, rm: int, bits: int) -> None:
        value = self._reg[rm]
        if right:
            self._c = bool(value >> bits - 1 & 1)
            self._reg[rd] = self._flags(value >> bits)
        else:
            if bits:
                self._c = bool(value >> 32 - bits & 1)
            self._reg[rd] = self._flags(value << bits & _M32)

    def _immediate(self, top: int, rd: int, value: int) -> None:
        if top == 4:
            self._reg[rd] = self._flags(value)
        elif top == 6:
            self._add(rd, self._reg[rd], value, 0)
        else:
            self._add(rd if top == 7 else None, self._reg[rd], value ^ _M32, 1)

    def _data(self, operation: int, rd: int, rm: int) -> None:
        a, b = self._reg[rd], self._reg[rm]
        if operation == 5:
            self._add(rd, a, b, self._c)
        elif operation == 6:
            self._add(rd, a, b ^ _M32, self._c)
        elif operation == 7:
            bits = b & 31
            self._reg[rd] = self._flags((a >> bits | a << 32 - bits) & _M32)
        else:
            result = {0: a & b, 1: a ^ b, 12: a | b, 13: a * b}[operation]
            self._reg[rd] = self._flags(result & _M32)

    def _special(self, h: int) -> None:
        rd, rm = h & 7 | h >> 4 & 8, h >> 3 & 15
        if h >> 8 == 0x46:
            self._reg[rd] = self._reg[rm]
        elif h >> 8 == 0x44 and rd == PC:
            self._reg[PC] += 2 + self._reg[rm]
            self.cycles += 1
        elif h == 0x4770:
            self._reg[PC] = self._reg[LR]
            self.cycles += 1
        else:
            raise NotImplementedError(hex(h))

    def _push_or_pop(self, h: int) -> None:
        registers = [register for register in range(8) if h >> register & 1]
        self.cycles += len(registers)
        if h >> 11 & 1:
            for register in registers:
                self._reg[register] = self._load(self._reg[_SP])
                self._reg[_SP] += 4
        else:
            for register in reversed(registers):
                self._reg[_SP] -= 4
                self._store(self._reg[_SP], self._reg[register])

    def _memory(self, h: int, rd: int, rm: int, imm5: int) -> None:
        self.cycles += 1
        load = h >> 11 & 1
        if h >> 12 == 0xC:
            base = h >> 8 & 7
            registers = [register for register in range(8) if h >> register & 1]
            self.cycles += len(registers) - 1
            for register in registers:
                self._move(load, register, self._reg[base])
                self._reg[base] += 4
        elif h >> 12 == 9:
            self._move(load, h >> 8 & 7, self._reg[_SP] + 4 * (h & 0xFF))
        elif h >> 12 == 6:
            self._move(load, rd, self._reg[rm] + 4 * imm5)
        else:
            assert load, "bytes are only read"
            self._reg[rd] = self.memory[self._reg[rm] + imm5]

    def _move(self, load: int, register: int, address: int) -> None:
        if load:
            self._reg[register] = self._load(address)
        else:
            self._store(address, self._reg[register])

    def _load(self, address: int) -> int:
        assert address % 4 == 0, "not aligned"
        return int.from_bytes(self.memory[address : address + 4], "little")

    def _store(self, address: int, value: int) -> None:
        assert address % 4 == 0 and address + 4 <= len(self.memory), "outside the memory"
        self.memory[address : address + 4] = value.to_bytes(4, "little")

    def _branch(self, h: int) -> None:
        if h >> 11 == 0b11110:  # BL, with its second half
            low = self._code[self._reg[PC] // 2] & 0x7FF
            offset = _signed((h & 0x7FF) << 12 | low << 1, 23)
            self._reg[LR] = self._reg[PC] + 2
            self._reg[PC] += 2 + offset
            self.cycles += 2
            return
        if h >> 11 == 0b11100:
            taken, offset = True, _signed((h & 0x7FF) << 1, 12)
        else:
            assert h >> 12 == 0xD, hex(h)
            taken = (self._z, not self._z, self._c, not self._c)[h >> 8 & 15]
            offset = _signed((h & 0xFF) << 1, 9)
        if taken:
            self._reg[PC] += 2 + offset
            self.cycles += 1


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> bits - 1 else value
