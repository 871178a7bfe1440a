"""Key manifests: which keys a board trusts, which it refuses by name, and which versions.

The payload of an envelope with component `image.KEYS`: a map of three lists. It replaces the
key set in force as a whole.
"""

from . import cbor, image, suit

KEYS_MAX = 4
REVOKED_MAX = 8
DENIED_MAX = 16

_TRUSTED, _REVOKED, _DENIED = 1, 2, 3  # members of the payload


class KeySet:
    """What one key manifest says; `sequence` is its number, 0 that of the provisioned key."""

    def __init__(self, sequence: int, document: bytes) -> None:
        """Read a payload; suit.Refused if it says nonsense."""
        members = suit.mapping(document, {_TRUSTED, _REVOKED, _DENIED}, "key manifest")
        self.revoked = _keys(members[_REVOKED], REVOKED_MAX)
        self.denied = [
            suit.uint(item, "denied version") for item in _list(members[_DENIED], DENIED_MAX)
        ]
        trusted = _keys(members[_TRUSTED], KEYS_MAX)
        self.trusted = [key for key in trusted if key not in self.revoked]
        if not self.trusted:
            raise suit.Refused(image.R_NO_KEYS, "key manifest: no key would be left")
        self.sequence = sequence
        self.document = document

    def pairs(self) -> "list[tuple[bytes, bool]]":
        """(public key, revoked) as `suit.authenticate` wants them."""
        return [(key, False) for key in self.trusted] + [(key, True) for key in self.revoked]


def write(trusted: "list[bytes]", revoked: "list[bytes]", denied: "list[int]") -> bytes:
    """The payload of a key manifest."""
    return cbor.encode({_TRUSTED: trusted, _REVOKED: revoked, _DENIED: denied})


def _keys(value: object, most: int) -> "list[bytes]":
    return [suit.octets(item, 32, "public key") for item in _list(value, most)]


def _list(value: object, most: int) -> "list[object]":
    if not isinstance(value, list):
        raise suit.Refused(image.R_MALFORMED, "key manifest: no list")
    if len(value) > most:
        raise suit.Refused(image.R_TOO_LARGE, f"key manifest: more than {most} in a list")
    return value
