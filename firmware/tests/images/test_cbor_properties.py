"""Deterministic CBOR by property, and against an independent library (cbor2)."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet_wire import cbor

KEYS = st.one_of(st.integers(-(2**64), 2**64 - 1), st.binary(max_size=9), st.text(max_size=9))
PLAIN = st.one_of(st.none(), st.booleans(), KEYS)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(KEYS, inner, max_size=5),
        st.builds(cbor.Tag, st.integers(6, 2**64 - 1), inner),
    ),
    max_leaves=12,
).filter(lambda value: _depth(value) <= cbor.DEPTH)


def _depth(value: object) -> int:
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + _depth(value.value) if isinstance(value, cbor.Tag) else 0


def _plain(value: object) -> object:
    """As cbor2 gives it: tags in its own class."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return (
        cbor2.CBORTag(value.number, _plain(value.value)) if isinstance(value, cbor.Tag) else value
    )


@given(VALUES)
def test_what_was_encoded_decodes_to_itself(value: object) -> None:
    assert cbor.decode(cbor.encode(value)) == value


@given(VALUES.filter(lambda value: "Tag(" not in repr(value)))
def test_cbor2_reads_the_same_value(value: object) -> None:
    assert cbor2.loads(cbor.encode(value)) == _plain(value)


@given(st.binary(max_size=64))
def test_any_bytes_are_refused_or_are_the_one_encoding(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except cbor.CborError:
        return
    assert cbor.encode(value) == data


@given(VALUES, st.data())
def test_a_changed_byte_is_refused_or_another_value(value: object, data: st.DataObject) -> None:
    wire = bytearray(cbor.encode(value))
    at = data.draw(st.integers(0, len(wire) - 1))
    wire[at] ^= data.draw(st.integers(1, 255))
    try:
        other = cbor.decode(wire)
    except cbor.CborError:
        return
    assert cbor.encode(other) == wire


@given(VALUES, st.data())
def test_every_truncation_is_refused(value: object, data: st.DataObject) -> None:
    wire = cbor.encode(value)
    with pytest.raises(cbor.CborError):
        cbor.decode(wire[: data.draw(st.integers(0, len(wire) - 1))])
