"""What became of this start, for whoever asks, and how often it was tried."""

from racklet_wire import boot

from racklet_base.compiled import const

NONE = boot.NO_SLOT
STARTS_MAX = 3

_STARTS = const(2)  # the scratch word; the supervisor has the two before it
_MAGIC = const(0x5253_0000)  # marks it as ours; below it the count


class Start:
    """`mode` is one of racklet_wire.boot, `running` the slot of the image that was chosen (NONE
    while there is none), `sequence` its number, `size` that of its payload, `key` the public
    key that signed it. `refused` says for the slots A and B why not (0: good, or not looked at).
    `state` is the BootState. Times are in ms since the start, 0 until it got there.
    """

    def __init__(self) -> None:
        self.mode = boot.STARTING
        self.running = NONE
        self.sequence = self.size = 0
        self.key = b""
        self.refused = [0, 0]
        self.state = None
        self.verified_ms = self.serving_ms = 0

    def refuse(self, reason: int) -> None:
        """Do not run the image that was chosen after all."""
        self.refused[self.running] = reason
        self.running = NONE
        self.sequence, self.key = 0, b""

    @property
    def image(self) -> "tuple[int, int] | None":
        """(slot, sequence number) of the image that runs."""
        return None if self.running == NONE else (self.running, self.sequence)

    @property
    def is_trial(self) -> bool:
        """Whether the image that runs awaits confirmation."""
        return self.running != NONE and self.state.trial == self.running


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
