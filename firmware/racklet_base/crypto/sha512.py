"""SHA-512 (FIPS 180-4): MicroPython's hashlib has none."""

import struct

# FIPS 180-4 section 4.2.3: 64 bits of the fractions of the cube roots of the first 80 primes.
_K = bytes.fromhex(
    "428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc3956c25bf348b538"
    "59f111f1b605d019923f82a4af194f9bab1c5ed5da6d8118d807aa98a303024212835b0145706fbe"
    "243185be4ee4b28c550c7dc3d5ffb4e272be5d74f27b896f80deb1fe3b1696b19bdc06a725c71235"
    "c19bf174cf692694e49b69c19ef14ad2efbe4786384f25e30fc19dc68b8cd5b5240ca1cc77ac9c65"
    "2de92c6f592b02754a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5983e5152ee66dfab"
    "a831c66d2db43210b00327c898fb213fbf597fc7beef0ee4c6e00bf33da88fc2d5a79147930aa725"
    "06ca6351e003826f142929670a0e6e7027b70a8546d22ffc2e1b21385c26c9264d2c6dfc5ac42aed"
    "53380d139d95b3df650a73548baf63de766a0abb3c77b2a881c2c92e47edaee692722c851482353b"
    "a2bfe8a14cf10364a81a664bbc423001c24b8b70d0f89791c76c51a30654be30d192e819d6ef5218"
    "d69906245565a910f40e35855771202a106aa07032bbd1b819a4c116b8d2d0c81e376c085141ab53"
    "2748774cdf8eeb9934b0bcb5e19b48a8391c0cb3c5c95a634ed8aa4ae3418acb5b9cca4f7763e373"
    "682e6ff3d6b2b8a3748f82ee5defb2fc78a5636f43172f6084c87814a1f0ab728cc702081a6439ec"
    "90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915c67178f2e372532bca273eceea26619c"
    "d186b8c721c0c207eada7dd6cde0eb1ef57d4f7fee6ed17806f067aa72176fba0a637dc5a2c898a6"
    "113f9804bef90dae1b710b35131c471b28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc"
    "431d67c49c100d4c4cc5d4becb3e42b6597f299cfc657e2a5fcb6fab3ad6faec6c44198c4a475817"
)

# Section 5.3.5: the same of the square roots of the first eight.
_START = bytes.fromhex(
    "6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1510e527fade682d1"
    "9b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179"
)

_MASK = (1 << 64) - 1

try:
    from .sha512_thumb import WORKSPACE
    from .sha512_thumb import compress as _compress_thumb
except (ImportError, SyntaxError, ValueError):  # not an ARM, or not MicroPython
    _compress_thumb = None
else:
    _K_LOW_FIRST = bytearray(struct.pack("<80Q", *struct.unpack(">80Q", _K)))


def sha512(data: bytes) -> bytes:
    """The 64-byte digest of `data`."""
    padded = bytearray(-(-(len(data) + 17) // 128) * 128)
    padded[: len(data)] = data
    padded[len(data)] = 0x80
    struct.pack_into(">Q", padded, len(padded) - 8, 8 * len(data))
    state = struct.unpack(">8Q", _START)
    if _compress_thumb:
        return _digest_thumb(padded, state)
    for at in range(0, len(padded), 128):
        state = _compress(state, struct.unpack_from(">16Q", padded, at))
    return struct.pack(">8Q", *state)


def _digest_thumb(padded: bytearray, start: tuple) -> bytes:
    state = bytearray(struct.pack("<8Q", *start))  # low word first
    workspace = bytearray(WORKSPACE)
    blocks = memoryview(padded)
    for at in range(0, len(padded), 128):
        _compress_thumb(state, blocks[at:], workspace, _K_LOW_FIRST)
    return struct.pack(">8Q", *struct.unpack("<8Q", state))


def _compress(state: tuple, block: tuple) -> list:
    # Section 6.4.2. A word and its own copy above it turn every rotation into one shift.
    a, b, c, d, e, f, g, h = state
    words = list(block)
    for t in range(16, 80):
        x, y = words[t - 15], words[t - 2]
        xx, yy = x | x << 64, y | y << 64
        s0 = (xx >> 1 ^ xx >> 8 ^ x >> 7) & _MASK
        s1 = (yy >> 19 ^ yy >> 61 ^ y >> 6) & _MASK
        words.append((s1 + words[t - 7] + s0 + words[t - 16]) & _MASK)
    constants = struct.unpack(">80Q", _K)
    for t in range(80):
        ee, aa = e | e << 64, a | a << 64
        t1 = h + ((ee >> 14 ^ ee >> 18 ^ ee >> 41) & _MASK) + (e & f ^ ~e & g)
        t1 += constants[t] + words[t]
        t2 = ((aa >> 28 ^ aa >> 34 ^ aa >> 39) & _MASK) + (a & b ^ a & c ^ b & c)
        h, g, f, e = g, f, e, (d + t1) & _MASK
        d, c, b, a = c, b, a, (t1 + t2) & _MASK
    return [(state[i] + x) & _MASK for i, x in enumerate((a, b, c, d, e, f, g, h))]
