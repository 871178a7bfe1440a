"""The supply fails at flash operations of an update on the emulated chip, whole and torn, and at
bytes of its messages.

After each cut the board must start a verified image that is not older than its minimum, tell
truly what became of what it had acknowledged, and be able to do again what was cut short.
Every operation is cut at three shares of its time, and the starts after the cuts of a key
rotation are cut again; RACKLET_SOAK=1 cuts every start after a cut at each of its operations.
Of the messages one of each kind is cut, RACKLET_SOAK=1 after each of its bytes.
"""

import os
from collections.abc import Callable, Sequence

import pytest
from racklet.bmc import Bmc
from racklet.bus import Message, Write
from racklet.errors import Nack
from racklet.images import read_image, romfs, sign_image
from racklet.images.key_manifest import sign_keys
from racklet.keys import SigningKey
from racklet.virtual.plant_bus import PlantBus
from racklet_bench.in_process import PlantClock
from racklet_bench.rp2040 import EmulatedRack
from racklet_bench.rp2040.bench import BOARD
from racklet_bench.rp2040.branch import branch
from racklet_bench.rp2040.power_cuts import SHARES, Cut, PowerCuts
from racklet_uf2 import factory
from racklet_wire import image
from racklet_wire.commands import code_of

MS = 1_000_000
SOAK = bool(os.environ.get("RACKLET_SOAK"))
STRIDE = 1 if SOAK else 13  # bytes of a message
OLD, NEW = 4, 6
KEY = factory.development_key()
# Not at random: the same bytes in each run, so a cut that fails can be made again.
NEXT, OTHER = (SigningKey.from_seed(bytes([n]) * 32) for n in (1, 2))
# Two sectors; what the recovery service does is all that is asked of an application here.
PAYLOAD = romfs.pack(
    {
        "racklet_bmc": {"__init__.py": b"", "app.py": b"from racklet_base.recovery import run"},
        "filler": bytes(range(256)) * 20,
    }
)


def is_redone(cut: Cut) -> bool:
    """After one cut in eight what was cut short is done again: that takes longer than the rest."""
    return cut.number % 8 == 0 or (SOAK and cut.operation is not None)


def envelope(sequence: int) -> bytes:
    return sign_image(PAYLOAD, KEY, sequence, BOARD)


# How messages begin: code, count of the bytes, then what they are about.
BEGIN, CHUNK, COMMAND = (code_of(f"IMAGE_{name}") for name in ("BEGIN", "CHUNK", "COMMAND"))
FINISH, ACTIVATE, CONFIRM, REVERT = (
    bytes([COMMAND, 12, command])
    for command in (
        image.COMMAND_FINISH,
        image.COMMAND_ACTIVATE,
        image.COMMAND_CONFIRM,
        image.COMMAND_REVERT,
    )
)
LAST = (len(envelope(NEW)) - 1) // image.CHUNK


def chunk(number: int) -> bytes:
    return bytes([CHUNK, 32]) + number.to_bytes(2, "little")


class Interrupted(Exception):
    """The RMC dies."""


class BytewiseBus(PlantBus):
    """A bus that stops after each byte of the first message that begins with each of `due`."""

    def __init__(self, rack: EmulatedRack, stop_here: Callable[[], None]) -> None:
        super().__init__(rack.plant.bus)
        self._stop_here = stop_here
        self.due: list[bytes] = []

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        first = messages[0]
        data = first.data if isinstance(first, Write) else b""
        due = [kind for kind in self.due if data.startswith(kind)]
        if not due:
            return super().transfer(messages)
        if not self.start(first.address, read=False):
            self.stop()
            raise Nack(0)
        self.due.remove(due[0])
        self._stop_here()
        for byte in data:
            self.write(byte)
            self._stop_here()
        self.stop()
        self._stop_here()
        return []


class Board:
    """The board under test, as the RMC sees it, and what the RMC was told."""

    def __init__(self, rack: EmulatedRack, bus: PlantBus | None = None) -> None:
        self.rack = rack
        self.clock = PlantClock(rack)
        self.bus = bus or PlantBus(rack.plant.bus)
        self.bmc = Bmc(self.bus, 1, self.clock)
        self.verified = self.confirmed = False
        self.keys = 0  # number of the key manifest that was said to be in force

    def settle(self, other_than: int = 0) -> None:
        """Wait until it serves, in another generation than that."""
        end = self.clock.monotonic() + 5
        while True:
            if self.bmc.is_present():
                identity = self.bmc.identify()
                if not identity.is_starting and identity.generation != other_than:
                    return
            assert self.clock.monotonic() < end, "a brick: it does not serve any more"
            self.clock.sleep(0.010)

    def send(self, data: bytes, component: int = image.FIRMWARE) -> str:
        read = read_image(data)
        return self.bmc.send_image(component, read.head, read.payload).reason

    def command(self, command: int) -> None:
        status = self.bmc.image_status()
        self.bmc.image_command(command, status.transfer_id, self.bmc.identify().generation)

    def restart(self, command: int) -> None:
        generation = self.bmc.identify().generation
        self.command(command)
        self.settle(generation)

    # --- lives ----------------------------------------------------------------------------

    def to_trial(self) -> None:
        assert self.send(envelope(NEW)) == "none"
        self.verified = True
        self.restart(image.COMMAND_ACTIVATE)

    def update(self) -> None:
        """Transfer, activation, trial, confirmation."""
        self.to_trial()
        self.command(image.COMMAND_CONFIRM)
        while self.bmc.image_status().is_trial:
            self.clock.sleep(0.005)
        self.confirmed = True

    def update_and_revert(self) -> None:
        self.to_trial()
        self.restart(image.COMMAND_REVERT)

    def resume(self) -> None:
        """A transfer that a reset cut short in the second sector goes on from there."""
        read = read_image(envelope(NEW))
        generation = self.bmc.identify().generation

        def stop(received: int, _size: int) -> None:
            if received > len(read.head) + 4500:
                raise Interrupted

        assert isinstance(self.bus, BytewiseBus)
        due, self.bus.due = self.bus.due, []
        with pytest.raises(Interrupted):
            self.bmc.send_image(image.FIRMWARE, read.head, read.payload, stop)
        self.rack.bmc(1).reset()
        self.settle(generation)
        self.bus.due = due
        self.to_trial()

    def rotate_keys(self) -> None:
        for sequence in (1, 2, 3):
            trusted = [KEY.public, OTHER.public]
            data = sign_keys(KEY, sequence, BOARD, trusted=trusted, revoked=[NEXT.public])
            assert self.send(data, image.KEYS) == "none"
            self.keys = sequence

    # --- what must hold after a cut -----------------------------------------------------------

    def check(self) -> None:
        self.settle()
        status = self.bmc.image_status()
        assert status.active_sequence in (OLD, NEW)
        assert status.active_sequence >= status.minimum_sequence >= OLD
        assert status.active_sequence == OLD or self.verified
        if self.confirmed:
            assert status.active_sequence == status.minimum_sequence == NEW
            assert not status.is_trial
        if status.is_trial:
            self.restart(image.COMMAND_REVERT)
            assert self.bmc.image_status().active_sequence == OLD

    def check_update(self, cut: Cut) -> None:
        self.check()
        if is_redone(cut):
            self.update()  # what was cut short can be done now

    def check_keys(self, cut: Cut) -> None:
        self.check()
        if not is_redone(cut):
            return
        stranger = sign_keys(NEXT, 9, BOARD, trusted=[NEXT.public])
        reason = self.send(stranger, image.KEYS)
        assert reason == ("revoked key" if self.keys else reason)
        assert reason in ("revoked key", "bad signature")
        older = sign_keys(KEY, self.keys, BOARD, trusted=[KEY.public]) if self.keys else b""
        assert not older or self.send(older, image.KEYS) == "sequence too old (rollback)"
        assert self.send(sign_keys(KEY, 4, BOARD, trusted=[KEY.public]), image.KEYS) == "none"


@pytest.fixture(scope="module")
def booted() -> EmulatedRack:
    """A board that runs OLD from slot A; the bus at 400 kHz."""
    rack = EmulatedRack()
    rack.plant.bus.hz = 400_000
    rack.ship(envelope(OLD))
    rack.plant.slots[1].insert()
    rack.wait_for(lambda: rack.bmc(1).answering, 2_000 * MS)
    Board(rack).settle()
    return rack


LIVES = (
    (Board.update, Board.check_update, 34),
    (Board.update_and_revert, Board.check_update, 37),
    (Board.rotate_keys, Board.check_keys, 6),
)


@pytest.mark.parametrize(
    ("live", "check", "least"), LIVES, ids=lambda x: getattr(x, "__name__", "")
)
def test_no_cut_bricks_rolls_back_or_lies(
    booted: EmulatedRack,
    live: Callable[[Board], None],
    check: Callable[[Board, Cut], None],
    least: int,
) -> None:
    board = Board(booted)

    def run() -> tuple[int, int]:
        again = SOAK or live is Board.rotate_keys
        cuts = PowerCuts(booted, restart=board.settle if again else None)
        cuts.run(lambda: live(board), lambda cut: check(board, cut))
        return cuts.operations, cuts.cuts

    operations, cuts = branch(run)
    print(f"{live.__name__}: {operations} operations, {cuts} cuts")
    assert operations >= least
    assert cuts >= operations * len(SHARES)


# Of a message: its bytes with code, count and PEC, its address, its stop.
INSTANTS = {BEGIN: 21, CHUNK: 37, COMMAND: 17}
FIRST = (bytes([BEGIN]), chunk(0))
MESSAGES = (
    (
        *(Board.update, Board.check_update),
        (*FIRST, chunk(LAST // 2), chunk(LAST), FINISH, ACTIVATE, CONFIRM),
    ),
    (Board.update_and_revert, Board.check_update, (REVERT,)),
    # One in the second sector: of the first nothing is sent again.
    (Board.resume, Board.check_update, (*FIRST, chunk(LAST - 20), chunk(LAST), FINISH)),
    (Board.rotate_keys, Board.check_keys, (*FIRST, chunk(9), FINISH)),
)


@pytest.mark.parametrize(
    ("live", "check", "messages"), MESSAGES, ids=lambda x: getattr(x, "__name__", "")
)
def test_no_cut_within_a_message_does_either(
    booted: EmulatedRack,
    live: Callable[[Board], None],
    check: Callable[[Board, Cut], None],
    messages: tuple[bytes, ...],
) -> None:
    def run() -> int:
        cuts = PowerCuts(booted, shares=(), every=STRIDE)
        bus = BytewiseBus(booted, cuts.here)
        bus.due = [*messages]
        board = Board(booted, bus)
        cuts.run(lambda: live(board), lambda cut: check(board, cut))
        return cuts.cuts

    cuts = branch(run)
    print(f"{live.__name__}: {cuts} cuts within messages")
    assert cuts == -(-sum(INSTANTS[message[0]] for message in messages) // STRIDE)
