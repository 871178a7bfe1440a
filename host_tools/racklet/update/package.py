"""An image file that is to be sent, and what this machine can say about it before it is."""

import hashlib
from dataclasses import dataclass

from racklet_wire import blocks, image
from racklet_wire.suit_manifest import VENDOR

from racklet.errors import Refused, UsageError, VerificationFailed
from racklet.images.envelope import Image, class_id, read_image
from racklet.records import Identity, ImageStatus
from racklet.transfer import transfer_id


@dataclass(frozen=True)
class Package:
    """A firmware image or a key manifest, whole."""

    image: Image
    transfer_id: int

    @classmethod
    def of(cls, data: bytes) -> "Package":
        """VerificationFailed when the file is none or is damaged, UsageError when it is for
        something else. Signatures are the BMC's to check: it has the keys."""
        found = read_image(data)
        if found.manifest.component not in (image.FIRMWARE, image.KEYS):
            raise UsageError(
                "this is a compute payload, no firmware", hint="racklet image verify-payload"
            )
        if hashlib.sha256(found.payload).digest() != found.manifest.digest:
            raise VerificationFailed(
                "the file is damaged: its payload differs from the digest in its manifest",
                hint="copy it again, or sign it anew",
                code="digest_mismatch",
            )
        return cls(found, transfer_id(found.stream))

    @property
    def is_firmware(self) -> bool:
        """Else it is a key manifest, in force as soon as it is verified."""
        return self.image.manifest.component == image.FIRMWARE

    @property
    def sequence(self) -> int:
        return self.image.manifest.sequence

    def check(self, slot: int, identity: Identity, status: ImageStatus) -> None:
        """Refused, before a byte is sent, where the BMC's answer is known."""
        manifest = self.image.manifest
        if identity.is_developer:
            raise Refused(
                f"slot {slot} is in developer mode: its BMC runs from files and keeps no images",
                hint="flash a release UF2, or start the virtual rack with --key and --image",
                code="developer_mode",
            )
        known = identity.board in blocks.BOARDS.values()
        if manifest.vendor != VENDOR or (known and manifest.class_id != class_id(identity.board)):
            raise _refusal(
                slot,
                image.R_WRONG_CLASS,
                f"it is made for another board than the {identity.board} in that slot",
            )
        if self.is_firmware and manifest.sequence < status.minimum_sequence:
            raise _refusal(
                slot,
                image.R_ROLLBACK,
                f"it has number {manifest.sequence}, the BMC takes {status.minimum_sequence} "
                "or later",
            )


def _refusal(slot: int, reason: int, why: str) -> Refused:
    text = image.REASON_TEXT[reason]
    return Refused(
        f"slot {slot} would refuse the image: {text}; {why}",
        code=code_of(text),
        hint="nothing was sent",
    )


def code_of(reason_text: str) -> str:
    """A reason of the wire as the code of an error: its words up to a parenthesis."""
    return reason_text.split(" (", maxsplit=1)[0].replace(" ", "_").replace("-", "_")
