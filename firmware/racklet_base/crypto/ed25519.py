"""Ed25519 signature verification (RFC 8032) with libsodium's verdicts.

Of the two equations that RFC 8032 allows this is the one without cofactor. Encodings are
canonical, S is below the order, and neither the key nor R may be of small order: a key of
small order would verify anybody's signature of anything.
"""

from .curve import L
from .sha512 import sha512

try:
    from .curve_thumb import combine, decode_point
except (ImportError, SyntaxError, ValueError):  # not an ARM, or not MicroPython
    from .curve import combine, decode_point

# The canonical encodings of the eight points of small order (sign bit cleared), by order:
# 1, 2, 4, 8 and 8. The sign bit tells the two of a pair apart.
_SMALL_ORDER = (
    bytes.fromhex("0100000000000000000000000000000000000000000000000000000000000000"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("0000000000000000000000000000000000000000000000000000000000000000"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
)


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes, R then S) of `message` is by `public_key` (32 bytes).

    Wrong lengths are just a no. Nothing here is secret, so it takes no constant time.
    """
    if len(public_key) != 32 or len(signature) != 64:
        return False
    public_key, signature = bytes(public_key), bytes(signature)
    r = signature[:32]
    s = int.from_bytes(signature[32:], "little")
    if s >= L or _is_small_order(r) or _is_small_order(public_key):
        return False
    a = decode_point(public_key)
    if a is None:
        return False
    k = int.from_bytes(sha512(r + public_key + bytes(message)), "little") % L
    # Comparing encodings also refuses an R that is not canonical or not on the curve.
    return combine(a, k, s) == r


def _is_small_order(encoded: bytes) -> bool:
    return encoded[:31] + bytes((encoded[31] & 0x7F,)) in _SMALL_ORDER
