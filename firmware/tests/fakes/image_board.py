"""A board as far as images go: its flash, its first stage and the image service."""

from hashlib import sha256

from racklet_base.services import boot, boot_state, images, keys, payloads, slots
from racklet_base.services.board_crypto import BoardCrypto
from racklet_base.services.verify import Verifier
from racklet_wire import image, suit_manifest

from .fake_clock import FakeClock
from .fake_flash import FakeFlash, Power
from .signer import Signer

CLASS = b"class of a board"
PAYLOAD = bytes(range(251)) * 40  # ten kilobytes: three sectors, no whole page at the end
SIGNER, STRANGER = Signer("release"), Signer("stranger")


class Board:
    """What survives a restart, and the service that does not."""

    def __init__(self, like: "Board | None" = None) -> None:
        """A board fresh from the factory, or one with the flash contents of another."""
        self.power = Power()
        self.romfs = FakeFlash(17 * 4096, self.power)
        self.boot_flash = FakeFlash(2 * 4096, self.power)
        self.key_flash = FakeFlash(2 * 4096, self.power)
        self.payload_flash = FakeFlash(2 * 4096, self.power)
        self.restarts = 0
        self.logged = []
        if like is None:
            keys.KeyStore(self.key_flash).provision(SIGNER.public_key)
        else:
            self.romfs.data[:] = like.romfs.data
            self.boot_flash.data[:] = like.boot_flash.data
            self.key_flash.data[:] = like.key_flash.data
            self.payload_flash.data[:] = like.payload_flash.data
        self.start()

    def start(self) -> None:
        """What the first stage does, then the service."""
        self.clock = FakeClock()
        store, state = keys.KeyStore(self.key_flash), boot_state.BootState(self.boot_flash)
        self.payloads = payloads.Payloads(self.payload_flash)
        verifier = Verifier(store, state, self.payloads, BoardCrypto(), CLASS)
        pair = slots.slots(self.romfs)
        self.running = boot.choose(pair, verifier)
        self.images = images.Images(
            self.clock, pair, verifier, self.running, self.restart, log=self
        )
        self.verifier, self.boot_state, self.keys = verifier, state, store

    def append(self, kind: int, **fields) -> None:
        """The event log, in RAM."""
        self.logged.append((kind, fields))

    def restart(self) -> None:
        self.restarts += 1

    def work(self) -> None:
        """Let the service do all that it can do now."""
        self.images.step()
        while not self.images.period_ms():
            self.images.step()

    def send(self, stream: bytes, head_size: int, component: int = image.FIRMWARE) -> int:
        """Transfer and finish; returns the reason at the end."""
        service = self.images
        service.begin(component, head_size, len(stream), transfer_id(stream))
        while service.state == image.RECEIVING and service.received < len(stream):
            at = service.received // image.CHUNK * image.CHUNK
            chunk = stream[at : at + image.CHUNK]
            if not service.chunk(at, chunk + bytes(image.CHUNK - len(chunk))):
                self.work()
        self.work()
        service.command(image.COMMAND_FINISH, transfer_id(stream))
        self.work()
        return service.reason

    def command(self, command: int, stream: bytes = b"") -> int:
        reason = self.images.command(command, transfer_id(stream) if stream else 0)
        self.work()
        return reason

    def install(self, sequence: int, payload: bytes = PAYLOAD) -> None:
        """A good image, from transfer to confirmation."""
        stream, head_size = signed(sequence, payload=payload)
        if self.send(stream, head_size) or self.command(image.COMMAND_ACTIVATE, stream):
            raise AssertionError(image.REASON_TEXT[self.images.reason])
        self.start()
        if self.command(image.COMMAND_CONFIRM):
            raise AssertionError("not confirmed")


def transfer_id(stream: bytes) -> int:
    return int.from_bytes(sha256(stream).digest()[:4], "little")


def signed(sequence: int, signer=SIGNER, payload: bytes = PAYLOAD, **fields) -> "tuple[bytes, int]":
    """(stream, size of its head) of a signed image."""
    fields = dict({"class_id": CLASS}, **fields)
    manifest = suit_manifest.Manifest(sequence, sha256(payload).digest(), len(payload), **fields)
    stream = signer.envelope(payload, manifest)
    return stream, len(stream) - len(payload)
