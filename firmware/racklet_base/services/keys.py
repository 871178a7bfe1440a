"""Whose signatures this board trusts, and which versions it refuses for good.

The first key is provisioned once, over USB. After that only a key manifest signed by a key
of the store changes it, as a whole and in one record: whoever has just the bus can neither
add a key nor fill the store.
"""

from racklet_wire import cbor, image, key_set, suit
from racklet_wire.key_set import KeySet

from .journal import Journal

RECORD_SIZE = 1024


class KeyStore:
    """`current` is the key set in force, None before the first key was provisioned.

    `development` is the trusted key that is a developer's, b"" when there is none.
    """

    def __init__(self, flash) -> None:
        self._journal = Journal(flash, RECORD_SIZE)
        self.current, self.development = None, b""
        record = self._journal.latest()
        if record:
            members = cbor.decode(record)
            self.current = KeySet(*members[:2])
            self.development = b"".join(members[2:])

    @property
    def sequence(self) -> int:
        return self.current.sequence if self.current else 0

    def provision(self, public_key: bytes, is_development: bool = False) -> None:
        """Trust the first key; ValueError if the store has one already."""
        if self.current:
            raise ValueError("keys are provisioned already; sign a key manifest")
        self.development = public_key if is_development else b""
        self._write(KeySet(0, key_set.write([public_key], [], [])))

    def replace(self, proposed: KeySet) -> None:
        """Put the key set of a verified key manifest in force.

        The one in force again changes nothing; another of its number, or an older, is refused.
        """
        if self.current and proposed.sequence <= self.sequence:
            if proposed.sequence == self.sequence and proposed.document == self.current.document:
                return
            raise suit.Refused(image.R_ROLLBACK, "key manifest: not newer")
        self._write(proposed)

    def _write(self, keys: KeySet) -> None:
        if self.development not in keys.trusted:
            self.development = b""
        record = [keys.sequence, keys.document]
        self._journal.append(cbor.encode(record + [self.development] * bool(self.development)))
        self.current = keys
