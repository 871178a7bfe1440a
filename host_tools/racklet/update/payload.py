"""A BMC's verdict over the payload of its compute unit."""

from dataclasses import dataclass

from racklet_wire import image

from racklet.bus import Clock
from racklet.client import Client
from racklet.errors import Refused
from racklet.images.payload import read_payload_manifest
from racklet.records import ImageStatus
from racklet.transfer import transfer_id
from racklet.update.package import code_of

_CONFIRM_LIMIT_S = 3.0  # it may take a sector erase
_PAUSE_S = 0.02
_HINTS = {
    image.REASON_TEXT[image.R_DIGEST_MISMATCH]: "this is not the payload that was signed",
    image.REASON_TEXT[image.R_WRONG_CLASS]: (
        "the unit takes no payload of that family; racklet key rotate --family names those it takes"
    ),
}


@dataclass(frozen=True)
class PayloadVerdict:
    """The payload is good; `is_confirmed` when nothing older of its family is accepted now."""

    sequence: int
    is_confirmed: bool


def verify_payload(
    bmc: Client, clock: Clock, manifest: bytes, sha256: bytes, confirm: bool
) -> PayloadVerdict:
    """See `Bmc.verify_payload`. What differs is not looked for here: the BMC has to know, too."""
    found = read_payload_manifest(manifest)
    result = bmc.send_image(image.COMPUTE, found.head, sha256)
    if not result.is_accepted:
        raise Refused(
            f"slot {bmc.slot} refused the payload: {result.reason}",
            hint=_HINTS.get(result.reason, f"see racklet log {bmc.slot}"),
            code=code_of(result.reason),
        )
    if confirm:
        generation = bmc.identify().generation
        bmc.image_command(image.COMMAND_CONFIRM, transfer_id(found.head + sha256), generation)
        status = _settled(bmc, clock)
        if status.state != image.CONFIRMED:
            raise Refused(
                f"slot {bmc.slot} verified the payload but did not confirm it: "
                f"{status.reason_text}",
                hint=f"see racklet log {bmc.slot}",
                code="not_confirmed",
            )
    return PayloadVerdict(result.sequence, confirm)


def _settled(bmc: Client, clock: Clock) -> ImageStatus:
    give_up = clock.monotonic() + _CONFIRM_LIMIT_S
    while (status := bmc.image_status()).state == image.VERIFIED and not status.reason:
        if clock.monotonic() > give_up:
            break
        clock.sleep(_PAUSE_S)
    return status
