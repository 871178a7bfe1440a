"""The board's hash and signature functions, as the checks of SUIT envelopes want them."""

from hashlib import sha256

from racklet_wire import suit

from ..crypto.ed25519 import verify


class BoardCrypto(suit.Crypto):
    def sha256(self, data: bytes) -> bytes:
        return sha256(data).digest()

    def check_signature(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        return verify(public_key, message, signature)
