"""SHA-256 (FIPS 180-4) in the RP2040's machine code; MicroPython's own takes 1.6 times as long."""

try:
    from .sha256_thumb import WORKSPACE, compress
except (ImportError, SyntaxError, ValueError):  # not an ARM, or not MicroPython
    from hashlib import sha256 as Sha256
else:
    import struct

    # FIPS 180-4 section 4.2.2: 32 bits of the fractions of the cube roots of the first 64 primes.
    _K = bytes.fromhex(
        "428a2f9871374491b5c0fbcfe9b5dba53956c25b59f111f1923f82a4ab1c5ed5"
        "d807aa9812835b01243185be550c7dc372be5d7480deb1fe9bdc06a7c19bf174"
        "e49b69c1efbe47860fc19dc6240ca1cc2de92c6f4a7484aa5cb0a9dc76f988da"
        "983e5152a831c66db00327c8bf597fc7c6e00bf3d5a7914706ca635114292967"
        "27b70a852e1b21384d2c6dfc53380d13650a7354766a0abb81c2c92e92722c85"
        "a2bfe8a1a81a664bc24b8b70c76c51a3d192e819d6990624f40e3585106aa070"
        "19a4c1161e376c082748774c34b0bcb5391c0cb34ed8aa4a5b9cca4f682e6ff3"
        "748f82ee78a5636f84c878148cc7020890befffaa4506cebbef9a3f7c67178f2"
    )
    # Section 5.3.3: the same of the square roots of the first eight.
    _START = bytes.fromhex("6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19")
    _BLOCK = 64

    class Sha256:
        """`update` takes whole blocks, words aligned; only the last piece may be shorter."""

        def __init__(self) -> None:
            self._state = bytearray(struct.pack("<8I", *struct.unpack(">8I", _START)))
            self._workspace = bytearray(WORKSPACE)
            for i, word in enumerate(struct.unpack(">64I", _K)):
                struct.pack_into("<I", self._workspace, 8 * i + 4, word)
            self._size = 0
            self._rest = b""

        def update(self, data: "bytes | bytearray | memoryview") -> None:
            if self._rest:
                raise ValueError("nothing comes after a part of a block")
            blocks = len(data) // _BLOCK
            if blocks:
                compress(self._state, data, self._workspace, blocks)
            self._size += len(data)
            self._rest = bytes(data[blocks * _BLOCK :])

        def digest(self) -> bytes:
            size = len(self._rest)
            padded = bytearray((2 if size > _BLOCK - 9 else 1) * _BLOCK)
            padded[:size] = self._rest
            padded[size] = 0x80
            struct.pack_into(">Q", padded, len(padded) - 8, 8 * self._size)
            compress(self._state, padded, self._workspace, len(padded) // _BLOCK)
            return struct.pack(">8I", *struct.unpack("<8I", self._state))
