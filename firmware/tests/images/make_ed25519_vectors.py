"""Writes vectors/ed25519.txt: signatures of every class that implementations disagree about.

One line each: verdict (1 or 0), name, public key, message, signature (hex, `-` for empty).
The verdict is libsodium's, asked through PyNaCl; the points are computed here with affine
coordinates and nothing of the firmware. Run it from the repository's root:

    .venv/bin/python firmware/tests/images/make_ed25519_vectors.py > vectors/ed25519.txt
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from nacl.bindings import crypto_sign_open
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]
Vector = tuple[str, bytes, bytes, bytes]

RFC_8032 = Path(__file__).parent / "vectors" / "rfc8032.txt"
MESSAGE = b"Racklet"
SEED = bytes(range(32))


def add(p: Point, q: Point) -> Point:
    t = D * p[0] * q[0] * p[1] * q[1] % P
    x = (p[0] * q[1] + q[0] * p[1]) * pow(1 + t, -1, P) % P
    y = (p[1] * q[1] + p[0] * q[0]) * pow(1 - t, -1, P) % P
    return x, y


def times(n: int, p: Point) -> Point:
    q = (0, 1)
    while n:
        if n & 1:
            q = add(q, p)
        p = add(p, p)
        n >>= 1
    return q


def x_of(y: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * pow(2, (P - 1) // 4, P) % P
    return root if root * root % P == square else None


def encode(p: Point) -> bytes:
    return (p[1] | (p[0] & 1) << 255).to_bytes(32, "little")


def hash_to_scalar(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % L


def _base() -> Point:
    y = 4 * pow(5, -1, P) % P
    x = x_of(y)
    assert x is not None
    return (x if x % 2 == 0 else P - x), y


BASE = _base()


def torsion() -> list[Point]:
    """The eight points of small order."""
    y = 2
    while True:
        x = x_of(y)
        if x is not None:
            point = times(L, (x, y))
            if times(4, point) != (0, 1):
                return [times(i, point) for i in range(8)]
        y += 1


TORSION = torsion()


def signed_with(
    key_torsion: int, r_torsion: int, nonce: int, message: bytes
) -> tuple[bytes, bytes]:
    """(public key, signature) that satisfy the equation with cofactor."""
    hashed = hashlib.sha512(SEED).digest()
    scalar = (int.from_bytes(hashed[:32], "little") & ((1 << 254) - 8)) | 1 << 254
    key = encode(add(times(scalar, BASE), TORSION[key_torsion]))
    r = encode(add(times(nonce, BASE), TORSION[r_torsion]))
    s = (nonce + hash_to_scalar(r, key, message) * scalar) % L
    return key, r + s.to_bytes(32, "little")


def vectors() -> Iterator[Vector]:
    for line in RFC_8032.read_text().splitlines():
        name, *fields = line.split()
        key, message, signature = (bytes.fromhex(field.strip("-")) for field in fields)
        yield name, key, message, signature
    signer = SigningKey(SEED)
    key = signer.verify_key.encode()
    for size in (0, 1, 46, 47, 48, 63, 64, 111, 112, 128, 175, 300):
        message = bytes(i & 0xFF for i in range(size))
        yield f"message_of_{size}", key, message, signer.sign(message).signature
    good = signer.sign(MESSAGE).signature
    yield from lengths(key, good)
    yield from scalars(key, good)
    yield from encodings(key, good)
    yield from orders()
    for at in range(64):
        yield f"signature_bit_{at}", key, MESSAGE, flip(good, at, at % 8)
    for at in range(32):
        yield f"key_bit_{at}", flip(key, at, at % 8), MESSAGE, good
    for at in range(len(MESSAGE)):
        yield f"message_bit_{at}", key, flip(MESSAGE, at, at), good


def flip(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :]


def lengths(key: bytes, good: bytes) -> Iterator[Vector]:
    for size in (0, 1, 31, 32, 63):
        yield f"signature_cut_to_{size}", key, MESSAGE, good[:size]
    for extra in (b"\x00", b"\xff", good):
        yield f"signature_and_{len(extra)}_more_{extra[0]}", key, MESSAGE, good + extra
    for size in (0, 31):
        yield f"key_cut_to_{size}", key[:size], MESSAGE, good
    yield "key_and_a_byte", key + b"\x00", MESSAGE, good
    yield "message_and_a_byte", key, MESSAGE + b"\x00", good


def scalars(key: bytes, good: bytes) -> Iterator[Vector]:
    s = int.from_bytes(good[32:], "little")
    named = {"s": s, "s_plus_l": s + L, "s_plus_2l": s + 2 * L, "s_minus": L - s}
    named |= {f"s_plus_{n}l": s + n * L for n in (7, 14)}
    named |= {"zero": 0, "one": 1, "l_minus_1": L - 1, "l": L, "l_plus_1": L + 1}
    named |= {f"s_or_2_{bit}": s | 1 << bit for bit in (252, 253, 254, 255)}
    named["all_ones"] = 2**256 - 1
    for name, value in named.items():
        yield f"scalar_{name}", key, MESSAGE, good[:32] + value.to_bytes(32, "little")


def encodings(key: bytes, good: bytes) -> Iterator[Vector]:
    """Keys and R that are no canonical encoding: y >= p, or x = 0 with the sign bit."""
    odd = [P + n for n in range(19)] + [(P + n) | 1 << 255 for n in range(19)]
    odd += [1 | 1 << 255, (P - 1) | 1 << 255]
    for value in odd:
        encoded = value.to_bytes(32, "little")
        name = encoded.hex()[:2] + encoded.hex()[-2:]
        yield f"key_not_canonical_{name}", encoded, MESSAGE, good
        # With R = key and S = 0 a key of small order would verify anything.
        yield f"forged_not_canonical_{name}", encoded, MESSAGE, encoded + bytes(32)
        yield f"r_not_canonical_{name}", key, MESSAGE, encoded + good[32:]
    off_curve = next(y for y in range(2, 100) if x_of(y) is None).to_bytes(32, "little")
    yield "key_off_curve", off_curve, MESSAGE, good
    yield "r_off_curve", key, MESSAGE, off_curve + good[32:]


def orders() -> Iterator[Vector]:
    """Points of small order, and points with a part of small order."""
    key, _ = signed_with(0, 0, 1, MESSAGE)
    hashed = hashlib.sha512(SEED).digest()
    scalar = (int.from_bytes(hashed[:32], "little") & ((1 << 254) - 8)) | 1 << 254
    for i, point in enumerate(TORSION):
        small = encode(point)
        for j, other in enumerate(TORSION):
            yield f"forged_small_order_{i}_{j}", small, MESSAGE, encode(other) + bytes(32)
        # R of small order and the S that fits: only the rule about R refuses it.
        s = hash_to_scalar(small, key, MESSAGE) * scalar % L
        yield f"r_small_order_{i}", key, MESSAGE, small + s.to_bytes(32, "little")
    for i in range(8):
        yield (f"r_mixed_order_{i}", *_swap(signed_with(0, i, 12345, MESSAGE), MESSAGE))
        for nonce in range(1, 13):
            pair = signed_with(i, 0, nonce, MESSAGE)
            yield (f"key_mixed_order_{i}_{nonce}", *_swap(pair, MESSAGE))
        yield (f"both_mixed_order_{i}", *_swap(signed_with(i, i, 777, MESSAGE), MESSAGE))


def _swap(pair: tuple[bytes, bytes], message: bytes) -> tuple[bytes, bytes, bytes]:
    return pair[0], message, pair[1]


def libsodium(key: bytes, message: bytes, signature: bytes) -> bool:
    if len(key) != 32 or len(signature) != 64:
        return False  # PyNaCl raises before it asks
    try:
        crypto_sign_open(signature + message, key)
    except CryptoError:
        return False
    return True


def main() -> None:
    for name, key, message, signature in vectors():
        verdict = int(libsodium(key, message, signature))
        fields = (field.hex() or "-" for field in (key, message, signature))
        sys.stdout.write(" ".join((str(verdict), name, *fields)) + "\n")


if __name__ == "__main__":
    main()
