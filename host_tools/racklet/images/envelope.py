"""Sign a payload as a SUIT envelope, verify one, and take one apart."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from racklet_wire import image, suit, suit_manifest
from racklet_wire.suit_manifest import SEQUENCE_MAX, Manifest

from racklet.errors import UsageError, VerificationFailed
from racklet.images.build import about
from racklet.keys import PublicKey, SigningKey

_HINTS = {
    image.R_BAD_SIGNATURE: "name the public key of who signed it; racklet key show lists yours",
    image.R_DIGEST_MISMATCH: "copy the file again, or sign it anew",
    image.R_WRONG_SIZE: "copy the file again",
}


class HostCrypto(suit.Crypto):
    """The host's hash and signature functions (OpenSSL's and libsodium's)."""

    def sha256(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def check_signature(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        return PublicKey(public_key).verify(message, signature)


@dataclass(frozen=True)
class Image:
    """An image file: `head` is what precedes the payload. A stream of a transfer is both."""

    head: bytes
    payload: bytes
    manifest: Manifest

    @property
    def stream(self) -> bytes:
        return self.head + self.payload


def class_id(name: str, vendor: bytes = suit_manifest.VENDOR) -> bytes:
    """The class id of a board's name, or of a family of payloads."""
    return uuid.uuid5(uuid.UUID(bytes=vendor), name).bytes


def sign_manifest(
    manifest: Manifest,
    payload: bytes | None,
    key: SigningKey,
    *,
    algorithm: int = suit.ED25519,
    name_key: bool = False,
) -> bytes:
    """The signed envelope of any manifest; a payload is integrated. `name_key` puts the
    key's id into the (unsigned) header, so that a board can say that it does not know it."""
    if not 0 <= manifest.sequence <= SEQUENCE_MAX:
        raise UsageError(f"{manifest.sequence} is no sequence number", hint=f"0 to {SEQUENCE_MAX}")
    encoded = suit_manifest.write(manifest)
    digest = suit.digest_of(encoded, HostCrypto())
    signature = key.sign(suit.to_be_signed(digest, algorithm))
    sealed = suit.seal(digest, signature, algorithm, key.public.id if name_key else b"")
    return suit.envelope(sealed, encoded, payload, manifest.uri)


def sign_image(
    payload: bytes,
    key: SigningKey,
    sequence: int,
    board: str,
    *,
    slot: int | None = None,
    component: int = image.FIRMWARE,
    name_key: bool = False,
) -> bytes:
    """A signed image of `payload` for the boards of that name (NAME in board.py).

    `slot` binds it to one slot (0 is A, 1 is B); images run from either, so rarely needed.
    What an image built here says of the base it needs goes into the manifest.
    """
    manifest = Manifest(
        sequence,
        hashlib.sha256(payload).digest(),
        len(payload),
        class_id=class_id(board),
        component=component,
        slot=slot,
        base=about(payload).get("base", 0),
    )
    return sign_manifest(manifest, payload, key, name_key=name_key)


def read_image(data: bytes) -> Image:
    """Take an image file apart without trusting it; VerificationFailed if it is none."""
    head = _split(data)
    try:
        manifest = suit_manifest.read(head)
        if len(data) != head.payload_at + head.payload_size:
            raise suit.Refused(image.R_WRONG_SIZE, "more or fewer bytes than the envelope says")
    except suit.Refused as error:
        raise refusal(error) from None
    return Image(data[: head.payload_at], data[head.payload_at :], manifest)


def verify_image(data: bytes, keys: Sequence[PublicKey]) -> Image:
    """An image signed by one of `keys` and whole; else VerificationFailed with the reason."""
    crypto, head = HostCrypto(), _split(data)
    try:
        suit.authenticate(head, [(key.raw, False) for key in keys], crypto)
    except suit.Refused as error:
        raise refusal(error) from None
    found = read_image(data)
    if head.payload is not None and crypto.sha256(found.payload) != found.manifest.digest:
        raise refusal(suit.Refused(image.R_DIGEST_MISMATCH, "payload differs from its digest"))
    return found


def is_signed(data: bytes) -> bool:
    """Whether that is an envelope, by its first bytes: CBOR tag 107."""
    return data.startswith(b"\xd8\x6b")


def _split(data: bytes) -> suit.Head:
    if not is_signed(data):
        raise VerificationFailed(
            "this is no signed image", hint="racklet image sign makes one", code="malformed"
        )
    try:
        return suit.split(data)
    except suit.Refused as error:
        raise refusal(error) from None
    except suit.Incomplete:
        raise refusal(suit.Refused(image.R_WRONG_SIZE, "the file ends early")) from None


def refusal(error: suit.Refused) -> VerificationFailed:
    """A reason of the wire as an error for people."""
    reason = image.REASON_TEXT[error.reason]
    return VerificationFailed(
        f"{reason}: {error}",
        hint=_HINTS.get(error.reason, ""),
        code=reason.replace(" ", "_"),
    )
