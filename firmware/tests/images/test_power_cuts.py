"""Power cuts at every flash operation of every life of an image, whole and torn.

After each cut the board must start a verified image that is not older than the minimum, must
know what it had acknowledged, and must be able to do again what was cut short.
"""

import os
from collections.abc import Callable
from hashlib import sha256

import pytest
from fakes.fake_flash import PowerCut
from fakes.image_board import CLASS, SIGNER, STRANGER, Board, signed
from racklet_wire import image, key_set, suit_manifest

OLD, NEW = 5, 6
# Of 256 bits: none, half, all but a few; in the campaign of `make soak` everything between.
TORN = range(0, 257, 8) if os.environ.get("RACKLET_SOAK") else (0, 128, 255)
SMALL = bytes(range(256)) * 17  # two sectors, the second one nearly empty

Life = Callable[[Board], None]


def update(board: Board) -> None:
    """Transfer, activation, trial and confirmation."""
    stream, head_size = signed(NEW, payload=SMALL)
    assert board.send(stream, head_size) == image.R_NONE
    assert board.command(image.COMMAND_ACTIVATE, stream) == image.R_NONE
    board.start()
    assert board.running is not None
    if board.images.is_trial():
        board.command(image.COMMAND_CONFIRM)
        assert board.images.state == image.CONFIRMED


def update_and_revert(board: Board) -> None:
    stream, head_size = signed(NEW, payload=SMALL)
    board.send(stream, head_size)
    board.command(image.COMMAND_ACTIVATE, stream)
    board.start()
    board.command(image.COMMAND_REVERT)
    board.start()


def crash_loop(board: Board) -> None:
    stream, head_size = signed(NEW, payload=SMALL)
    board.send(stream, head_size)
    board.command(image.COMMAND_ACTIVATE, stream)
    for _ in range(4):
        board.start()


def tampered(board: Board) -> None:
    stream, head_size = signed(NEW, payload=SMALL)
    board.send(stream[:-1] + b"\x00", head_size)


def rotate_keys(board: Board) -> None:
    """Three key manifests, so that the journal changes its sector."""
    for sequence in (1, 2, 3, 4):
        board.send(*key_manifest(sequence, [SIGNER.public_key, bytes([sequence]) * 32]), image.KEYS)


def key_manifest(sequence: int, trusted: list[bytes]) -> tuple[bytes, int]:
    document = key_set.write(trusted, [STRANGER.public_key], [])
    return signed(sequence, payload=document, component=image.KEYS)


def confirm_payloads(board: Board) -> None:
    """So many that the journal of the minima changes its sector."""
    for sequence in range(1, 20):
        head, digest = payload_manifest(sequence)
        board.send(head + digest, len(head), image.COMPUTE)
        board.command(image.COMMAND_CONFIRM, head + digest)
        assert board.images.state in (image.CONFIRMED, image.REFUSED)  # older than its minimum


def payload_manifest(sequence: int) -> tuple[bytes, bytes]:
    digest = sha256(SMALL).digest()
    about = suit_manifest.Manifest(
        sequence, digest, len(SMALL), class_id=CLASS, component=image.COMPUTE, uri="payload"
    )
    return SIGNER.envelope(None, about), digest


LIVES = (update, update_and_revert, crash_loop, tampered, rotate_keys, confirm_payloads)


def installed() -> Board:
    """A board that runs the old image, with a journal that is about to change its sector."""
    board = Board()
    board.install(OLD, SMALL)
    for _ in range(30):  # of 64 records in a sector
        board.boot_state.start_trial(1)
        board.boot_state.revert(image.R_NONE)
    board.start()
    return board


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
def test_no_cut_bricks_rolls_back_or_lies(life: Life) -> None:
    old = installed()
    whole = Board(old)
    before = whole.power.operations
    life(whole)
    operations = whole.power.operations - before
    assert operations > 4
    for after in range(operations):
        for torn in TORN:
            check(Board(old), life, after, torn)
    print(f"{life.__name__}: {operations} operations, {operations * len(TORN)} cuts")


def check(board: Board, life: Life, after: int, torn: int) -> None:
    board.power.cut(after, torn)
    try:
        life(board)
        raise AssertionError("the power did not go")
    except PowerCut:
        acknowledged = board.images.state, board.keys.sequence
        confirmed_payload = board.images.sequence - (board.images.state != image.CONFIRMED)
    board.power.restore()
    board.start()
    where = f"cut after {after}, {torn}/256 torn"
    assert board.running is not None, where
    _, sequence = board.running
    minimum = board.boot_state.minimum
    assert minimum in (OLD, NEW) and sequence >= minimum, where
    assert sequence == OLD or life is not tampered, where
    if acknowledged[0] == image.CONFIRMED:
        assert (sequence, minimum) == (NEW, NEW), where
    assert board.keys.sequence >= acknowledged[1], where
    assert SIGNER.public_key in board.keys.current.trusted, where
    if life is confirm_payloads:
        assert board.payloads.minimum(CLASS) >= confirmed_payload, where
    if board.images.is_trial():
        board.command(image.COMMAND_REVERT)
        board.start()
    life(board)  # what was cut short can be done now,
    board.start()  # and is still so when it is read again
    if life is update:
        assert (board.running[1], board.boot_state.minimum) == (NEW, NEW), where
    if life is rotate_keys:
        assert board.keys.sequence == 4, where
    if life is confirm_payloads:
        assert board.payloads.minimum(CLASS) == 19, where
