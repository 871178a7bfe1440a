# runs on: cpython, micropython
"""SHA-512 and Ed25519 against FIPS 180-4, RFC 8032 and the verdicts of libsodium."""

import unittest

from racklet_base.crypto.ed25519 import verify
from racklet_base.crypto.sha512 import sha512

VECTORS = __file__.rsplit("/", 1)[0] + "/vectors/ed25519.txt"


def vectors():
    """(verdict, name, key, message, signature) of vectors/ed25519.txt."""
    with open(VECTORS) as lines:
        for line in lines:
            verdict, name, *fields = line.split()
            yield (verdict == "1", name) + tuple(
                [b"" if field == "-" else bytes.fromhex(field) for field in fields]
            )


class Sha512(unittest.TestCase):
    def test_examples_of_fips_180_4(self):
        # NIST, "Examples with intermediate values": SHA-512, one and two blocks.
        self.assertEqual(
            sha512(b"abc").hex(),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        )
        two_blocks = "".join(["abcdefghijklmnopqrstuvwxyz"[i : i + 8] for i in range(14)])
        self.assertEqual(
            sha512(two_blocks.encode()).hex(),
            "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
            "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
        )

    def test_nothing(self):
        self.assertEqual(
            sha512(b"").hex(),
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
            "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        )


class Ed25519(unittest.TestCase):
    def test_every_verdict_is_libsodium_s(self):
        count = 0
        for verdict, name, key, message, signature in vectors():
            self.assertEqual((name, verify(key, message, signature)), (name, verdict))
            count += 1
        self.assertTrue(count > 400)

    def test_any_buffer_is_verified(self):
        _, _, key, message, signature = next(vectors())
        for kind in (bytearray, memoryview):
            self.assertTrue(verify(kind(key), kind(message), kind(signature)))


if __name__ == "__main__":
    unittest.main()
