"""Is this image good for this board? One answer for transfer and boot."""

from racklet_wire import image, suit

from .transient import forget

_PIECE = 4096


class Verifier:
    """Knows the board: its class, keys, anti-rollback minimum and deny-list.

    `signer` is the key that signed the last good head, b"" while there was none.
    """

    def __init__(self, keys, boot, payloads, crypto, class_id: bytes) -> None:
        """`keys` is a KeyStore, `boot` a BootState, `payloads` a Payloads, `crypto` a
        BoardCrypto."""
        self.keys = keys
        self.boot = boot
        self.payloads = payloads
        self._crypto = crypto
        self._class_id = class_id
        self.signer = b""

    def head(self, data: bytes, component: int, slot: int, keys=None) -> object:
        """The manifest (suit_manifest.Manifest) in the head `data`, if signed and meant for here;
        else suit.Refused.

        `keys` is the KeySet to judge by, that in force if None.
        """
        from racklet_wire import suit_manifest  # noqa: PLC0415 - it makes room again

        forget(suit_manifest.__name__)
        keys = keys or self.keys.current
        try:
            head = suit.split(data)
        except suit.Incomplete:
            raise suit.Refused(image.R_MALFORMED, "envelope: ends early")
        if head.payload_at != len(data):
            raise suit.Refused(image.R_MALFORMED, "envelope: more bytes than its head")
        if (head.payload is None) != (component == image.COMPUTE):
            raise suit.Refused(image.R_MALFORMED, "envelope: payload at the wrong place")
        pairs = keys.pairs() if keys else []
        try:
            self.signer = pairs[suit.authenticate(head, pairs, self._crypto)][0]
        finally:
            self._crypto.rest()
        manifest = suit_manifest.read(head)
        suit_manifest.match(
            manifest,
            component=component,
            class_id=self._class_for(manifest, keys),
            slot=slot,
            minimum=self._minimum(manifest),
            denied=keys.denied if component == image.FIRMWARE else [],
        )
        return manifest

    def _class_for(self, manifest: object, keys) -> bytes:
        """What its class must be. That of a compute payload is its family."""
        if manifest.component == image.COMPUTE and manifest.class_id in keys.families:
            return manifest.class_id
        is_named = manifest.component == image.COMPUTE and keys.families
        return b"" if is_named else self._class_id

    def _minimum(self, manifest: object) -> int:
        if manifest.component == image.COMPUTE:
            return self.payloads.minimum(manifest.class_id)
        return self.keys.sequence if manifest.component == image.KEYS else self.boot.minimum

    def payload(self, slot, manifest: object, size: int = _PIECE):
        """Yields between pieces of that size; suit.Refused unless `slot` holds the payload of
        `manifest`."""
        digest = self._crypto.stream()
        try:
            for piece in slot.pieces(manifest.size, size):
                digest.update(piece)
                yield
            _compare(digest.digest(), manifest)
        finally:
            self._crypto.rest()

    def small_payload(self, data: bytes, manifest: object) -> None:
        """The same for a payload in RAM; that of a compute image is its measured digest."""
        measured = data if manifest.component == image.COMPUTE else self._crypto.sha256(data)
        _compare(measured, manifest)


def _compare(digest: bytes, manifest: object) -> None:
    if digest != manifest.digest:
        raise suit.Refused(image.R_DIGEST_MISMATCH, "payload differs from its digest")
