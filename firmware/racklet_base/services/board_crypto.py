"""The board's hash and signature functions, as the checks of SUIT envelopes want them."""

import sys
from hashlib import sha1, sha256

from racklet_wire import suit
from racklet_wire.suit_manifest import VENDOR

from .transient import forget

_PACKAGE = "racklet_base.crypto"


class BoardCrypto(suit.Crypto):
    def sha256(self, data: bytes) -> bytes:
        return sha256(data).digest()

    def stream(self) -> object:
        """SHA-256 piece by piece, of whole blocks but for the last one: update(), digest()."""
        from ..crypto.sha256 import Sha256  # noqa: PLC0415 - see rest()

        return Sha256()

    def check_signature(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        # Not before it is needed: its tables would hold up every start.
        from ..crypto.ed25519 import verify  # noqa: PLC0415

        return verify(public_key, message, signature)

    def rest(self) -> None:
        """No signature is expected soon: the tables (13 KiB) make room until the next one."""
        for name in list(sys.modules):
            if name.startswith(_PACKAGE):
                forget(name)


def class_id(name: str) -> bytes:
    """The class of a board: uuid5(vendor, its name), RFC 4122 section 4.3."""
    digest = bytearray(sha1(VENDOR + name.encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest)
