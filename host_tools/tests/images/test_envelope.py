"""Signed images: the worked example byte for byte, and every kind of refusal."""

import uuid
from pathlib import Path

import pytest
from racklet.errors import UsageError, VerificationFailed
from racklet.images import envelope, read_image, sign_image, verify_image
from racklet.keys import PublicKey, SigningKey
from racklet_wire import suit, suit_manifest
from racklet_wire.suit_manifest import VENDOR, Manifest

VECTORS = Path(__file__).parents[3] / "firmware" / "tests" / "images" / "vectors"
# RFC 8032 section 7.1, TEST 1
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
PAYLOAD = b"RACKLET-BMC-TEST-IMAGE\n"


def example() -> Manifest:
    """The manifest of the worked example, for boards of another vendor."""
    vendor = uuid.uuid5(uuid.NAMESPACE_DNS, "racklet.example").bytes
    return Manifest(
        1,
        envelope.HostCrypto().sha256(PAYLOAD),
        len(PAYLOAD),
        class_id=envelope.class_id("bmc-rp2040-r1", vendor),
        vendor=vendor,
    )


@pytest.mark.parametrize("algorithm", [suit.ED25519, suit.EDDSA])
def test_worked_example_is_produced_and_verified(algorithm: int) -> None:
    wanted = (VECTORS / f"suit_min_alg{-algorithm}.suit").read_bytes()
    key = SigningKey.from_seed(SEED)
    assert envelope.sign_manifest(example(), PAYLOAD, key, algorithm=algorithm) == wanted
    found = verify_image(wanted, [PublicKey(PUBLIC)])
    assert found.payload == PAYLOAD
    assert vars(found.manifest) == vars(example())


def with_base(parameter: str, condition: str = "181c0f") -> bytes:
    """The worked example's manifest, and a version in its shared sequence."""
    old = (VECTORS / "suit_min_alg19.suit").read_bytes()[-29 - 121 : -29].hex()
    more = len(parameter) // 2 + len(condition) // 2
    commands = 8 if condition else 6
    wanted = (
        old.replace("585da2", f"58{0x5D + more:02x}a2")
        .replace("58548614a4", f"58{0x54 + more:02x}{0x80 + commands:02x}14a5")
        .replace("0e17010f020f", f"0e17{parameter}010f020f{condition}")
    )
    return bytes.fromhex(wanted)


def test_a_base_is_the_version_of_update_management() -> None:
    """Parameter and condition 28 of draft-ietf-suit-update-management-11: <<[2, [1]]>>."""
    manifest = example()
    manifest.base = 1
    assert suit_manifest.write(manifest) == with_base("181c4482028101")


@pytest.mark.parametrize(
    ("parameter", "condition"),
    [
        ("181c4482038101", "181c0f"),  # equal
        ("181c458202820100", "181c0f"),  # [1, 0]
        ("181c43820280", "181c0f"),
        ("181c4482028120", "181c0f"),  # -1
        ("181c420101", "181c0f"),
        ("181c01", "181c0f"),
        ("181c4482028101", ""),  # set, and never compared
    ],
)
def test_other_versions_are_refused(parameter: str, condition: str) -> None:
    key = SigningKey.from_seed(SEED)
    encoded = with_base(parameter, condition)
    digest = suit.digest_of(encoded, envelope.HostCrypto())
    sealed = suit.seal(digest, key.sign(suit.to_be_signed(digest)))
    with pytest.raises(VerificationFailed):
        verify_image(suit.envelope(sealed, encoded, PAYLOAD), [key.public])


def test_vendor_is_the_product_s() -> None:
    assert uuid.uuid5(uuid.NAMESPACE_DNS, "racklet.io").bytes == VENDOR


def test_any_changed_bit_of_the_example_is_refused() -> None:
    good = (VECTORS / "suit_min_alg19.suit").read_bytes()
    for bit in range(8 * len(good)):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VerificationFailed):
            verify_image(bytes(bad), [PublicKey(PUBLIC)])


def test_any_truncation_and_any_addition_is_refused() -> None:
    good = (VECTORS / "suit_min_alg19.suit").read_bytes()
    for bad in [good[:size] for size in range(len(good))] + [good + b"\x00", good + good]:
        with pytest.raises(VerificationFailed):
            verify_image(bad, [PublicKey(PUBLIC)])


def test_the_right_key_among_several_is_found() -> None:
    keys = [SigningKey.generate() for _ in range(3)]
    signed = sign_image(b"payload", keys[1], 4, "virtual", slot=1, name_key=True)
    found = verify_image(signed, [key.public for key in keys])
    assert (found.manifest.sequence, found.manifest.slot) == (4, 1)
    assert found.stream == signed


@pytest.mark.parametrize(("name_key", "code"), [(False, "bad_signature"), (True, "unknown_key")])
def test_a_stranger_s_signature_is_refused(name_key: bool, code: str) -> None:
    signed = sign_image(b"payload", SigningKey.generate(), 4, "virtual", name_key=name_key)
    with pytest.raises(VerificationFailed) as caught:
        verify_image(signed, [SigningKey.generate().public])
    assert caught.value.code == code


@pytest.mark.parametrize("sequence", [-1, 2**32])
def test_a_number_that_a_board_cannot_keep_is_not_signed(sequence: int) -> None:
    with pytest.raises(UsageError, match="no sequence number"):
        sign_image(b"payload", SigningKey.generate(), sequence, "virtual")


def test_no_keys_no_trust() -> None:
    signed = sign_image(b"payload", SigningKey.generate(), 4, "virtual")
    with pytest.raises(VerificationFailed, match="no key"):
        verify_image(signed, [])


def test_reading_trusts_nothing_and_still_checks_the_form() -> None:
    signed = sign_image(b"payload", SigningKey.generate(), 4, "virtual")
    assert read_image(signed).manifest.sequence == 4
    with pytest.raises(VerificationFailed, match="wrong size"):
        read_image(signed + b"\x00")
