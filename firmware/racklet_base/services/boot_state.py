"""Which image is confirmed, which is on trial, and the anti-rollback minimum.

Every change is one journal record, so a power cut leaves either the state before or after.
"""

import struct

from racklet_wire import image

from .journal import Journal
from .slots import NONE

_RECORD = "<BBBBII"
RECORD_SIZE = 64
ATTEMPTS = 3  # starts of an image on trial; a power cut uses one up, as a crash does


class BootState:
    """`active` is the confirmed slot and `trial` that on trial (NONE: no such slot),
    `sequence` that of the confirmed image, `reason` why the last trial ended.

    `minimum` is the lowest sequence number accepted: it rises at confirmation, never falls.
    """

    def __init__(self, flash) -> None:
        self._journal = Journal(flash, RECORD_SIZE)
        record = self._journal.latest()
        self._take(struct.unpack(_RECORD, record) if record else (NONE, NONE, 0, 0, 0, 0))

    def start_trial(self, slot: int) -> None:
        """The next boot runs `slot` on trial."""
        self._write((self.active, slot, 0, image.R_NONE, self.minimum, self.sequence))

    def count_attempt(self) -> None:
        """The image on trial is started once more."""
        attempts = self.attempts + 1
        self._write((self.active, self.trial, attempts, self.reason, self.minimum, self.sequence))

    def confirm(self, slot: int, sequence: int) -> None:
        """Keep the verified image in `slot`."""
        self._write((slot, NONE, 0, image.R_NONE, max(self.minimum, sequence), sequence))

    def adopt(self, slot: int, sequence: int) -> None:
        """Run the verified image in `slot` for want of the confirmed one. Nobody confirmed it,
        so the minimum stays, but for a board's first."""
        minimum = sequence if self.active == NONE else self.minimum
        self._write((slot, NONE, 0, image.R_NONE, max(self.minimum, minimum), sequence))

    def revert(self, reason: int) -> None:
        """Back to the confirmed image."""
        self._write((self.active, NONE, 0, reason, self.minimum, self.sequence))

    def _write(self, fields: tuple) -> None:
        self._journal.append(struct.pack(_RECORD, *fields))
        self._take(fields)

    def _take(self, fields: tuple) -> None:
        self.active, self.trial, self.attempts, self.reason, self.minimum, self.sequence = fields
