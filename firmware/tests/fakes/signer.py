"""Signs as RFC 8032 section 5.1.6 says, for tests that must also run on MicroPython.

The tests of Ed25519 itself compare with the RFC and with libsodium, not with this.
"""

from hashlib import sha256

from racklet_base.crypto.curve import BASE, L, combine
from racklet_base.crypto.sha512 import sha512
from racklet_base.services.board_crypto import BoardCrypto
from racklet_wire import suit, suit_manifest


class Signer:
    def __init__(self, name: str) -> None:
        """A key made from a name; good for tests only."""
        hashed = sha512(sha256(name.encode()).digest())
        scalar = int.from_bytes(hashed[:32], "little")
        self.scalar = (scalar & ((1 << 254) - 8)) | 1 << 254
        self._prefix = hashed[32:]
        self.public_key = _times_base(self.scalar)

    def sign(self, message: bytes) -> bytes:
        r = int.from_bytes(sha512(self._prefix + message), "little") % L
        encoded_r = _times_base(r)
        k = int.from_bytes(sha512(encoded_r + self.public_key + message), "little") % L
        return encoded_r + ((r + k * self.scalar) % L).to_bytes(32, "little")

    def envelope(self, payload: "bytes | None", manifest, key_id: bytes = b"") -> bytes:
        """A signed envelope with `payload` integrated."""
        return self.envelope_of(suit_manifest.write(manifest), payload, key_id)

    def envelope_of(self, manifest: bytes, payload: "bytes | None", key_id: bytes = b"") -> bytes:
        """The same for any bytes in the place of a manifest."""
        digest = suit.digest_of(manifest, BoardCrypto())
        signature = self.sign(suit.to_be_signed(digest))
        return suit.envelope(suit.seal(digest, signature, key_id=key_id), manifest, payload)


def _times_base(scalar: int) -> bytes:
    return combine(BASE, 0, scalar % L)
