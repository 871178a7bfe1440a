"""The curve edwards25519 (RFC 8032 section 5.1) on Python integers: runs anywhere.

Points are extended coordinates (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z. A point that
is added many times is kept as (Y - X, Y + X, 2*Z, 2*D*T).
"""

import struct

P = (1 << 255) - 19
L = (1 << 252) + 27742317777372353535851937790883648493  # order of the base point
D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
SQRT_M1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752
BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)

_WIDTH = 5  # bits of a signed digit: eight odd multiples in a table
_base_table = []  # made at first use


def decode_point(encoded: bytes) -> "tuple[int, int] | None":
    """(x, y) of an encoded point, or None: not on the curve or not the canonical encoding."""
    y = int.from_bytes(encoded, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    if y >= P:
        return None
    u = (y * y - 1) % P
    v = (D * y * y + 1) % P
    # RFC 8032 section 5.1.3: the candidate root of u/v is u v^3 (u v^7)^((p-5)/8).
    v3 = v * v * v % P
    x = u * v3 * pow(u * v3 * v3 * v % P, (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * SQRT_M1 % P
        if (v * x * x - u) % P:
            return None
    if x == 0 and sign:
        return None
    return (P - x if x & 1 != sign else x), y


def combine(a: "tuple[int, int]", k: int, s: int) -> bytes:
    """The encoding of [s]B - [k]A, for A = (x, y) and scalars below L."""
    if not _base_table:
        _base_table.extend(_odd_multiples(BASE))
    tables = _odd_multiples((P - a[0], a[1])), _base_table
    digits = recode(k, _WIDTH, 0) + recode(s, _WIDTH, 1)
    digits.sort()
    point = (0, 1, 1, 0)
    position = digits[-1] >> 8 if digits else 0
    for packed in reversed(digits):
        for _ in range(position - (packed >> 8)):
            point = _double(point)
        position = packed >> 8
        digit = (packed & 0x7F) - 64
        entry = tables[packed >> 7 & 1][abs(digit) >> 1]
        point = _add(point, entry if digit > 0 else _negated(entry))
    for _ in range(position):
        point = _double(point)
    return _encode_point(point)


def recode(n: int, width: int, which: int) -> list:
    """`n` (below 2**256) in non-adjacent form: the sum of digit << position, the digits odd,
    less than 2**(width - 1) in size and at least `width` positions apart.

    Each is position << 8 | which << 7 | digit + 64, so that lists of two scalars sort by
    position. Works on a window of at most 30 bits: small integers cost no memory.
    """
    halves = struct.unpack("<17H", n.to_bytes(34, "little"))
    mask, half = (1 << width) - 1, 1 << (width - 1)
    label = (which << 7) + 64
    digits = []
    position = window = bits = at = 0
    while True:
        if bits < 14 and at < 17:
            window += halves[at] << bits
            bits += 16
            at += 1
        if not window:
            if at == 17:
                return digits
            position += bits
            bits = 0
            continue
        while not window & 1:
            window >>= 1
            bits -= 1
            position += 1
        if bits < width and at < 17:
            continue  # what a digit carried may be all that is left of the window
        digit = window & mask
        if digit >= half:
            digit -= mask + 1
        digits.append((position << 8) + label + digit)
        window = (window - digit) >> width
        bits -= width
        position += width


def _double(p: tuple) -> tuple:
    # dbl-2008-hwcd with a = -1
    a = p[0] * p[0]
    b = p[1] * p[1]
    h = a + b
    e = (h - (p[0] + p[1]) ** 2) % P
    g = (a - b) % P
    f = (2 * p[2] * p[2] + g) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def _add(p: tuple, entry: tuple) -> tuple:
    # add-2008-hwcd-3
    a = (p[1] - p[0]) * entry[0]
    b = (p[1] + p[0]) * entry[1]
    c = p[3] * entry[3]
    d = p[2] * entry[2]
    e, f, g, h = (b - a) % P, (d - c) % P, (d + c) % P, (b + a) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def _entry(p: tuple) -> tuple:
    return p[1] - p[0], p[1] + p[0], 2 * p[2], 2 * D * p[3] % P


def _negated(entry: tuple) -> tuple:
    return entry[1], entry[0], entry[2], -entry[3]


def _odd_multiples(a: "tuple[int, int]") -> list:
    """Entries of A, 3A, 5A ... 15A."""
    p = (a[0], a[1], 1, a[0] * a[1] % P)
    twice = _entry(_double(p))
    table = [_entry(p)]
    for _ in range((1 << (_WIDTH - 2)) - 1):
        p = _add(p, twice)
        table.append(_entry(p))
    return table


def _encode_point(p: tuple) -> bytes:
    inverse = pow(p[2], P - 2, P)
    x = p[0] * inverse % P
    y = p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")
