"""A BMC takes what is signed, whole and new enough, and says why it refuses the rest."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.images import read_image, sign_image
from racklet.keys import SigningKey
from racklet.transfer import TransferResult
from racklet_bench.bench import HANDS, RESET, SIGNING_KEY, Bench
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


@pytest.mark.long("rp2040")
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


@pytest.mark.long("rp2040")
def test_an_image_for_another_board_is_refused(bench: Bench, insert: Insert) -> None:
    result = send(insert(1), sign_image(PAYLOAD, bench.signing_key, 1, "pico_breadboard"))
    assert not result.is_accepted
    assert result.reason == image.REASON_TEXT[image.R_WRONG_CLASS]


@pytest.mark.long("rp2040")
def test_a_refusal_leaves_the_bmc_ready_for_the_next(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    refused = send(bmc, sign_image(PAYLOAD, SigningKey.generate(), 1, bench.board))
    accepted = send(bmc, sign_image(PAYLOAD, bench.signing_key, 1, bench.board))
    assert (refused.is_accepted, accepted.is_accepted) == (False, True)


@pytest.mark.long("rp2040")
def test_the_same_image_again_is_judged_again(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    good = sign_image(PAYLOAD, bench.signing_key, 1, bench.board)
    bad = sign_image(PAYLOAD, SigningKey.generate(), 1, bench.board)
    assert [send(bmc, envelope).is_accepted for envelope in (bad, bad, good, good)] == [
        False,
        False,
        True,
        True,
    ]


def wait_for(bench: Bench, condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        bench.clock.sleep(0.010)
    raise AssertionError("not within 2 s")


class Interrupted(Exception):
    """The host stops in the middle of a transfer."""


@pytest.mark.needs(RESET)
def test_a_transfer_that_a_restart_cut_short_goes_on(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    read = read_image(sign_image(PAYLOAD, bench.signing_key, 1, bench.board))
    seen: list[int] = []

    def stop_in_the_second_sector(received: int, _size: int) -> None:
        if received > len(read.head) + 6000:
            raise Interrupted

    with pytest.raises(Interrupted):
        bmc.send_image(image.FIRMWARE, read.head, read.payload, stop_in_the_second_sector)
    before = bmc.identify().generation
    bench.reset_bmc(1)
    wait_for(bench, lambda: bmc.is_present() and bmc.identify().generation != before)
    result = bmc.send_image(
        image.FIRMWARE, read.head, read.payload, lambda received, _size: seen.append(received)
    )
    assert result.is_accepted, result.reason
    steps = [after - earlier for earlier, after in zip([0, *seen], seen, strict=False)]
    assert max(steps) >= 4096  # the sector that was there already
