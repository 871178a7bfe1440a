"""The board's Ed25519 and the host's (PyNaCl) give one verdict, and so do the vectors' own."""

import itertools
import subprocess
import sys
from hashlib import sha512 as reference
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_sign_open
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey
from racklet_base.crypto.curve import recode
from racklet_base.crypto.ed25519 import verify
from racklet_base.crypto.sha512 import sha512

HERE = Path(__file__).parent


def libsodium(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        crypto_sign_open(signature + message, key)
    except CryptoError:
        return False
    return True


def test_vectors_are_what_their_generator_writes() -> None:
    run = subprocess.run(
        [sys.executable, HERE / "make_ed25519_vectors.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == (HERE / "vectors" / "ed25519.txt").read_text()


@given(st.binary(max_size=500))
def test_sha512(data: bytes) -> None:
    assert sha512(data) == reference(data).digest()


# Long runs of ones and zeros: where a digit carries into the next window and beyond.
SCALARS = st.one_of(
    st.integers(0, 2**256 - 1),
    st.builds(lambda a, b: (1 << a) - (1 << min(a, b)), st.integers(0, 256), st.integers(0, 256)),
    st.builds(lambda a, b, c: (1 << a) - (1 << min(a, b)) + c, *[st.integers(0, 255)] * 3),
)


@settings(max_examples=500)
@given(SCALARS, st.sampled_from([5, 7]))
def test_recoding_is_the_non_adjacent_form(n: int, width: int) -> None:
    digits = [(packed >> 8, (packed & 0x7F) - 64) for packed in recode(n, width, 1)]
    assert sum(digit << position for position, digit in digits) == n
    assert all(digit % 2 and abs(digit) < 1 << width - 1 for _, digit in digits)
    positions = [position for position, _ in digits]
    assert all(b - a >= width for a, b in itertools.pairwise(positions))


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_what_libsodium_signs_is_verified(seed: bytes, message: bytes) -> None:
    signer = SigningKey(seed)
    assert verify(signer.verify_key.encode(), message, signer.sign(message).signature)


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64), st.binary())
def test_random_bytes_get_libsodium_s_verdict(key: bytes, signature: bytes, data: bytes) -> None:
    assert verify(key, data, signature) == libsodium(key, data, signature)
