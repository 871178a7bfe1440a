"""SUIT envelopes built, taken apart and checked, with one verdict on the host and the board.

Manifest: draft-ietf-suit-manifest-37. Signature: COSE_Sign1 (RFC 9052) with Ed25519
(RFC 9864; its older number -8 is accepted). The manifest itself is `suit_manifest`.

The order of the checks is that of the draft: limits, manifest digest, signature, and only
then content. What the profile here does not know is refused, not ignored.

An envelope with an integrated payload is also the stream of a transfer: the payload is the
last member of the map, so that the head (all before the payload's first byte) is judged
before anything is stored.
"""

from . import cbor, image

HEAD_MAX = 1024  # bytes before the payload

SHA256 = -16  # COSE algorithm numbers (RFC 9054, RFC 9864)
ED25519 = -19
EDDSA = -8
KEY_ID_SIZE = 8

# Keys of the envelope, COSE header parameters, CBOR tags
_AUTHENTICATION, _MANIFEST = 2, 3
_ALGORITHM, _KEY_ID = 1, 4
_TAG_ENVELOPE, _TAG_SIGN1 = 107, 18


class Refused(Exception):
    """Not accepted; `reason` is a code of `image`, the text says what was wrong."""

    def __init__(self, reason: int, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Incomplete(Exception):
    """The head does not end within these bytes: more of the stream is needed."""


class Crypto:
    """What the checks need from outside; each end has its own."""

    def sha256(self, data: bytes) -> bytes:
        """The 32-byte digest."""
        raise NotImplementedError

    def check_signature(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Ed25519 with libsodium's verdicts."""
        raise NotImplementedError


class Head:
    """An envelope taken apart, nothing in it trusted yet.

    `authentication` is the content of the authentication wrapper, `manifest` the manifest
    with its byte-string header (that is what the digest is over), `payload` the member name
    of the integrated payload or None, `payload_at` the offset behind the head and
    `payload_size` what the byte-string header of the payload promises.
    """

    def __init__(
        self, authentication: bytes, manifest: bytes, payload: str | None, at: int, size: int
    ) -> None:
        self.authentication = authentication
        self.manifest = manifest
        self.payload = payload
        self.payload_at = at
        self.payload_size = size


def to_be_signed(digest: bytes, algorithm: int = ED25519) -> bytes:
    """The Sig_structure (RFC 9052 section 4.4) whose payload is an encoded SUIT_Digest."""
    return cbor.encode(["Signature1", cbor.encode({_ALGORITHM: algorithm}), b"", digest])


def seal(digest: bytes, signature: bytes, algorithm: int = ED25519, key_id: bytes = b"") -> bytes:
    """The authentication wrapper; a `key_id`, if any, goes into the unprotected header."""
    protected = cbor.encode({_ALGORITHM: algorithm})
    unprotected = {_KEY_ID: key_id} if key_id else {}
    sign1 = cbor.Tag(_TAG_SIGN1, [protected, unprotected, None, signature])
    return cbor.encode([digest, cbor.encode(sign1)])


def digest_of(manifest: bytes, crypto: Crypto) -> bytes:
    """The encoded SUIT_Digest of a manifest: over the manifest with its byte-string header."""
    return cbor.encode([SHA256, crypto.sha256(cbor.encode(manifest))])


def envelope(
    authentication: bytes, manifest: bytes, payload: bytes | None = None, name: str = "#app"
) -> bytes:
    """The envelope of a wrapper made by `seal`; a `payload` is integrated under `name`."""
    members: dict[object, object] = {_AUTHENTICATION: authentication, _MANIFEST: manifest}
    if payload is not None:
        members[name] = payload
    return cbor.encode(cbor.Tag(_TAG_ENVELOPE, members))


def split(data: bytes | bytearray | memoryview) -> Head:
    """Take apart the envelope that starts `data`.

    Raises Incomplete when the head goes on behind `data`, Refused when it cannot be one.
    """
    try:
        return _split(data)
    except cbor.CborEnd:
        if len(data) >= HEAD_MAX:
            raise Refused(image.R_TOO_LARGE, f"head of more than {HEAD_MAX} bytes")
        raise Incomplete
    except cbor.CborError as error:
        raise Refused(image.R_MALFORMED, f"envelope: {error}")


def _split(data: bytes | bytearray | memoryview) -> Head:
    at = _expect(data, 0, cbor.TAG, _TAG_ENVELOPE)
    major, members, at = cbor.decode_head(data, at)
    if major != cbor.MAP or members not in (2, 3):
        raise Refused(image.R_MALFORMED, "envelope: not two or three members")
    at = _expect(data, at, cbor.UINT, _AUTHENTICATION)
    start, end = _byte_string(data, at)
    authentication = bytes(data[start:end])
    at = _expect(data, end, cbor.UINT, _MANIFEST)
    _, end = _byte_string(data, at)
    manifest = bytes(data[at:end])
    if members == 2:
        return Head(authentication, manifest, None, end, 0)
    major, length, at = cbor.decode_head(data, end)
    if major != cbor.TEXT or length > 16:
        raise Refused(image.R_UNSUPPORTED, "envelope: member that is no payload")
    if at + length > len(data):
        raise cbor.CborEnd("payload name")
    name = cbor.decode(data[end : at + length])
    major, size, at = cbor.decode_head(data, at + length)
    if major != cbor.BYTES or not isinstance(name, str):
        raise Refused(image.R_MALFORMED, "envelope: payload is no byte string")
    return Head(authentication, manifest, name, at, size)


def _expect(data: bytes | bytearray | memoryview, at: int, major: int, argument: int) -> int:
    found_major, found, end = cbor.decode_head(data, at)
    if (found_major, found) != (major, argument):
        raise Refused(image.R_MALFORMED, f"envelope: unexpected item at {at}")
    return end


def _byte_string(data: bytes | bytearray | memoryview, at: int) -> tuple[int, int]:
    """(start, end) of the content of the byte string at `at`."""
    major, length, start = cbor.decode_head(data, at)
    if major != cbor.BYTES:
        raise Refused(image.R_MALFORMED, f"envelope: no byte string at {at}")
    if length > HEAD_MAX:
        raise Refused(image.R_TOO_LARGE, f"head of more than {HEAD_MAX} bytes")
    if start + length > len(data):
        raise cbor.CborEnd(f"byte string at {at}")
    return start, start + length


def authenticate(head: Head, keys: "list[tuple[bytes, bool]]", crypto: "Crypto") -> int:
    """The index of the key that signed, or Refused.

    `keys` are (public key, revoked) pairs. An envelope may name its key (COSE `kid`: the
    first KEY_ID_SIZE bytes of the key's SHA-256); without a name every key is tried, and a
    stranger's signature looks the same as a bad one.
    """
    wrapper = decode(head.authentication, "authentication wrapper")
    if not isinstance(wrapper, list) or len(wrapper) != 2:
        raise Refused(image.R_MALFORMED, "authentication wrapper: not one digest, one signature")
    digest, block = wrapper
    if sha256_of(digest) != crypto.sha256(head.manifest):
        raise Refused(image.R_DIGEST_MISMATCH, "the manifest does not have its signed digest")
    algorithm, key_id, signature = _sign1(block)
    if not keys:
        raise Refused(image.R_NO_KEYS, "no key to check the signature with")
    message = to_be_signed(digest, algorithm)
    named = False
    for index, (public_key, revoked) in enumerate(keys):
        if key_id is not None and key_id != crypto.sha256(public_key)[:KEY_ID_SIZE]:
            continue
        named = True
        if crypto.check_signature(public_key, message, signature):
            if revoked:
                raise Refused(image.R_REVOKED_KEY, "signed by a revoked key")
            return index
    if not named:
        raise Refused(image.R_UNKNOWN_KEY, "names a key that is not trusted here")
    raise Refused(image.R_BAD_SIGNATURE, "not signed by a trusted key")


def _sign1(block: object) -> tuple[int, bytes | None, bytes]:
    """(algorithm, key id or None, signature) of a COSE_Sign1 with detached payload."""
    sign1 = decode(block, "signature block")
    fields = sign1.value if isinstance(sign1, cbor.Tag) and sign1.number == _TAG_SIGN1 else None
    if not isinstance(fields, list) or len(fields) != 4:
        raise Refused(image.R_MALFORMED, "signature block: no COSE_Sign1")
    protected, unprotected, payload, signature = fields
    if not isinstance(protected, bytes) or not isinstance(unprotected, dict):
        raise Refused(image.R_MALFORMED, "signature block: headers")
    if payload is not None or not isinstance(signature, bytes):
        raise Refused(image.R_MALFORMED, "signature block: payload or signature")
    algorithm = mapping(protected, {_ALGORITHM}, "protected header")[_ALGORITHM]
    if not isinstance(algorithm, int) or algorithm not in (ED25519, EDDSA):
        raise Refused(image.R_BAD_ALGORITHM, "signature algorithm is not Ed25519")
    if not unprotected:
        return algorithm, None, signature
    key_id = unprotected.get(_KEY_ID)
    if len(unprotected) != 1 or not isinstance(key_id, bytes):
        raise Refused(image.R_UNSUPPORTED, "unprotected header: not just a key id")
    return algorithm, key_id, signature


def sha256_of(encoded: object) -> bytes:
    """The bytes of an encoded SUIT_Digest, which must be SHA-256."""
    digest = decode(encoded, "digest")
    if not isinstance(digest, list) or len(digest) != 2:
        raise Refused(image.R_MALFORMED, "digest: no SUIT_Digest")
    if digest[0] != SHA256:
        raise Refused(image.R_BAD_ALGORITHM, "digest algorithm is not SHA-256")
    return octets(digest[1], 32, "digest")


def decode(data: object, what: str) -> object:
    """The item inside a byte string."""
    if not isinstance(data, bytes):
        raise Refused(image.R_MALFORMED, f"{what}: no byte string")
    try:
        return cbor.decode(data)
    except cbor.CborError as error:
        raise Refused(image.R_MALFORMED, f"{what}: {error}")


def mapping(
    data: object,
    members: "set[int]",
    what: str,
    optional: "set[int] | frozenset[int]" = frozenset(),
) -> dict[object, object]:
    """The map inside a byte string, if it has all of `members` and of others just `optional`."""
    value = decode(data, what)
    if not isinstance(value, dict):
        raise Refused(image.R_MALFORMED, f"{what}: no map")
    if set(value) - optional != members:
        raise Refused(image.R_UNSUPPORTED, f"{what}: members other than this profile's")
    return value


def uint(value: object, what: str) -> int:
    if not isinstance(value, int) or value is True or value is False or value < 0:
        raise Refused(image.R_MALFORMED, f"{what}: no unsigned integer")
    return value


def octets(value: object, size: int, what: str) -> bytes:
    if not isinstance(value, bytes) or len(value) != size:
        raise Refused(image.R_MALFORMED, f"{what}: not {size} bytes")
    return value
