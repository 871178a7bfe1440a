"""UF2 files: wrapped as the format's page says, and read back strictly."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet_uf2 import uf2


def test_first_block_is_laid_out_as_in_the_specification() -> None:
    block = uf2.wrap(b"\x01\x02\x03")
    assert len(block) == 512
    assert block[:4] == b"UF2\n"
    assert struct.unpack("<7I", block[4:32]) == (
        *(0x9E5D5157, 0x2000, 0x10000000, 256, 0, 1),
        0xE48BFF56,
    )
    assert block[32:36] == b"\x01\x02\x03\x00"
    assert block[508:] == bytes.fromhex("306fb10a")


@given(st.binary(min_size=1, max_size=2000))
def test_what_was_wrapped_comes_back_in_whole_pages(binary: bytes) -> None:
    back = uf2.unwrap(uf2.wrap(binary))
    assert back[: len(binary)] == binary
    assert len(back) % 256 == 0
    assert not back[len(binary) :].strip(b"\0")


def _patched(offset: int, word: int) -> bytes:
    file = bytearray(uf2.wrap(bytes(600)))
    struct.pack_into("<I", file, offset, word)
    return bytes(file)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "whole blocks"),
        (uf2.wrap(bytes(600))[:-1], "whole blocks"),
        (_patched(0, 0), "magic"),
        (_patched(508, 0), "magic"),
        (_patched(28, 0xE48BFF59), "family"),  # RP2350, Arm
        (_patched(8, 0), "family"),
        (uf2.wrap(bytes(600))[512:], "says it is"),
        (_patched(12, 0x20000000), "writes"),  # RAM
        (_patched(12, 0x10000001), "writes"),
        (_patched(16, 476), "writes"),
    ],
)
def test_a_file_for_something_else_is_refused(file: bytes, reason: str) -> None:
    with pytest.raises(uf2.NotUf2, match=reason):
        uf2.unwrap(file)


@given(st.binary(max_size=1100))
def test_noise_is_refused_without_a_crash(noise: bytes) -> None:
    with pytest.raises(uf2.NotUf2):
        uf2.unwrap(noise)


def test_pieces_leave_alone_what_lies_between() -> None:
    file = uf2.wrap_pieces([(0, b"base" * 64), (4096, b"slot" * 64)])
    assert len(file) == 2 * 512
    flash = uf2.unwrap(file)
    assert flash[:256] == b"base" * 64
    assert flash[256:4096] == b"\xff" * 3840
    assert flash[4096:] == b"slot" * 64
