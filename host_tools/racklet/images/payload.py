"""Compute payloads: what a compute unit boots, measured here and judged by its BMC.

The signed manifest is a file of its own; the payload may be an SD card's image of any size. Its
class is its family, a name that whoever signs chooses.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from racklet_wire import image
from racklet_wire.suit_manifest import Manifest

from racklet.errors import FileProblem, UsageError
from racklet.images.envelope import Image, class_id, read_image, sign_manifest
from racklet.keys import SigningKey


@dataclass(frozen=True)
class Measured:
    """Digest and size of a payload."""

    sha256: bytes
    size: int


def measure(path: Path) -> Measured:
    """Read all of a file; FileProblem says why not."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
            return Measured(digest, file.tell())
    except OSError as error:
        raise FileProblem(f"cannot read {path}: {error.strerror}") from None


def sign_payload(
    measured: Measured, key: SigningKey, sequence: int, family: str, *, name: str = "payload"
) -> bytes:
    """The signed manifest of a payload of that family; `name` is for people."""
    manifest = Manifest(
        sequence,
        measured.sha256,
        measured.size,
        class_id=class_id(family),
        component=image.COMPUTE,
        uri=name,
    )
    return sign_manifest(manifest, None, key)


def read_payload_manifest(data: bytes) -> Image:
    """A manifest, unverified; UsageError when it is that of something else."""
    found = read_image(data)
    if found.manifest.component != image.COMPUTE:
        raise UsageError(
            "this is no manifest of a compute payload", hint="racklet image sign-payload makes one"
        )
    return found
