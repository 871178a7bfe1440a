"""The curve edwards25519 on the field machine: what `curve` does, ten times as fast.

Importing it fails where there is no ARM Thumb assembler; then `curve` serves.
"""

import struct

from . import field_thumb as field
from .curve import P, recode

_WIDTH = 5  # bits of a signed digit of the key's scalar: eight cached multiples

_slots = bytearray(32 * field.SLOTS)
# Copies in RAM: the machine reads words, and constants may lie at odd addresses.
_slots[32 * field.CONSTANTS_AT : 32 * field.CONSTANTS_AT + len(field.CONSTANTS)] = field.CONSTANTS
_base_table = bytearray(field.BASE_TABLE)


def _run(*calls: int) -> None:
    program = struct.pack(f"<{len(calls) + 1}I", *calls, field.END)
    field.run(_slots, program, field.LIBRARY, _base_table)


def _put(slot: int, value: int) -> None:
    _slots[32 * slot : 32 * slot + 32] = value.to_bytes(32, "little")


def _get(slot: int) -> int:
    return int.from_bytes(_slots[32 * slot : 32 * slot + 32], "little") % P


def decode_point(encoded: bytes) -> "tuple[int, int] | None":
    """(x, y) of an encoded point, or None: not on the curve or not the canonical encoding."""
    y = int.from_bytes(encoded, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    if y >= P:
        return None
    _put(1, y)
    _run(field.DECODE)
    u = _get(field.U)
    square = _get(field.VX2)
    if square != u:
        if square != (P - u) % P:
            return None
        _run(field.ROOT)
    x = _get(0)
    if x == 0 and sign:
        return None
    return (P - x if x & 1 != sign else x), y


def combine(a: "tuple[int, int]", k: int, s: int) -> bytes:
    """The encoding of [s]B - [k]A, for A = (x, y) and scalars below the order."""
    _put(0, P - a[0])
    _put(1, a[1])
    _put(2, 1)
    program = [field.TABLE, field.IDENTITY]
    digits = recode(k, _WIDTH, 0) + recode(s, field.BASE_WIDTH, 1)
    digits.sort()
    position = 0
    for packed in reversed(digits):
        if len(program) > 2:  # the identity has its T already
            doublings = position - (packed >> 8)
            if doublings:
                program.append(field.DOUBLE + (doublings - 1 << 8))
            program.append(field.PRODUCT)
        position = packed >> 8
        entry = (packed & 0x7F) - 64
        if packed & 0x80:
            program.append(field.LOAD_BASE | abs(entry) >> 1 << 8)
            program.append(field.ADD_BASE if entry > 0 else field.SUB_BASE)
        else:
            program.append(field.LOAD | abs(entry) >> 1 << 8)
            program.append(field.ADD_CACHED if entry > 0 else field.SUB_CACHED)
    if position:
        program.append(field.DOUBLE + (position - 1 << 8))
    program.append(field.AFFINE)
    _run(*program)
    return (_get(1) | (_get(0) & 1) << 255).to_bytes(32, "little")
