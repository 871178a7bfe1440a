"""The board's Ed25519 and the host's (PyNaCl) give one verdict, and so do the vectors' own."""

import subprocess
import sys
from hashlib import sha512 as reference
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_sign_open
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey
from racklet_bmc.crypto.ed25519 import verify
from racklet_bmc.crypto.sha512 import sha512

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


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_what_libsodium_signs_is_verified(seed: bytes, message: bytes) -> None:
    signer = SigningKey(seed)
    assert verify(signer.verify_key.encode(), message, signer.sign(message).signature)


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64), st.binary())
def test_random_bytes_get_libsodium_s_verdict(key: bytes, signature: bytes, data: bytes) -> None:
    assert verify(key, data, signature) == libsodium(key, data, signature)
