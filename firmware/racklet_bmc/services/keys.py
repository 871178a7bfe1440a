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


class KeyStore:
    """`sequence` is that of the key manifest in force, 0 for the provisioned key."""

    def __init__(self, flash) -> None:
        self._journal = Journal(flash, RECORD_SIZE)
        self.sequence = 0
        self.trusted = []
        self.revoked = []
        self.denied = []
        record = self._journal.latest()
        if record:
            self.sequence, document = cbor.decode(record)
            self.trusted, self.revoked, self.denied = read(document)

    def pairs(self) -> "list[tuple[bytes, bool]]":
        """(public key, revoked) as `suit.authenticate` wants them."""
        return [(key, False) for key in self.trusted] + [(key, True) for key in self.revoked]

    def provision(self, public_key: bytes) -> None:
        """Trust the first key; ValueError if the store has one already."""
        if self.trusted:
            raise ValueError("keys are provisioned already; sign a key manifest")
        self.replace(0, cbor.encode({TRUSTED: [public_key], REVOKED: [], DENIED: []}))

    def replace(self, sequence: int, document: bytes) -> None:
        """Put a verified key manifest in force; suit.Refused if it says nonsense.

        The one in force again changes nothing; another of its number, or an older, is refused.
        """
        trusted, revoked, denied = read(document)
        if sequence <= self.sequence:
            if sequence == self.sequence and (trusted, revoked, denied) == self._lists():
                return
            if self.trusted:
                raise suit.Refused(image.R_ROLLBACK, "key manifest: not newer")
        self._journal.append(cbor.encode([sequence, document]))
        self.sequence, self.trusted, self.revoked, self.denied = sequence, trusted, revoked, denied

    def _lists(self) -> tuple:
        return self.trusted, self.revoked, self.denied


def read(document: bytes) -> "tuple[list[bytes], list[bytes], list[int]]":
    """(trusted keys, revoked keys, denied sequence numbers) of a key manifest's payload."""
    members = suit.mapping(document, {TRUSTED, REVOKED, DENIED}, "key manifest")
    trusted = _list(members[TRUSTED], KEYS_MAX)
    revoked = _list(members[REVOKED], REVOKED_MAX)
    denied = [suit.uint(item, "denied version") for item in _list(members[DENIED], DENIED_MAX)]
    for key in trusted + revoked:
        suit.octets(key, 32, "public key")
    if not [key for key in trusted if key not in revoked]:
        raise suit.Refused(image.R_NO_KEYS, "key manifest: no key would be left")
    return [key for key in trusted if key not in revoked], revoked, denied


def _list(value: object, most: int) -> list:
    if not isinstance(value, list):
        raise suit.Refused(image.R_MALFORMED, "key manifest: no list")
    if len(value) > most:
        raise suit.Refused(image.R_TOO_LARGE, "key manifest: more entries than the store holds")
    return value
