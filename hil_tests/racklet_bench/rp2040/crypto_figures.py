"""How long signatures take on the RP2040: `python -m racklet_bench.rp2040.crypto_figures [--json]`.

Emulated time at 125 MHz with the model of the flash cache, on the built firmware: the same on
every machine. With the message SHA-512 has two blocks
to hash, as with the Sig_structure of an image.
"""

from collections.abc import Iterator

from ..figures import EMULATED, Figure, show
from . import built_image, engine, monocypher
from .chip import Chip
from .repl import Repl

# Vector `message_of_64` of firmware/tests/images/vectors/ed25519.txt.
_PREPARE = """
import gc, time
gc.collect()
before = gc.mem_alloc()
from racklet_base.crypto import curve, ed25519, sha512
gc.collect()
imported = gc.mem_alloc() - before
key = bytes.fromhex('03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8')
message = bytes(range(64))
signature = bytes.fromhex(
    '91ad473ae89dd1e7c2983ec2d0445fef4dd124e377a4b673b249267ed80b604f'
    'a7d7d2b08b54990390a8760c616bc15607aa3ab9c3bfc97f7dd59e1734b8ed04'
)
def took(what, *arguments):
    gc.collect()
    start = time.ticks_us()
    what(*arguments)
    return time.ticks_diff(time.ticks_us(), start)
"""


def measure(repl: Repl, what: str) -> int:
    """Microseconds that a call takes, `what` being the function and its arguments."""
    return int(repl.run(f"print(took({what}))"))


def verify_ms(repl: Repl) -> float:
    """Milliseconds of one verification, of a good signature."""
    repl.run(_PREPARE)
    assert repl.run("print(ed25519.verify(key, message, signature))") == "True\n"
    return measure(repl, "ed25519.verify, key, message, signature") / 1000


def rows() -> Iterator[Figure]:
    """Measure; the verification has a target, since boot and transfer are planned with it."""
    chip = Chip(built_image())
    yardstick = monocypher.binary()
    chip.mcu.flash[monocypher.OFFSET : monocypher.OFFSET + len(yardstick)] = yardstick
    repl = Repl(chip, chip.usb).enter()
    how = "a good signature over 64 bytes"
    took = verify_ms(repl)
    yield Figure("Ed25519 verification, assembler", took, "ms", EMULATED, how, 80)
    repl.run(
        "gc.collect()\n"
        "before = gc.mem_alloc()\n"
        "ed25519.verify(key, message, signature)\n"
        "taken = gc.mem_alloc() - before"
    )
    how = "garbage included, nothing collected meanwhile"
    taken = int(repl.run("print(taken)"))
    yield Figure("RAM taken by a verification", taken, "bytes", EMULATED, how)
    how = "crypto_eddsa_check of Monocypher 4.0.3, gcc -O2, run from flash"
    yield Figure("the same in C, by Monocypher", monocypher.check_ms(repl), "ms", EMULATED, how)
    repl.run(
        "point = curve.decode_point(key)\n"
        "s = int.from_bytes(signature[32:], 'little')\n"
        "k = int.from_bytes(sha512.sha512(message), 'little') % curve.L"
    )
    took = measure(repl, "curve.combine, point, k, s") + measure(repl, "curve.decode_point, key")
    how = "its curve arithmetic in Python"
    yield Figure("Ed25519 with Python's integers", took / 1000, "ms", EMULATED, how)
    took = measure(repl, "sha512.sha512, signature + message")
    yield Figure("SHA-512 of 128 bytes", took, "us", EMULATED, "two blocks")
    used = int(repl.run("print(imported)"))
    how = "heap after the import"
    yield Figure("RAM of the signature's modules", used, "bytes", EMULATED, how)


if __name__ == "__main__":
    engine.require_cache_model()
    show(rows())
