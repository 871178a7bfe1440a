"""Programs of the field machine: the points of edwards25519 (RFC 8032 section 5.1).

A point is X, Y, Z, T as in racklet_base.crypto.curve, a cached one Y - X, Y + X, 2Z, 2dT; of
the base point's multiples Z is 1 and left out.
"""

from racklet_asm.field import ADD, CACHED, CALL, END, MUL, OPERAND, SQR, SUB

X, Y, Z, T = range(4)
A, B, C, DD, E, F, G, H = range(4, 12)  # what the formulas call a to h
D, D2, SQRT_M1, ONE = range(12, 16)  # constants
SCRATCH = 20

Program = list[tuple[int, int, int, int]]

P = 2**255 - 19
_D = -121665 * pow(121666, -1, P) % P
_BASE_Y = 4 * pow(5, -1, P) % P
CONSTANTS = (_D, 2 * _D % P, pow(2, (P - 1) // 4, P), 1)
BASE_WIDTH = 7  # bits of a signed digit of the base point's scalar


def square(to: int, a: int, times: int = 1) -> Program:
    return [(SQR, to, a, times)]


DOUBLE: Program = [
    *square(A, X),
    *square(B, Y),
    *square(C, Z),
    (ADD, C, C, C),
    (ADD, H, A, B),
    (ADD, DD, X, Y),
    *square(DD, DD),
    (SUB, E, H, DD),
    (SUB, G, A, B),
    (ADD, F, C, G),
    (MUL, X, E, F),
    (MUL, Y, G, H),
    (MUL, Z, F, G),
]
PRODUCT: Program = [(MUL, T, E, H)]  # T, which the next addition needs and a doubling does not
IDENTITY: Program = [(SUB, X, X, X), (ADD, Y, X, ONE), (ADD, Z, X, ONE), (SUB, T, X, X)]


def add(operands: int, *, has_z: bool = True, negative: bool = False) -> Program:
    """Add, or subtract, the cached point in slots `operands` on; leaves T to PRODUCT."""
    minus, plus = (operands + 1, operands) if negative else (operands, operands + 1)
    f, g = (ADD, SUB) if negative else (SUB, ADD)
    return [
        (SUB, A, Y, X),
        (MUL, A, A, minus),
        (ADD, B, Y, X),
        (MUL, B, B, plus),
        (MUL, C, T, operands + (3 if has_z else 2)),
        (MUL, DD, Z, operands + 2) if has_z else (ADD, DD, Z, Z),
        (SUB, E, B, A),
        (ADD, H, B, A),
        (f, F, DD, C),
        (g, G, DD, C),
        (MUL, X, E, F),
        (MUL, Y, G, H),
        (MUL, Z, F, G),
    ]


def cache(to: int) -> Program:
    """Keep the point as a cached one."""
    return [(SUB, to, Y, X), (ADD, to + 1, Y, X), (ADD, to + 2, Z, Z), (MUL, to + 3, T, D2)]


def table() -> Program:
    """From an affine point (X, Y, Z = 1) its multiples 1, 3 ... 15, cached."""
    program = [(MUL, T, X, Y), *cache(CACHED), *DOUBLE, *PRODUCT, *cache(SCRATCH)]
    for i in range(1, 8):
        program += add(CACHED if i == 1 else SCRATCH) + PRODUCT + cache(CACHED + 4 * i)
    return program


def power(to: int, z: int) -> Program:
    """`to` = z**(2**252 - 3), by the usual chain."""
    t0, t1, t2, t3, t4, t5 = range(SCRATCH, SCRATCH + 6)
    return [
        *square(t0, z),
        *square(t1, t0, 2),
        (MUL, t1, z, t1),
        (MUL, t0, t0, t1),
        *square(t0, t0),
        (MUL, t0, t1, t0),  # z**(2**5 - 1)
        *square(t1, t0, 5),
        (MUL, t1, t1, t0),  # 2**10 - 1
        *square(t2, t1, 10),
        (MUL, t2, t2, t1),  # 2**20 - 1
        *square(t3, t2, 20),
        (MUL, t3, t3, t2),  # 2**40 - 1
        *square(t3, t3, 10),
        (MUL, t3, t3, t1),  # 2**50 - 1
        *square(t4, t3, 50),
        (MUL, t4, t4, t3),  # 2**100 - 1
        *square(t5, t4, 100),
        (MUL, t5, t5, t4),  # 2**200 - 1
        *square(t5, t5, 50),
        (MUL, t5, t5, t3),  # 2**250 - 1
        *square(t5, t5, 2),
        (MUL, to, t5, z),
    ]


# From y in Y: the candidate x in X, u in A, v x^2 in E (RFC 8032 section 5.1.3).
DECODE: Program = [
    *square(DD, Y),
    (SUB, A, DD, ONE),
    (MUL, B, D, DD),
    (ADD, B, B, ONE),
    *square(C, B),
    (MUL, C, C, B),  # v^3
    *square(G, C),
    (MUL, G, G, B),
    (MUL, G, G, A),  # u v^7
    *power(H, G),
    (MUL, H, H, C),
    (MUL, X, H, A),
    *square(E, X),
    (MUL, E, E, B),
]
ROOT: Program = [(MUL, X, X, SQRT_M1)]  # the other candidate

# X and Y divided by Z: z**(p - 2) = (z**(2**252 - 3))**8 * z**3
AFFINE: Program = [
    *power(H, Z),
    *square(H, H, 3),
    *square(G, Z),
    (MUL, G, G, Z),
    (MUL, H, H, G),
    (MUL, X, X, H),
    (MUL, Y, Y, H),
]

LIBRARY: dict[str, Program] = {
    "DOUBLE": DOUBLE,
    "PRODUCT": PRODUCT,
    "IDENTITY": IDENTITY,
    "ADD_CACHED": add(OPERAND),
    "SUB_CACHED": add(OPERAND, negative=True),
    "ADD_BASE": add(OPERAND, has_z=False),
    "SUB_BASE": add(OPERAND, has_z=False, negative=True),
    "TABLE": table(),
    "DECODE": DECODE,
    "ROOT": ROOT,
    "AFFINE": AFFINE,
}


def encode(program: Program) -> bytes:
    return b"".join(bytes(instruction) for instruction in program)


def library() -> tuple[bytes, dict[str, int]]:
    """The library and the CALL (once) of each of its routines, as a little-endian number."""
    code = b""
    calls = {}
    for name, program in LIBRARY.items():
        at = len(code) // 4
        calls[name] = CALL | 1 << 8 | (at & 0xFF) << 16 | (at >> 8) << 24
        code += encode([*program, (END, 1, 0, 0)])
    return code, calls


def base_table() -> bytes:
    """B, 3B, 5B ... as y - x, y + x, 2dxy, each 32 bytes."""
    base = _even_x(_BASE_Y), _BASE_Y
    twice = _affine_add(base, base)
    entries = b""
    for _ in range(1 << BASE_WIDTH - 2):
        x, y = base
        for value in (y - x, y + x, 2 * _D * x * y):
            entries += (value % P).to_bytes(32, "little")
        base = _affine_add(base, twice)
    return entries


def _affine_add(p: tuple[int, int], q: tuple[int, int]) -> tuple[int, int]:
    t = _D * p[0] * q[0] * p[1] * q[1]
    x = (p[0] * q[1] + q[0] * p[1]) * pow(1 + t, -1, P)
    y = (p[1] * q[1] + p[0] * q[0]) * pow(1 - t, -1, P)
    return x % P, y % P


def _even_x(y: int) -> int:
    square_of_x = (y * y - 1) * pow(_D * y * y + 1, -1, P) % P
    x = pow(square_of_x, (P + 3) // 8, P)
    if (x * x - square_of_x) % P:
        x = x * CONSTANTS[2] % P
    return x if x % 2 == 0 else P - x
