"""What became of this start, for whoever asks."""

from racklet_wire import boot

NONE = boot.NO_SLOT


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
