"""Ed25519 on the chip: the assembler path of the built firmware, with libsodium's verdicts."""

from pathlib import Path

import pytest
from racklet_bench.rp2040 import built_image
from racklet_bench.rp2040.chip import Chip
from racklet_bench.rp2040.crypto_figures import verify_ms
from racklet_bench.rp2040.repl import Repl

VECTORS = Path(__file__).parents[2] / "firmware/tests/images/vectors/ed25519.txt"
LIMIT_MS = 80  # what boot and transfer are planned with


@pytest.fixture(scope="module")
def repl() -> Repl:
    chip = Chip(built_image())
    repl = Repl(chip, chip.usb).enter()
    repl.run("from racklet_base.crypto import ed25519")
    return repl


def test_the_assembler_serves(repl: Repl) -> None:
    repl.run("from racklet_base.crypto import curve_thumb, sha512")
    assert repl.run("print(ed25519.combine is curve_thumb.combine)") == "True\n"
    assert repl.run("print(sha512._compress_thumb is None)") == "False\n"


def test_every_verdict_is_libsodium_s(repl: Repl) -> None:
    rows = [line.split() for line in VECTORS.read_text().splitlines()]
    assert len(rows) > 400
    for verdict, name, *fields in rows:
        key, message, signature = (field.strip("-") for field in fields)
        said = repl.run(
            f"print(ed25519.verify(bytes.fromhex('{key}'), bytes.fromhex('{message}'), "
            f"bytes.fromhex('{signature}')))"
        )
        assert (name, said) == (name, "True\n" if verdict == "1" else "False\n")


def test_verification_is_fast_enough(repl: Repl) -> None:
    assert verify_ms(repl) < LIMIT_MS
