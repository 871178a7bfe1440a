"""Whose signatures this board trusts, and which versions it refuses for good.

The first key is provisioned once, over USB. After that only a key manifest signed by a key
of the store changes it, as a whole and in one record: whoever has just the bus can neither
add a key nor fill the store.
"""

from racklet_wire import cbor, image, suit

from .journal import Journal

RECORD_SIZE = 1024
KEYS_MAX = 4
REVOKED_MAX = 8
DENIED_MAX = 16

# Members of a key manifest's payload; its sequence number stands in the SUIT manifest.
TRUSTED, REVOKED, DENIED = 1, 2, 3


class KeySet:
    """What one key manifest says; `sequence` is its number, 0 that of the provisioned key."""

    def __init__(self, sequence: int, document: bytes) -> None:
        """Read a payload; suit.Refused if it says nonsense."""
        members = suit.mapping(document, {TRUSTED, REVOKED, DENIED}, "key manifest")
        trusted = _list(members[TRUSTED], KEYS_MAX)
        self.revoked = _list(members[REVOKED], REVOKED_MAX)
        self.denied = _list(members[DENIED], DENIED_MAX)
        for key in trusted + self.revoked:
            suit.octets(key, 32, "public key")
        for item in self.denied:
            suit.uint(item, "denied version")
        self.trusted = [key for key in trusted if key not in self.revoked]
        if not self.trusted:
            raise suit.Refused(image.R_NO_KEYS, "key manifest: no key would be left")
        self.sequence = sequence
        self.document = document

    def pairs(self) -> "list[tuple[bytes, bool]]":
        """(public key, revoked) as `suit.authenticate` wants them."""
        return [(key, False) for key in self.trusted] + [(key, True) for key in self.revoked]


class KeyStore:
    """`current` is the key set in force, None before the first key was provisioned."""

    def __init__(self, flash) -> None:
        self._journal = Journal(flash, RECORD_SIZE)
        record = self._journal.latest()
        self.current = KeySet(*cbor.decode(record)) if record else None

    @property
    def sequence(self) -> int:
        return self.current.sequence if self.current else 0

    def provision(self, public_key: bytes) -> None:
        """Trust the first key; ValueError if the store has one already."""
        if self.current:
            raise ValueError("keys are provisioned already; sign a key manifest")
        document = cbor.encode({TRUSTED: [public_key], REVOKED: [], DENIED: []})
        self._write(KeySet(0, document))

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
        self._journal.append(cbor.encode([keys.sequence, keys.document]))
        self.current = keys


def _list(value: object, most: int) -> list:
    if not isinstance(value, list):
        raise suit.Refused(image.R_MALFORMED, "key manifest: no list")
    if len(value) > most:
        raise suit.Refused(image.R_TOO_LARGE, "key manifest: more entries than the store holds")
    return value
