"""A machine for arithmetic modulo p = 2**255 - 19, for ARMv6-M.

Numbers lie in slots of 32 bytes and are kept below 2**256, congruent, not reduced. A program
is a string of instructions of four bytes: operation, target, a, b. Arguments of the function:
r0 the slots, r1 the program, r2 the library (programs that CALL runs), r3 the table whose
entries LOAD_BASE copies.

The multiplier of the Cortex-M0+ gives the low 32 bits of a product, in one cycle. So a word
product is made of four products of halves; words are summed up column by column.
"""

from racklet_asm.thumb import R8, R9, R10, R11, R12, Thumb

MUL, SQR, ADD, SUB, CALL, LOAD, LOAD_BASE, END = range(8)
"""SQR: b is how many times. CALL: the target is how many times, a and b the offset of the
library's instruction (a the low byte). LOAD: entry `target` of the table of cached points;
LOAD_BASE: of the base point's; both copy to the OPERAND slots."""

WORDS = 8
SLOT = 4 * WORDS
OPERAND = 16  # first of four slots
CACHED = 28  # first slot of the table of cached points, four a point
SLOTS = CACHED + 4 * 8

_FRAME = 32  # of the machine: where CALL came from, its start and count, and SQR's count
_FROM, _START, _COUNT, _SQUARINGS = 0, 4, 8, 12

_PRODUCT = 4 * 2 * WORDS  # of a multiplication: the product, then copies of the operands
_A, _B = _PRODUCT, _PRODUCT + SLOT
_MUL_FRAME = _PRODUCT + 2 * SLOT


def machine() -> list[int]:
    """The whole function."""
    code = Thumb()
    for low, high in ((4, R8), (5, R9), (6, R10), (7, R11)):
        code.mov(low, high)
    code.push(4, 5, 6, 7)
    code.enter(_FRAME)
    for low, high in ((0, R8), (1, R9), (2, R10), (3, R11)):
        code.mov(high, low)
    _dispatch(code)
    _multiply(code)
    _square(code)
    _add(code)
    _subtract(code)
    code.label("exit")
    code.leave(_FRAME)
    code.pop(4, 5, 6, 7)
    for low, high in ((4, R8), (5, R9), (6, R10), (7, R11)):
        code.mov(high, low)
    return code.halfwords()


def _dispatch(code: Thumb) -> None:
    code.label("next")
    code.mov(3, R9)
    for register, offset in ((4, 0), (0, 1), (1, 2), (2, 3)):
        code.ldrb(register, 3, offset)
    code.add_const(3, 4)
    code.mov(R9, 3)
    code.lsl(4, 4, 1)
    code.add_pc(4)
    code.nop()
    for operation in ("mul", "sqr", "add", "sub", "call", "load", "load_base", "end"):
        code.branch("do_" + operation)
    _arithmetic(code)
    _loads(code)
    _call_and_end(code)


def _arithmetic(code: Thumb) -> None:
    for operation in ("mul", "add", "sub"):
        code.label("do_" + operation)
        _addresses(code, 0, 1, 2)
        code.call(operation)
        code.branch("next")

    code.label("do_sqr")
    code.str_sp(2, _SQUARINGS)
    _addresses(code, 0, 1)
    code.label("squaring")
    code.call("sqr")
    code.ldr_sp(2, _SQUARINGS)
    code.mov(1, 0)
    code.sub_const(2, 1)
    code.str_sp(2, _SQUARINGS)
    code.branch("squaring", "ne")
    code.branch("next")


def _loads(code: Thumb) -> None:
    code.label("do_load")
    code.const(1, CACHED)
    code.lsl(1, 1, 5)
    code.mov(2, R8)
    code.add(1, 1, 2)
    code.lsl(0, 0, 7)
    code.add(1, 1, 0)
    code.const(2, 4)
    code.branch("copy")

    code.label("do_load_base")
    code.const(2, 3 * SLOT)
    code.mul(0, 2)
    code.mov(1, R11)
    code.add(1, 1, 0)
    code.const(2, 3)

    code.label("copy")  # r2 slots from r1 to the operands
    code.const(0, OPERAND)
    _addresses(code, 0)
    code.label("copy_slot")
    for _ in (0, 1):
        code.load_many(1, 3, 4, 5, 6)
        code.store_many(0, 3, 4, 5, 6)
    code.sub_const(2, 1)
    code.branch("copy_slot", "ne")
    code.branch("next")


def _call_and_end(code: Thumb) -> None:
    code.label("do_call")
    code.str_sp(3, _FROM)
    code.str_sp(0, _COUNT)
    code.lsl(2, 2, 8)
    code.orr(2, 1)
    code.lsl(2, 2, 2)
    code.mov(1, R10)
    code.add(2, 2, 1)
    code.str_sp(2, _START)
    code.mov(R9, 2)
    code.branch("next")

    code.label("do_end")
    code.cmp_const(0, 0)  # the target of END: 0 ends the program, 1 a library routine
    code.branch("leave", "eq")
    code.ldr_sp(0, _COUNT)
    code.sub_const(0, 1)
    code.str_sp(0, _COUNT)
    code.branch("return", "eq")
    code.ldr_sp(3, _START)
    code.mov(R9, 3)
    code.branch("next")
    code.label("return")
    code.ldr_sp(3, _FROM)
    code.mov(R9, 3)
    code.branch("next")
    code.label("leave")
    code.call("exit")  # a far jump: nothing comes back


def _addresses(code: Thumb, *registers: int) -> None:
    """Slot numbers to addresses."""
    code.mov(7, R8)
    for register in registers:
        code.lsl(register, register, 5)
        code.add(register, register, 7)


def _copy_operand(code: Thumb, source: int, offset: int) -> None:
    code.address_sp(7, offset)
    for _ in (0, 1):
        code.load_many(source, 3, 4, 5, 6)
        code.store_many(7, 3, 4, 5, 6)


def _word_product(code: Thumb, sums: tuple[int, int, int], a: int, b: int) -> None:
    """sums += [sp + a] * [sp + b]; uses r0 to r4."""
    x, y, t0, t1, t2 = 0, 1, 2, 3, 4
    code.ldr_sp(x, a)
    code.ldr_sp(y, b)
    code.uxth(t0, x)
    code.uxth(t1, y)
    code.lsr(x, x, 16)
    code.lsr(y, y, 16)
    code.mov(t2, t0)
    code.mul(t2, t1)
    code.mul(t0, y)
    code.mul(t1, x)
    code.mul(x, y)
    for middle in (t0, t1):
        code.lsl(y, middle, 16)
        code.lsr(middle, middle, 16)
        code.add(t2, t2, y)
        code.adc(x, middle)
    code.add(sums[0], sums[0], t2)
    code.adc(sums[1], x)
    code.const(y, 0)
    code.adc(sums[2], y)


def _columns(code: Thumb, pairs_of: "dict[int, list[tuple[int, int]]]", b: int) -> None:
    """Sum up word products column by column into the product; column 0 may be empty."""
    sums = (5, 6, 7)
    for register in sums:
        code.const(register, 0)
    for column, pairs in sorted(pairs_of.items()):
        for i, j in pairs:
            _word_product(code, sums, _A + 4 * i, b + 4 * j)
        code.str_sp(sums[0], 4 * column)
        sums = (sums[1], sums[2], sums[0])
        code.const(sums[2], 0)
    last = max(pairs_of) + 1
    code.str_sp(sums[0], 4 * last)


def _multiply(code: Thumb) -> None:
    """[r0] = [r1] * [r2]; r0 stays."""
    code.label("mul")
    code.enter(_MUL_FRAME)
    code.mov(R12, 0)
    _copy_operand(code, 1, _A)
    _copy_operand(code, 2, _B)
    columns = {
        column: [(i, column - i) for i in range(WORDS) if 0 <= column - i < WORDS]
        for column in range(2 * WORDS - 1)
    }
    _columns(code, columns, _B)
    _reduce(code, "mul")


def _square(code: Thumb) -> None:
    """[r0] = [r1] squared; r0 stays. Products of different words once, then doubled."""
    code.label("sqr")
    code.enter(_MUL_FRAME)
    code.mov(R12, 0)
    _copy_operand(code, 1, _A)
    columns = {
        column: [(i, column - i) for i in range(WORDS) if i < column - i < WORDS]
        for column in range(1, 2 * WORDS - 2)
    }
    _columns(code, columns, _A)
    # Twice that, plus the squares: r5 the bit that doubling pushes on, r6 the carry.
    code.const(5, 0)
    code.const(6, 0)
    for i in range(WORDS):
        _word_square(code, _A + 4 * i)  # r0 low, r1 high
        first, last = i == 0, i == WORDS - 1
        low, high = 2 * i, 2 * i + 1
        if first:
            code.const(2, 0)
        else:
            code.ldr_sp(2, 4 * low)
        code.lsl(4, 2, 1)
        code.orr(4, 5)
        if last:
            code.const(3, 0)
        else:
            code.ldr_sp(3, 4 * high)
        code.lsr(2, 2, 31)
        code.lsl(7, 3, 1)
        code.orr(7, 2)
        code.lsr(5, 3, 31)
        code.const(2, 0)
        code.add(0, 0, 6)
        code.adc(1, 2)
        code.add(0, 0, 4)
        code.adc(1, 7)
        code.const(6, 0)
        code.adc(6, 6)
        code.str_sp(0, 4 * low)
        code.str_sp(1, 4 * high)
    _reduce(code, "sqr")


def _word_square(code: Thumb, a: int) -> None:
    """r1:r0 = the square of [sp + a]; uses r2 and r3."""
    code.ldr_sp(1, a)
    code.uxth(0, 1)
    code.lsr(1, 1, 16)
    code.mov(2, 0)
    code.mul(2, 1)  # low half * high half, to be added twice at bit 16: once at bit 17
    code.mul(0, 0)
    code.mul(1, 1)
    code.lsl(3, 2, 17)
    code.lsr(2, 2, 15)
    code.add(0, 0, 3)
    code.adc(1, 2)


def _reduce(code: Thumb, name: str) -> None:
    """[r12] = the product, its upper half times 38 added to the lower; leaves the frame."""
    code.mov(6, R12)
    code.const(7, 38)
    code.const(4, 0)
    carry, other = 5, 0
    code.const(carry, 0)
    for i in range(WORDS):
        # other:r1 = 38 * upper word, of which the halves are multiplied
        code.ldr_sp(other, 4 * (WORDS + i))
        code.uxth(1, other)
        code.mul(1, 7)
        code.lsr(other, other, 16)
        code.mul(other, 7)
        code.lsl(2, other, 16)
        code.lsr(other, other, 16)
        code.add(1, 1, 2)
        code.adc(other, 4)
        code.ldr_sp(2, 4 * i)
        code.add(1, 1, 2)
        code.adc(other, 4)
        code.add(1, 1, carry)
        code.adc(other, 4)
        code.str(1, 6, 4 * i)
        carry, other = other, carry
    code.leave(_MUL_FRAME)
    code.mul(carry, 7)
    code.mov(0, 6)
    _fold(code, name, carry)


def _fold(code: Thumb, name: str, amount: int) -> None:
    """[r0] += `amount` (a multiple of 38, small), and once more what leaves at the top.

    Ends the routine. Beyond the first word it hardly ever goes.
    """
    again = name + "_carried"
    code.ldr(1, 0, 0)
    code.add(1, 1, amount)
    code.str(1, 0, 0)
    code.branch(again, "cs")
    code.ret()
    code.label(again)
    # The carry is in the flag; loads, stores and MOV of a constant leave it there.
    code.const(2, 0)
    for i in range(1, WORDS):
        code.ldr(1, 0, 4 * i)
        code.adc(1, 2)
        code.str(1, 0, 4 * i)
    code.adc(2, 2)
    code.const(1, 38)
    code.mul(2, 1)
    code.ldr(1, 0, 0)
    code.add(1, 1, 2)  # cannot carry: the number has just passed 2**256 and is small
    code.str(1, 0, 0)
    code.ret()


def _add(code: Thumb) -> None:
    """[r0] = [r1] + [r2]; r0 stays."""
    code.label("add")
    code.const(7, 0)
    for pair in range(WORDS // 2):
        code.load_many(1, 3, 4)
        code.load_many(2, 5, 6)
        if pair == 0:
            code.add(3, 3, 5)
        else:
            code.adc(3, 5)
        code.adc(4, 6)
        code.store_many(0, 3, 4)
    code.adc(7, 7)
    code.const(1, 38)
    code.mul(7, 1)
    code.sub_const(0, SLOT)
    _fold(code, "add", 7)


def _subtract(code: Thumb) -> None:
    """[r0] = [r1] - [r2]; r0 stays. What is borrowed at the top is paid back as 38."""
    code.label("sub")
    for pair in range(WORDS // 2):
        code.load_many(1, 3, 4)
        code.load_many(2, 5, 6)
        if pair == 0:
            code.sub(3, 3, 5)
        else:
            code.sbc(3, 5)
        code.sbc(4, 6)
        code.store_many(0, 3, 4)
    _borrow(code, 7)
    code.sub_const(0, SLOT)
    code.ldr(1, 0, 0)
    code.sub(1, 1, 7)
    code.str(1, 0, 0)
    code.branch("sub_borrowed", "cc")
    code.ret()
    code.label("sub_borrowed")
    code.const(2, 0)
    for i in range(1, WORDS):
        code.ldr(1, 0, 4 * i)
        code.sbc(1, 2)
        code.str(1, 0, 4 * i)
    _borrow(code, 2)
    code.ldr(1, 0, 0)
    code.sub(1, 1, 2)  # cannot borrow: the number has just passed 0 and is large
    code.str(1, 0, 0)
    code.ret()


def _borrow(code: Thumb, to: int) -> None:
    """`to` = 38 if the flag says that something was borrowed, else 0; uses r1."""
    code.const(to, 0)
    code.sbc(to, to)  # all ones if so
    code.const(1, 38)
    code.and_(to, 1)
