"""A small assembler for ARMv6-M (ARMv6-M Architecture Reference Manual, chapter A6.7).

Methods are instructions; low registers are 0-7. Names follow the manual without the `s` that
marks flag setting: whatever can set flags does. Note that the bitwise operations and MOV of a
constant leave the carry alone, as do all loads and stores; shifts do not.
"""

R8, R9, R10, R11, R12, LR, PC = 8, 9, 10, 11, 12, 14, 15


class Thumb:
    """Code under assembly: halfwords, and the branches that wait for their labels."""

    def __init__(self) -> None:
        self._code: list[int] = []
        self._labels: dict[str, int] = {}
        self._branches: list[tuple[int, str, str]] = []  # where, kind, label

    def halfwords(self) -> list[int]:
        """The finished code; KeyError for a label that is nowhere."""
        code = list(self._code)
        for at, kind, label in self._branches:
            offset = 2 * (self._labels[label] - at) - 4
            if kind == "bl":
                code[at] = 0xF000 | offset >> 12 & 0x7FF
                code[at + 1] = 0xF800 | offset >> 1 & 0x7FF
            elif kind == "b":
                assert -2048 <= offset < 2048, label
                code[at] = 0xE000 | offset >> 1 & 0x7FF
            else:
                assert -256 <= offset < 256, label
                code[at] = _CONDITIONS[kind] | offset >> 1 & 0xFF
        return code

    def label(self, name: str) -> None:
        assert name not in self._labels, name
        self._labels[name] = len(self._code)

    def _emit(self, *halfwords: int) -> None:
        self._code += halfwords

    # --- branches ------------------------------------------------------------

    def branch(self, label: str, condition: str = "b") -> None:
        """`condition`: b (always), eq, ne, cs, cc."""
        self._branches.append((len(self._code), condition, label))
        self._emit(0)

    def call(self, label: str) -> None:
        self._branches.append((len(self._code), "bl", label))
        self._emit(0, 0)

    def ret(self) -> None:
        self._emit(0x4770)

    def add_pc(self, low: int) -> None:
        """Jump: the address of this instruction, plus 4, plus a register."""
        self._emit(0x4487 | low << 3)

    def nop(self) -> None:
        self._emit(0x46C0)

    # --- moves and constants ---------------------------------------------------

    def mov(self, to: int, source: int) -> None:
        """Any register to any register; no flags."""
        self._emit(0x4600 | (to & 8) << 4 | source << 3 | to & 7)

    def const(self, to: int, value: int) -> None:
        """0 to 255; the carry stays."""
        assert 0 <= value < 256
        self._emit(0x2000 | to << 8 | value)

    # --- arithmetic ------------------------------------------------------------

    def add(self, to: int, a: int, b: int) -> None:
        self._emit(0x1800 | b << 6 | a << 3 | to)

    def sub(self, to: int, a: int, b: int) -> None:
        self._emit(0x1A00 | b << 6 | a << 3 | to)

    def add_const(self, to: int, value: int) -> None:
        self._emit(0x3000 | to << 8 | value)

    def sub_const(self, to: int, value: int) -> None:
        self._emit(0x3800 | to << 8 | value)

    def cmp_const(self, a: int, value: int) -> None:
        self._emit(0x2800 | a << 8 | value)

    def adc(self, to: int, b: int) -> None:
        self._emit(0x4140 | b << 3 | to)

    def sbc(self, to: int, b: int) -> None:
        self._emit(0x4180 | b << 3 | to)

    def mul(self, to: int, b: int) -> None:
        self._emit(0x4340 | b << 3 | to)

    # --- bits ------------------------------------------------------------------

    def and_(self, to: int, b: int) -> None:
        self._emit(0x4000 | b << 3 | to)

    def eor(self, to: int, b: int) -> None:
        self._emit(0x4040 | b << 3 | to)

    def orr(self, to: int, b: int) -> None:
        self._emit(0x4300 | b << 3 | to)

    def lsl(self, to: int, source: int, bits: int) -> None:
        self._emit(bits << 6 | source << 3 | to)

    def lsr(self, to: int, source: int, bits: int) -> None:
        assert 0 < bits < 32
        self._emit(0x0800 | bits << 6 | source << 3 | to)

    def ror(self, to: int, by: int) -> None:
        """Rotate right by the number in a register."""
        self._emit(0x41C0 | by << 3 | to)

    def uxth(self, to: int, source: int) -> None:
        """The low half of a register."""
        self._emit(0xB280 | source << 3 | to)

    def rev(self, to: int, source: int) -> None:
        """The bytes of a word in the other order."""
        self._emit(0xBA00 | source << 3 | to)

    # --- memory ----------------------------------------------------------------

    def ldr(self, to: int, base: int, offset: int = 0) -> None:
        assert offset % 4 == 0 and 0 <= offset < 128
        self._emit(0x6800 | offset // 4 << 6 | base << 3 | to)

    def str(self, source: int, base: int, offset: int = 0) -> None:
        assert offset % 4 == 0 and 0 <= offset < 128
        self._emit(0x6000 | offset // 4 << 6 | base << 3 | source)

    def ldrb(self, to: int, base: int, offset: int = 0) -> None:
        self._emit(0x7800 | offset << 6 | base << 3 | to)

    def ldr_sp(self, to: int, offset: int) -> None:
        self._emit(0x9800 | to << 8 | offset // 4)

    def str_sp(self, source: int, offset: int) -> None:
        self._emit(0x9000 | source << 8 | offset // 4)

    def address_sp(self, to: int, offset: int) -> None:
        """The address of a place on the stack."""
        self._emit(0xA800 | to << 8 | offset // 4)

    def load_many(self, base: int, *registers: int) -> None:
        """Ascending registers from ascending addresses; `base` moves behind them."""
        self._emit(0xC800 | base << 8 | sum(1 << register for register in registers))

    def store_many(self, base: int, *registers: int) -> None:
        self._emit(0xC000 | base << 8 | sum(1 << register for register in registers))

    def push(self, *registers: int) -> None:
        self._emit(0xB400 | sum(1 << register for register in registers))

    def pop(self, *registers: int) -> None:
        self._emit(0xBC00 | sum(1 << register for register in registers))

    def enter(self, size: int) -> None:
        """Take `size` bytes of stack."""
        self._emit(0xB080 | size // 4)

    def leave(self, size: int) -> None:
        self._emit(0xB000 | size // 4)


_CONDITIONS = {"eq": 0xD000, "ne": 0xD100, "cs": 0xD200, "cc": 0xD300}
