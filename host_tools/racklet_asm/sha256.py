"""SHA-256's compression of whole blocks (FIPS 180-4 section 6.2.2) for ARMv6-M.

Arguments: r0 the state, r1 the blocks, r2 workspace, r3 how many blocks. The workspace begins
with 64 pairs of words: a word of the schedule, and its constant, which the caller puts there
once. Behind them the state runs downwards: a round writes the new `a` below the old one and `e`
in the place of `d`, so that nothing is ever moved. `a` and `e` stay in registers as well.
"""

from racklet_asm.thumb import R8, R9, R10, R11, Thumb

ROUNDS = 64
WORKSPACE = 8 * ROUNDS + 4 * (ROUNDS + 8)  # pairs, then the running state
_PAIR = 8


def turn(code: Thumb, to: int, word: int, steps: "tuple[int, ...]", spare: int) -> None:
    """`to` = the sum of rotations of `word`, as nested ones (Horner's way)."""
    code.mov(to, word)
    for number, bits in enumerate(steps):
        if number:
            code.eor(to, word)
        code.const(spare, bits)
        code.ror(to, spare)


def load_block(code: Thumb) -> None:
    """Sixteen words, byte order turned, to the schedule."""
    code.mov(1, R10)
    code.mov(2, R9)
    code.const(7, 16)
    code.label("load")
    code.load_many(1, 5)
    code.rev(5, 5)
    code.str(5, 2, 0)
    code.add_const(2, _PAIR)
    code.sub_const(7, 1)
    code.branch("load", "ne")
    code.mov(R10, 1)


def small_sigma(code: Thumb, rotations: "tuple[int, int]", shift: int) -> None:
    """r4 += two rotations and a shift of r2, added by exclusive or."""
    turn(code, 3, 2, (rotations[1] - rotations[0], rotations[0]), 7)
    code.lsr(2, 2, shift)
    code.eor(3, 2)
    code.add(4, 4, 3)


def extend(code: Thumb) -> None:
    """Words 16 to 63; r1 walks from word t - 16."""
    code.mov(1, R9)
    code.const(0, ROUNDS - 16)
    code.label("extend")
    code.ldr(4, 1, 0)
    code.add_const(1, _PAIR)
    code.ldr(5, 1, 8 * _PAIR)
    code.add(4, 4, 5)
    code.ldr(2, 1, 0)
    small_sigma(code, (7, 18), 3)
    code.ldr(2, 1, 13 * _PAIR)
    small_sigma(code, (17, 19), 10)
    code.str(4, 1, 15 * _PAIR)
    code.sub_const(0, 1)
    code.branch("extend", "ne")


def start_rounds(code: Thumb) -> None:
    """Copy the state to the end of the workspace: r0 there, r1 the schedule, r2 `e`, r3 `a`."""
    code.mov(0, R9)
    code.const(1, (WORKSPACE - 32) >> 8)
    code.lsl(1, 1, 8)
    code.add(0, 0, 1)
    code.mov(1, R8)
    for _ in range(2):
        code.load_many(1, 2, 3, 4, 5)
        code.store_many(0, 2, 3, 4, 5)
    code.sub_const(0, 32)
    code.mov(1, R9)
    code.ldr(2, 0, 16)
    code.ldr(3, 0, 0)


def one_round(code: Thumb) -> None:
    """r0 points to the old `a`; afterwards to the new one, 4 bytes lower."""
    b, c, d, f, g, h = 8, 12, 16, 24, 28, 32
    code.sub_const(0, 4)
    turn(code, 4, 2, (14, 5, 6), 7)
    # Ch(e, f, g) = g ^ (e & (f ^ g))
    code.ldr(5, 0, f)
    code.ldr(6, 0, g)
    code.eor(5, 6)
    code.and_(5, 2)
    code.eor(5, 6)
    code.add(4, 4, 5)
    code.ldr(5, 0, h)
    code.add(4, 4, 5)
    code.load_many(1, 5, 6)
    code.add(4, 4, 5)
    code.add(4, 4, 6)
    # r4 is T1: on `d`, which becomes `e`
    code.ldr(5, 0, d)
    code.add(2, 4, 5)
    code.str(2, 0, d)
    turn(code, 5, 3, (9, 11, 2), 7)
    code.add(4, 4, 5)
    # Maj(a, b, c) = b ^ ((a ^ b) & (b ^ c))
    code.ldr(6, 0, b)
    code.ldr(7, 0, c)
    code.eor(7, 6)
    code.eor(3, 6)
    code.and_(7, 3)
    code.eor(7, 6)
    code.add(3, 4, 7)
    code.str(3, 0, 0)


def finish(code: Thumb) -> None:
    """Add the state that came out to the one that went in."""
    code.mov(1, R8)
    for at in range(0, 32, 4):
        code.ldr(4, 0, at)
        code.ldr(5, 1, at)
        code.add(4, 4, 5)
        code.str(4, 1, at)


def compress() -> list[int]:
    """The whole function."""
    code = Thumb()
    for register, high in enumerate((R8, R10, R9, R11)):
        code.mov(7, high)
        code.push(7)
        code.mov(high, register)
    code.label("block")
    load_block(code)
    extend(code)
    start_rounds(code)
    code.label("round")
    one_round(code)
    # The state came down to where the schedule ends: r0 and r1 meet after the last round.
    code.sub(5, 0, 1)
    code.branch("round", "ne")
    finish(code)
    code.mov(3, R11)
    code.sub_const(3, 1)
    code.mov(R11, 3)
    code.branch("done", "eq")
    code.branch("block")
    code.label("done")
    for high in (R11, R9, R10, R8):
        code.pop(7)
        code.mov(high, 7)
    return code.halfwords()
