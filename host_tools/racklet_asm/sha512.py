"""SHA-512's compression of one block (FIPS 180-4 section 6.4.2) for ARMv6-M.

Arguments: r0 the state, r1 the block, r2 workspace, r3 the constants. State, workspace and
constants hold 64-bit words as low word, high word; the block is as it came. The state runs
downwards through the workspace: a round writes the new `a` below the old one and `e` in the
place of `d`, so that nothing is ever moved.
"""

from racklet_asm.thumb import R8, R9, R10, Thumb

ROUNDS = 80
WORKSPACE = 8 * ROUNDS + 8 * (ROUNDS + 8)  # schedule, then the running state


def rotate(code: Thumb, out: tuple[int, int], word: tuple[int, int], bits: int, spare: int) -> None:
    """`out` = `word` rotated right; pairs are (low, high), `out` apart from `word`."""
    if bits >= 32:
        word, bits = (word[1], word[0]), bits - 32
    for half in (0, 1):
        code.lsr(out[half], word[half], bits)
        code.lsl(spare, word[1 - half], 32 - bits)
        code.orr(out[half], spare)


def rotate_in_place(code: Thumb, word: tuple[int, int], bits: int, spare: tuple[int, int]) -> None:
    """The same within one pair, bits below 32."""
    low, high = word
    code.lsl(spare[0], low, 32 - bits)
    code.lsl(spare[1], high, 32 - bits)
    code.lsr(low, low, bits)
    code.orr(low, spare[1])
    code.lsr(high, high, bits)
    code.orr(high, spare[0])


def eor(code: Thumb, to: tuple[int, int], word: tuple[int, int]) -> None:
    code.eor(to[0], word[0])
    code.eor(to[1], word[1])


def big_sigma(code: Thumb, steps: tuple[int, int, int]) -> None:
    """r4:r5 = the sum of three rotations of r2:r3, as nested ones (Horner's way)."""
    x, t, spare = (2, 3), (4, 5), (6, 7)
    rotate(code, t, x, steps[0], 6)
    eor(code, t, x)
    rotate_in_place(code, t, steps[1], spare)
    eor(code, t, x)
    rotate_in_place(code, t, steps[2], spare)


def small_sigma(code: Thumb, rotations: tuple[int, int], shift: int) -> None:
    """r4:r5 = two rotations and a shift of r2:r3, added by exclusive or."""
    x, t, u = (2, 3), (4, 5), (6, 7)
    rotate(code, t, x, rotations[0], 6)
    # The second rotation is made in place of a copy: there is no third spare register.
    code.mov(u[0], x[0])
    code.mov(u[1], x[1])
    bits = rotations[1] % 32
    if rotations[1] >= 32:
        u = (u[1], u[0])
    # u rotated, into t, half by half
    code.lsr(x[0], u[0], bits)
    code.eor(t[0], x[0])
    code.lsl(x[0], u[1], 32 - bits)
    code.eor(t[0], x[0])
    code.lsr(x[0], u[1], bits)
    code.eor(t[1], x[0])
    code.lsl(x[0], u[0], 32 - bits)
    code.eor(t[1], x[0])
    if rotations[1] >= 32:
        u = (u[1], u[0])
    code.lsr(x[0], u[0], shift)
    code.eor(t[0], x[0])
    code.lsl(x[0], u[1], 32 - shift)
    code.eor(t[0], x[0])
    code.lsr(x[0], u[1], shift)
    code.eor(t[1], x[0])


def add_memory(code: Thumb, base: int, offset: int, spare: int) -> None:
    """r4:r5 += the word at [base + offset]."""
    code.ldr(spare, base, offset)
    code.add(4, 4, spare)
    code.ldr(spare, base, offset + 4)
    code.adc(5, spare)


def load_block(code: Thumb) -> None:
    """The block's sixteen words, byte order turned, to the workspace."""
    code.mov(R8, 0)
    code.mov(R9, 2)
    code.mov(R10, 3)
    code.const(7, 16)
    code.label("load")
    code.ldr(5, 1, 0)
    code.ldr(4, 1, 4)
    code.rev(5, 5)
    code.rev(4, 4)
    code.store_many(2, 4, 5)
    code.add_const(1, 8)
    code.sub_const(7, 1)
    code.branch("load", "ne")


def extend(code: Thumb) -> None:
    """Words 16 to 79 of the schedule; r1 walks from word t - 16, 64 times."""
    code.mov(1, R9)
    code.const(0, ROUNDS - 16)
    code.label("extend")
    code.ldr(2, 1, 8)
    code.ldr(3, 1, 12)
    small_sigma(code, (1, 8), 7)
    add_memory(code, 1, 0, 2)
    add_memory(code, 1, 72, 2)
    code.ldr(2, 1, 112)
    code.ldr(3, 1, 116)
    code.push(4, 5)
    small_sigma(code, (19, 61), 6)
    code.pop(6, 7)
    code.add(4, 4, 6)
    code.adc(5, 7)
    code.add_const(1, 8)
    code.str(4, 1, 120)
    code.str(5, 1, 124)
    code.sub_const(0, 1)
    code.branch("extend_done", "eq")
    code.branch("extend")
    code.label("extend_done")


def start_rounds(code: Thumb) -> None:
    """Copy the state behind the 80 words it will run through: r0 there, r1 the schedule."""
    code.mov(0, R9)
    code.const(1, 2 * ROUNDS // 16)
    code.lsl(1, 1, 7)  # 8 bytes * 80 words * 2
    code.add(0, 0, 1)
    code.mov(1, R8)
    for _ in range(4):
        code.load_many(1, 2, 3, 4, 5)
        code.store_many(0, 2, 3, 4, 5)
    code.sub_const(0, 64)
    code.mov(1, R9)


def one_round(code: Thumb) -> None:
    """r0 points to the old `a`; afterwards to the new one, 8 bytes lower."""
    a, b, c, d, e, f, g, h = range(8, 72, 8)
    code.sub_const(0, 8)
    code.ldr(2, 0, e)
    code.ldr(3, 0, e + 4)
    big_sigma(code, (23, 4, 14))
    add_memory(code, 0, h, 6)
    # Ch(e, f, g) = g ^ (e & (f ^ g)): the low half, then with its carry the high half
    for half in (0, 1):
        code.ldr(6, 0, f + 4 * half)
        code.ldr(7, 0, g + 4 * half)
        code.eor(6, 7)
        code.and_(6, 2 + half)
        code.eor(6, 7)
        if half:
            code.adc(5, 6)
        else:
            code.add(4, 4, 6)
    add_memory(code, 1, 0, 6)
    code.mov(7, R10)
    add_memory(code, 7, 0, 6)
    code.add_const(7, 8)
    code.mov(R10, 7)
    # r4:r5 is T1: into the place of the new `a`, and on `d`, which becomes `e`
    code.str(4, 0, 0)
    code.str(5, 0, 4)
    add_memory(code, 0, d, 6)
    code.str(4, 0, d)
    code.str(5, 0, d + 4)
    code.ldr(2, 0, a)
    code.ldr(3, 0, a + 4)
    big_sigma(code, (5, 6, 28))
    # Maj(a, b, c) = b ^ ((a ^ b) & (b ^ c))
    for half in (0, 1):
        code.ldr(6, 0, b + 4 * half)
        code.ldr(7, 0, c + 4 * half)
        code.eor(7, 6)
        code.eor(2 + half, 6)
        code.and_(7, 2 + half)
        code.eor(7, 6)
        if half:
            code.adc(5, 7)
        else:
            code.add(4, 4, 7)
    add_memory(code, 0, 0, 6)
    code.str(4, 0, 0)
    code.str(5, 0, 4)
    code.add_const(1, 8)


def finish(code: Thumb) -> None:
    """Add the state that came out to the one that went in."""
    code.mov(1, R8)
    for at in range(0, 64, 8):
        code.ldr(4, 0, at)
        code.ldr(5, 0, at + 4)
        add_memory(code, 1, at, 6)
        code.str(4, 1, at)
        code.str(5, 1, at + 4)


def compress() -> list[int]:
    """The whole function."""
    code = Thumb()
    for high in (R8, R9, R10):
        code.mov(7, high)
        code.push(7)
    load_block(code)
    extend(code)
    start_rounds(code)
    code.label("round")
    one_round(code)
    # The state came down to where the schedule ends: r0 and r1 meet after the last round.
    code.sub(2, 0, 1)
    code.branch("done", "eq")
    code.branch("round")
    code.label("done")
    finish(code)
    for high in (R10, R9, R8):
        code.pop(7)
        code.mov(high, 7)
    return code.halfwords()
