"""Which image to run: the first stage's decision, made at every boot."""

from racklet_wire import image, suit

from .boot_state import ATTEMPTS
from .slots import NONE, A, B
from .start import Start

STARTS_MAX = 3
_PIECE = 16_384  # of the payload, while nobody else needs the RAM
_STARTS = 2  # the scratch word; the supervisor has the two before it
_MAGIC = 0x5253_0000  # marks it as ours; below it the count


class Starts:
    """Starts of the confirmed image in a row that did not get to serve, in a scratch word.

    What was verified can still fail on this very board; after STARTS_MAX of them the recovery
    service has its turn, so that another image can be sent. A power cut forgets them.
    """

    def __init__(self, scratch) -> None:
        self._scratch = scratch

    def begin(self) -> bool:
        """Count one more; False, and the count begins anew, when there were too many."""
        word = self._scratch[_STARTS]
        count = word & 0xFFFF if word & 0xFFFF_0000 == _MAGIC else 0
        if count >= STARTS_MAX:
            self.forget()
            return False
        self._scratch[_STARTS] = _MAGIC | count + 1
        return True

    def forget(self) -> None:
        """It serves, or a person stopped it."""
        self._scratch[_STARTS] = 0


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
                state.confirm(slot, start.sequence)
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
