"""Packing of samples: every list survives, every odd piece is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet_wire import waveform

SAMPLES = st.lists(st.tuples(st.integers(0, 4095), st.integers(0, 4095)), max_size=600).map(
    lambda pairs: [sample for pair in pairs for sample in pair]
)


@given(SAMPLES)
def test_packed_samples_come_back(samples: list[int]) -> None:
    data = waveform.pack(samples)
    assert len(data) * 2 == len(samples) * 3
    assert waveform.unpack(data) == samples


@given(SAMPLES, SAMPLES)
def test_pieces_can_be_joined_before_they_are_unpacked(a: list[int], b: list[int]) -> None:
    assert waveform.unpack(waveform.pack(a) + waveform.pack(b)) == a + b


@given(st.binary(max_size=200))
def test_any_bytes_are_samples_or_refused(data: bytes) -> None:
    if len(data) % 3:
        with pytest.raises(ValueError, match="no whole pairs"):
            waveform.unpack(data)
    else:
        samples = waveform.unpack(data)
        assert all(0 <= sample < 4096 for sample in samples)
        assert waveform.pack(samples) == data
