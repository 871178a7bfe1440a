"""The demo's images, signed with a key that lives in this process only."""

from collections.abc import Iterator
from dataclasses import dataclass

from racklet.images import read_image, sign_image
from racklet.keys import SigningKey

BOARD = "virtual"
_NEWER, _OLDER = 8, 3  # sequence numbers
MINIMUM = 5  # the anti-rollback minimum that the demo's units come with
_PAYLOAD = bytes(range(256)) * 16  # 4 KiB; it is verified here, not run


@dataclass(frozen=True)
class Sample:
    """An image as it is sent, what it is, and whether a BMC must take it."""

    what: str
    envelope: bytes
    payload: bytes
    is_good: bool


class TrialImages:
    """A fresh key, and one good and two bad images."""

    def __init__(self) -> None:
        self._key = SigningKey.generate()
        self.public_key = self._key.public.raw

    def samples(self) -> Iterator[Sample]:
        """Signed and whole; one byte changed; signed and whole, but older than allowed."""
        good = read_image(sign_image(_PAYLOAD, self._key, _NEWER, BOARD))
        yield Sample("a signed image", good.head, good.payload, True)
        tampered = bytes([good.payload[0] ^ 1]) + good.payload[1:]
        yield Sample("the same with one bit changed", good.head, tampered, False)
        old = read_image(sign_image(_PAYLOAD, self._key, _OLDER, BOARD))
        yield Sample("an older signed image", old.head, old.payload, False)
