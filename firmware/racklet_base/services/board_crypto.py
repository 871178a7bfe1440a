"""The board's hash and signature functions, as the checks of SUIT envelopes want them."""

from hashlib import sha256

from racklet_wire import suit


class BoardCrypto(suit.Crypto):
    def sha256(self, data: bytes) -> bytes:
        return sha256(data).digest()

    def check_signature(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        # Not before it is needed: its tables would hold up every start.
        from ..crypto.ed25519 import verify  # noqa: PLC0415

        return verify(public_key, message, signature)
