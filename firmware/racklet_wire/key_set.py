"""Key manifests: which keys a board trusts, which it refuses by name, and which versions.

The payload of an envelope with component `image.KEYS`: a map of three lists, and a fourth of
the families of compute payloads, when not just the board's own is meant. It replaces the key
set in force as a whole.
"""

from . import cbor, image, suit

KEYS_MAX = 4
REVOKED_MAX = 8
DENIED_MAX = 16
FAMILIES_MAX = 4

_TRUSTED, _REVOKED, _DENIED, _FAMILIES = 1, 2, 3, 4  # members of the payload


class KeySet:
    """What one key manifest says; `sequence` is its number, 0 that of the provisioned key.

    `families` are class ids of compute payloads that may be verified here; none: the class id
    of the board.
    """

    def __init__(self, sequence: int, document: bytes) -> None:
        """Read a payload; suit.Refused if it says nonsense."""
        members = suit.mapping(
            document, {_TRUSTED, _REVOKED, _DENIED}, "key manifest", optional={_FAMILIES}
        )
        self.revoked = _keys(members[_REVOKED], REVOKED_MAX)
        self.denied = [
            suit.uint(item, "denied version") for item in _list(members[_DENIED], DENIED_MAX)
        ]
        self.families = [
            suit.octets(item, 16, "family")
            for item in _list(members.get(_FAMILIES, []), FAMILIES_MAX)
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


def write(
    trusted: "list[bytes]",
    revoked: "list[bytes]",
    denied: "list[int]",
    families: "list[bytes] | tuple[()]" = (),
) -> bytes:
    """The payload of a key manifest."""
    members = {_TRUSTED: trusted, _REVOKED: revoked, _DENIED: denied}
    if families:
        members[_FAMILIES] = families
    return cbor.encode(members)


def _keys(value: object, most: int) -> "list[bytes]":
    return [suit.octets(item, 32, "public key") for item in _list(value, most)]


def _list(value: object, most: int) -> "list[object]":
    if not isinstance(value, list):
        raise suit.Refused(image.R_MALFORMED, "key manifest: no list")
    if len(value) > most:
        raise suit.Refused(image.R_TOO_LARGE, f"key manifest: more than {most} in a list")
    return value
