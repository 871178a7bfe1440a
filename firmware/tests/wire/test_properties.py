"""Properties of every encoding: what is encoded decodes to itself, within half a step."""

import struct

from hypothesis import given
from hypothesis import strategies as st
from racklet_wire import blocks, ein, linear, values
from racklet_wire.commands import COMMANDS
from racklet_wire.pec import crc8

WORDS = st.integers(0, 0xFFFF)
NUMERIC = [row for row in COMMANDS if row[2] in ("byte", "word")]
LARGEST = 33_521_664_000


def step_of(word: int) -> float:
    """The size of the last bit of a LINEAR11 word, in thousandths."""
    return 1000 * 2.0 ** ((word >> 11 ^ 0x10) - 0x10)


@given(st.integers(-LARGEST, LARGEST))
def test_linear11_is_within_half_a_step(milli: int) -> None:
    word = linear.linear11_encode(milli)
    assert abs(linear.linear11_decode(word) - milli) <= max(step_of(word) / 2, 0.5) + 0.5


@given(WORDS)
def test_linear11_is_exact_to_the_nearest_thousandth(word: int) -> None:
    exact = struct.unpack("<h", struct.pack("<H", (word & 0x7FF) << 5))[0] // 32 * step_of(word)
    assert abs(linear.linear11_decode(word) - exact) <= 0.5


@given(WORDS)
def test_linear11_keeps_what_it_reads(word: int) -> None:
    """A value read and written back reads the same again."""
    milli = linear.linear11_decode(word)
    if abs(milli) <= LARGEST:
        assert linear.linear11_decode(linear.linear11_encode(milli)) == milli


@given(st.integers(-LARGEST, LARGEST))
def test_linear11_uses_the_smallest_exponent(milli: int) -> None:
    word = linear.linear11_encode(milli)
    mantissa, exponent = (word & 0x7FF ^ 0x400) - 0x400, (word >> 11 ^ 0x10) - 0x10
    if milli:
        assert exponent == -16 or abs(mantissa) >= 511
    else:
        assert word == 0


@given(st.integers(0, 0xFF00), st.integers(-13, -9))
def test_linear16_keeps_what_it_reads(word: int, exponent: int) -> None:
    mv = linear.linear16_decode(word, exponent)
    again = linear.linear16_encode(mv, exponent)
    assert linear.linear16_decode(again, exponent) == mv


@given(st.integers(0, 15_999))
def test_linear16_is_exact_to_the_millivolt(mv: int) -> None:
    assert linear.linear16_decode(linear.linear16_encode(mv)) == mv


@given(st.sampled_from(NUMERIC), st.data())
def test_every_register_decodes_what_it_encodes(row: tuple, data: st.DataObject) -> None:
    code, size = row[0], row[5]
    raw = data.draw(st.binary(min_size=size, max_size=size))
    value = values.decode(code, raw)
    if row[4] == "linear11" and abs(value) > LARGEST or row[4] == "linear16" and value > 15_999:
        return
    assert values.decode(code, values.encode(code, value)) == value


@given(st.sampled_from(blocks.BLOCKS), st.data())
def test_every_block_decodes_what_it_encodes(block: tuple, data: st.DataObject) -> None:
    name, layout, _ = block
    raw = data.draw(st.binary(min_size=blocks.size(name), max_size=blocks.size(name)))
    fields = blocks.unpack(name, raw)
    packed = blocks.pack(name, **fields)
    assert blocks.unpack(name, packed) == fields
    if "x" not in layout:
        assert packed == raw


@given(st.sampled_from(blocks.BLOCKS), st.binary(max_size=40))
def test_data_of_another_size_are_refused(block: tuple, raw: bytes) -> None:
    if len(raw) != blocks.size(block[0]):
        try:
            blocks.unpack(block[0], raw)
        except ValueError:
            return
        raise AssertionError("taken")


@given(
    st.integers(0, 2**23 - 1),
    st.integers(0, 2**24 - 1),
    st.integers(0, 2**23 - 1),
    st.integers(1, 2**24 - 1),
)
def test_ein_differences_survive_every_wrap(
    total: int, samples: int, energy: int, passed: int
) -> None:
    def read(total: int, samples: int) -> tuple[int, int]:
        total, samples = total % 2**23, samples % 2**24
        return ein.unpack(ein.pack(total % 2**15, total >> 15, samples))

    mean = ein.mean_mw(read(total, samples), read(total + energy, samples + passed))
    assert mean == energy * ein.STEP_MW // passed


@given(st.binary(max_size=40), st.integers(0, 319))
def test_pec_finds_every_flipped_bit(message: bytes, bit: int) -> None:
    good = bytearray(message + bytes([crc8(message)]))
    assert crc8(good) == 0
    good[bit // 8 % len(good)] ^= 1 << bit % 8
    assert crc8(good) != 0


@given(st.binary(max_size=40))
def test_pec_is_the_remainder_of_a_long_division(message: bytes) -> None:
    rest = int.from_bytes(message, "big") << 8
    for shift in range(8 * len(message) - 1, -1, -1):
        if rest >> shift + 8 & 1:
            rest ^= 0x107 << shift
    assert crc8(message) == rest
