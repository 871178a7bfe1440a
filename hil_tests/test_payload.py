"""Compute payloads on a rack: judged by the BMC, and no power without one for who wants that."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from racklet.bmc import Bmc
from racklet.errors import Refused
from racklet.images.payload import Measured, sign_payload
from racklet.keys import SigningKey
from racklet.power import PowerCommand
from racklet_bench.bench import HANDS, SIGNING_KEY, Bench
from racklet_wire import power

pytestmark = pytest.mark.needs(HANDS, SIGNING_KEY)

Insert = Callable[..., Bmc]
DISK = b"what a compute unit boots" * 1000
DIGEST = sha256(DISK).digest()


def manifest(bench: Bench, sequence: int, key: SigningKey | None = None) -> bytes:
    measured = Measured(DIGEST, len(DISK))
    return sign_payload(measured, key or bench.signing_key, sequence, bench.board)


def refused(bmc: Bmc, envelope: bytes, digest: bytes = DIGEST) -> str:
    with pytest.raises(Refused) as caught:
        bmc.verify_payload(envelope, digest)
    return caught.value.code


def test_what_was_signed_is_verified_and_the_rest_is_not(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    assert bmc.verify_payload(manifest(bench, 3), DIGEST).sequence == 3
    assert refused(bmc, manifest(bench, 3), bytes(32)) == "digest_mismatch"
    assert refused(bmc, manifest(bench, 3, SigningKey.generate())) == "bad_signature"
    other = sign_payload(Measured(DIGEST, 9), bench.signing_key, 3, "another family")
    assert refused(bmc, other) == "wrong_class"


def test_a_confirmed_number_is_the_least_for_good(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.verify_payload(manifest(bench, 5), DIGEST, confirm=True)
    bmc.factory_reset()
    bench.remove(1)
    bench.clock.sleep(1)
    bmc = insert(1)
    assert refused(bmc, manifest(bench, 4)) == "sequence_too_old"
    assert bmc.verify_payload(manifest(bench, 5), DIGEST).sequence == 5


def test_no_power_before_a_payload_was_verified(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    bmc.require_payload(True)
    with pytest.raises(Refused, match="compute payload not verified") as caught:
        bmc.power(PowerCommand.ON)
    assert caught.value.hint.endswith("racklet image verify-payload 1")
    bmc.verify_payload(manifest(bench, 3), DIGEST)
    assert bmc.power(PowerCommand.ON).state.state == power.ON
    bench.remove(1)
    bench.clock.sleep(1)
    bmc = insert(1)  # the policy came along, what was verified did not
    with pytest.raises(Refused, match="compute payload not verified"):
        bmc.power(PowerCommand.ON)
    bmc.require_payload(False)
    assert bmc.power(PowerCommand.ON).state.state == power.ON
