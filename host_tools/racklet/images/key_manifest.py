"""Signed key manifests: what a board shall trust, refuse by name, and refuse by version."""

import hashlib
from collections.abc import Sequence

from racklet_wire import image, key_set, suit
from racklet_wire.suit_manifest import Manifest

from racklet.errors import UsageError
from racklet.images.envelope import class_id, sign_manifest
from racklet.keys import PublicKey, SigningKey


def sign_keys(
    signer: SigningKey,
    sequence: int,
    board: str,
    *,
    trusted: Sequence[PublicKey],
    revoked: Sequence[PublicKey] = (),
    denied: Sequence[int] = (),
    families: Sequence[str] = (),
) -> bytes:
    """A key manifest for boards of that name. It replaces the whole set of a board, whose
    keys must include `signer`. `families` are names of compute payloads that may be verified
    there; none: the board's own. UsageError if a board could never take it."""
    payload = key_set.write(
        [key.raw for key in trusted],
        [key.raw for key in revoked],
        [*denied],
        [class_id(family) for family in families],
    )
    try:
        key_set.KeySet(sequence, payload)
    except suit.Refused as error:
        raise UsageError(str(error)) from None
    manifest = Manifest(
        sequence,
        hashlib.sha256(payload).digest(),
        len(payload),
        class_id=class_id(board),
        component=image.KEYS,
        uri="#keys",
    )
    return sign_manifest(manifest, payload, signer)
