"""Which image to run: the first stage's decision, made at every boot."""

from racklet_wire import image, suit

from . import slots
from .boot_state import ATTEMPTS


def choose(pair, verifier) -> "tuple[int, int] | None":
    """(slot, sequence number) of the image to run; None: recovery.

    The image on trial while it has attempts left, else the confirmed one, else the other one
    if it is good: every image that runs was verified now. An attempt is counted before the
    image gets control.
    """
    boot = verifier.boot
    if boot.trial != slots.NONE:
        if boot.attempts >= ATTEMPTS:
            boot.revert(image.R_CRASHED)
        else:
            try:
                sequence = _verify(pair, boot.trial, verifier)
                boot.count_attempt()
                return boot.trial, sequence
            except suit.Refused as error:
                boot.revert(error.reason)
    for slot in (slots.B, slots.A) if boot.active == slots.B else (slots.A, slots.B):
        try:
            sequence = _verify(pair, slot, verifier)
        except suit.Refused:
            continue
        if slot != boot.active:
            boot.confirm(slot, sequence)  # it came with the board, or the other one rotted
        return slot, sequence
    return None


def _verify(pair, number: int, verifier) -> int:
    """The sequence number of the image in a slot; suit.Refused if it is not good."""
    stored = pair[number].head()
    if stored is None:
        raise suit.Refused(image.R_INCOMPLETE, "no image in this slot")
    manifest = verifier.head(stored[0], image.FIRMWARE, number)
    if manifest.size > pair[number].capacity:
        raise suit.Refused(image.R_TOO_LARGE, "larger than the slot")
    for _ in verifier.payload(pair[number], manifest):
        pass
    return manifest.sequence
