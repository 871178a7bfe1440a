"""Check envelopes with libraries that others wrote: cbor2 takes them apart, cwt verifies them.

Run by `make suit-check` in an environment of its own, for cwt needs an older cbor2:

    python check_with_cwt.py FILE.suit PUBLIC-KEY-IN-HEX
"""

import hashlib
import sys
from pathlib import Path

import cbor2
from cwt import COSE, COSEKey


def check(file: str, public_key: str) -> None:
    """AssertionError, or an error of cwt, if anything does not hold."""
    envelope = cbor2.loads(Path(file).read_bytes())
    assert envelope.tag == 107
    authentication, manifest = envelope.value[2], envelope.value[3]
    digest, block = cbor2.loads(authentication)
    assert cbor2.loads(digest) == [-16, hashlib.sha256(cbor2.dumps(manifest)).digest()]
    protected = cbor2.loads(cbor2.loads(block).value[0])
    key = COSEKey.new(
        {1: 1, 3: protected[1], -1: 6, -2: bytes.fromhex(public_key)}  # OKP, Ed25519
    )
    COSE.new().decode(block, key, detached_payload=digest)
    broken = digest[:-1] + bytes((digest[-1] ^ 1,))
    try:
        COSE.new().decode(block, key, detached_payload=broken)
    except Exception as error:
        print(f"{Path(file).name}: good; with one bit changed: {error}")
    else:
        raise AssertionError("a changed digest was accepted")


if __name__ == "__main__":
    check(*sys.argv[1:])
