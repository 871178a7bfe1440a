"""The generated ARM code, run by a simulator, against Python's integers and hashlib."""

import hashlib
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from racklet_asm import field, programs, sha256, sha512
from racklet_asm.__main__ import CRYPTO, modules
from racklet_asm.simulator import Simulator
from racklet_base.crypto import curve
from racklet_base.crypto.sha512 import _K, _START

P = programs.P
# Where carries and borrows go furthest.
EDGES = [0, 1, 37, 38, 39, 2**32 - 1, 2**255 - 20, P, P + 1, 2 * P - 1, 2 * P, 2 * P + 1]
EDGES += [2**256 - 1, 2**256 - 38, 2**256 - 39, 2**255, 2**256 - 2**32, 2**224 - 1]
NUMBERS = st.one_of(st.sampled_from(EDGES), st.integers(0, 2**256 - 1))
MACHINE = field.machine()
PROGRAM_AT, TABLE_AT, LIBRARY_AT = 0x1000, 0x1800, 0x2800


def run(program: programs.Program, slots: dict[int, int]) -> Simulator:
    """Run a program with numbers in some slots."""
    simulator = Simulator(MACHINE)
    for slot, value in {**dict(enumerate(programs.CONSTANTS, programs.D)), **slots}.items():
        simulator.memory[32 * slot : 32 * slot + 32] = value.to_bytes(32, "little")
    for at, data in (
        (PROGRAM_AT, programs.encode([*program, (field.END, 0, 0, 0)])),
        (LIBRARY_AT, programs.library()[0]),
        (TABLE_AT, programs.base_table()),
    ):
        simulator.memory[at : at + len(data)] = data
    simulator.call(0, PROGRAM_AT, LIBRARY_AT, TABLE_AT)
    return simulator


def slot(simulator: Simulator, number: int) -> int:
    return int.from_bytes(simulator.memory[32 * number : 32 * number + 32], "little")


@pytest.mark.parametrize(
    ("operation", "wanted"),
    [
        (field.MUL, lambda a, b: a * b),
        (field.ADD, lambda a, b: a + b),
        (field.SUB, lambda a, b: a - b),
    ],
)
@settings(max_examples=80)
@given(a=NUMBERS, b=NUMBERS)
def test_arithmetic(operation: int, wanted: object, a: int, b: int) -> None:
    done = run([(operation, 22, 20, 21)], {20: a, 21: b})
    assert callable(wanted)
    assert slot(done, 22) % P == wanted(a, b) % P
    assert (slot(done, 20), slot(done, 21)) == (a, b)


@pytest.mark.parametrize("operation", [field.MUL, field.ADD, field.SUB])
def test_targets_may_be_operands(operation: int) -> None:
    a, b = 2**256 - 1, P + 5
    apart = slot(run([(operation, 22, 20, 21)], {20: a, 21: b}), 22)
    assert slot(run([(operation, 20, 20, 21)], {20: a, 21: b}), 20) == apart
    assert slot(run([(operation, 21, 20, 21)], {20: a, 21: b}), 21) == apart


@settings(max_examples=80)
@given(a=NUMBERS)
def test_squares(a: int) -> None:
    done = run([(field.SQR, 21, 20, 1), (field.SQR, 22, 20, 3)], {20: a})
    assert slot(done, 21) % P == a * a % P
    assert slot(done, 22) % P == pow(a, 8, P)


def test_power() -> None:
    done = run(programs.power(11, 10), {10: 2**200 + 7})
    assert slot(done, 11) % P == pow(2**200 + 7, 2**252 - 3, P)


@settings(max_examples=2, deadline=None)
@given(k=st.integers(1, curve.L - 1))
def test_points(k: int) -> None:
    """The table of a point, a doubling, an addition and a subtraction of each kind."""
    _, calls = programs.library()
    point = curve.decode_point(curve.combine(curve.BASE, 0, k))
    assert point is not None
    x, y = point

    def after(*names: str | tuple[int, int, int, int]) -> bytes:
        program = [
            name if isinstance(name, tuple) else tuple(struct.pack("<I", calls[name]))
            for name in names
        ]
        done = run(program, {0: x, 1: y, 2: 1})  # type: ignore[arg-type]
        scale = pow(slot(done, 2), -1, P)
        x1, y1 = slot(done, 0) * scale % P, slot(done, 1) * scale % P
        return (y1 | (x1 & 1) << 255).to_bytes(32, "little")

    def times(n: int, s: int = 0) -> bytes:
        """[n]A + [s]B by the other implementation."""
        return curve.combine(point, -n % curve.L, s % curve.L)

    start = ("TABLE", "IDENTITY")
    load = (field.LOAD, 3, 0, 0)  # 7A
    base = (field.LOAD_BASE, 31, 0, 0)  # 63B
    assert after(*start, load, "ADD_CACHED") == times(7)
    assert after(*start, load, "SUB_CACHED") == times(-7)
    assert after(*start, load, "ADD_CACHED", "DOUBLE") == times(14)
    both = (*start, load, "ADD_CACHED", "PRODUCT", base)
    assert after(*both, "ADD_BASE") == times(7, 63)
    assert after(*both, "SUB_BASE") == times(7, -63)


@settings(max_examples=10, deadline=None)
@given(data=st.binary(min_size=128, max_size=256))
def test_compression_of_blocks(data: bytes) -> None:
    """Two blocks, one after the other, give the digest that hashlib gives."""
    message = data[:111] + b"" if len(data) < 200 else data[:200]
    padded = message + b"\x80" + bytes(-(len(message) + 17) % 128)
    padded += (8 * len(message)).to_bytes(16, "big")
    simulator = Simulator(sha512.compress())
    state, block, workspace, constants = 0, 0x100, 0x400, 0x1000
    simulator.memory[:64] = struct.pack("<8Q", *struct.unpack(">8Q", _START))
    simulator.memory[constants : constants + 640] = struct.pack("<80Q", *struct.unpack(">80Q", _K))
    for at in range(0, len(padded), 128):
        simulator.memory[block : block + 128] = padded[at : at + 128]
        simulator.call(state, block, workspace, constants)
    digest = struct.pack(">8Q", *struct.unpack("<8Q", simulator.memory[:64]))
    assert digest == hashlib.sha512(message).digest()


# FIPS 180-4 sections 4.2.2 and 5.3.3, by their definition.
PRIMES = [n for n in range(2, 312) if all(n % d for d in range(2, n))]


def _fraction(prime: int, root: int) -> int:
    """The first 32 bits of the fraction of a root."""
    low, high = 0, prime << 32
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**root <= prime << 32 * root else (low, middle)
    return low & 0xFFFFFFFF


@settings(max_examples=10, deadline=None)
@given(data=st.binary(min_size=0, max_size=300))
def test_blocks_in_one_call(data: bytes) -> None:
    """All blocks of a message give the digest that hashlib gives."""
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8, "big")
    simulator = Simulator(sha256.compress())
    state, workspace, blocks = 0, 0x100, 0x800
    simulator.memory[:32] = struct.pack("<8I", *[_fraction(prime, 2) for prime in PRIMES[:8]])
    for i, prime in enumerate(PRIMES[:64]):
        at = workspace + 8 * i + 4
        simulator.memory[at : at + 4] = _fraction(prime, 3).to_bytes(4, "little")
    simulator.memory[blocks : blocks + len(padded)] = padded
    simulator.call(state, blocks, workspace, len(padded) // 64)
    digest = struct.pack(">8I", *struct.unpack("<8I", simulator.memory[:32]))
    assert digest == hashlib.sha256(data).digest()


def test_modules_are_what_their_generator_writes() -> None:
    for name, text in modules().items():
        assert (CRYPTO / name).read_text() == text, f"{name}: say make gen"


def test_no_generated_file_is_left_over() -> None:
    marked = [path.name for path in Path(CRYPTO).glob("*.py") if "do not edit" in path.read_text()]
    assert sorted(marked) == sorted(modules())
