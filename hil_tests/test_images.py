"""A BMC takes what is signed, whole and new enough, and says why it refuses the rest."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.images import read_image, sign_image
from racklet.keys import SigningKey
from racklet.transfer import TransferResult
from racklet_bench.bench import HANDS, SIGNING_KEY, Bench
from racklet_wire import image

pytestmark = pytest.mark.needs(HANDS, SIGNING_KEY)

Insert = Callable[..., Bmc]
PAYLOAD = bytes(range(256)) * 32  # two sectors; verified, never run


def send(bmc: Bmc, envelope: bytes, payload: bytes | None = None) -> TransferResult:
    """Send an envelope with the payload it holds, or with another one."""
    read = read_image(envelope)
    return bmc.send_image(image.FIRMWARE, read.head, read.payload if payload is None else payload)


def test_a_signed_image_is_accepted(bench: Bench, insert: Insert) -> None:
    result = send(insert(1), sign_image(PAYLOAD, bench.signing_key, 1, bench.board))
    assert result.is_accepted, result.reason


def test_one_changed_bit_is_refused(bench: Bench, insert: Insert) -> None:
    envelope = sign_image(PAYLOAD, bench.signing_key, 1, bench.board)
    result = send(insert(1), envelope, bytes([PAYLOAD[0] ^ 1]) + PAYLOAD[1:])
    assert not result.is_accepted
    assert result.reason == image.REASON_TEXT[image.R_DIGEST_MISMATCH]


def test_another_key_is_refused(bench: Bench, insert: Insert) -> None:
    result = send(insert(1), sign_image(PAYLOAD, SigningKey.generate(), 1, bench.board))
    assert not result.is_accepted
    assert result.reason in (
        image.REASON_TEXT[image.R_BAD_SIGNATURE],
        image.REASON_TEXT[image.R_UNKNOWN_KEY],
    )


def test_an_image_for_another_board_is_refused(bench: Bench, insert: Insert) -> None:
    result = send(insert(1), sign_image(PAYLOAD, bench.signing_key, 1, "pico_breadboard"))
    assert not result.is_accepted
    assert result.reason == image.REASON_TEXT[image.R_WRONG_CLASS]


def test_a_refusal_leaves_the_bmc_ready_for_the_next(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    refused = send(bmc, sign_image(PAYLOAD, SigningKey.generate(), 1, bench.board))
    accepted = send(bmc, sign_image(PAYLOAD, bench.signing_key, 1, bench.board))
    assert (refused.is_accepted, accepted.is_accepted) == (False, True)
