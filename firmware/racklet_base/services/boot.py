"""Which image to run: the first stage's decision, made at every boot."""

from racklet_wire import image, suit

from .boot_state import ATTEMPTS
from .slots import NONE, A, B
from .start import Start

_PIECE = 16_384  # of the payload, while nobody else needs the RAM


def choose(pair, verifier, start: "Start | None" = None) -> "tuple[int, int] | None":
    """(slot, sequence number) of the image to run; None: recovery.

    The image on trial while it has attempts left, else the confirmed one, else the other one
    if it is good: every image that runs was verified now. An attempt is counted before the
    image gets control. `start` takes down what was found.
    """
    start = start or Start()
    start.state = state = verifier.boot
    if state.trial != NONE:
        if state.attempts >= ATTEMPTS:
            state.revert(image.R_CRASHED)
        elif _is_good(pair, state.trial, verifier, start):
            state.count_attempt()
            return start.image
        else:
            state.revert(start.refused[state.trial])
    for slot in (B, A) if state.active == B else (A, B):
        if _is_good(pair, slot, verifier, start):
            if slot != state.active:
                # It came with the board, or the other one rotted.
                state.adopt(slot, start.sequence)
            return start.image
    return None


def _is_good(pair, slot: int, verifier, start: Start) -> bool:
    try:
        manifest = _verify(pair, slot, verifier)
    except suit.Refused as error:
        start.refused[slot] = error.reason
        return False
    start.running, start.key = slot, verifier.signer
    start.sequence, start.size = manifest.sequence, manifest.size
    return True


def _verify(pair, number: int, verifier):
    """The manifest of the image in a slot; suit.Refused if it is not good."""
    stored = pair[number].head()
    if stored is None:
        raise suit.Refused(image.R_INCOMPLETE, "no image in this slot")
    manifest = verifier.head(stored[0], image.FIRMWARE, number)
    if manifest.size > pair[number].capacity:
        raise suit.Refused(image.R_TOO_LARGE, "larger than the slot")
    for _ in verifier.payload(pair[number], manifest, _PIECE):
        pass
    return manifest
