"""CBOR diagnostic notation, of what strangers wrote as well."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet.images.diagnostic import diagnose
from racklet_wire import cbor


# RFC 8949 appendix A.
@pytest.mark.parametrize(
    ("encoded", "notation"),
    [
        ("1bffffffffffffffff", "18446744073709551615"),
        ("3903e7", "-1000"),
        ("f4", "false"),
        ("f6", "null"),
        ("4401020304", "h'01020304'"),
        ("62225c", r'"\"\\"'),
        ("62c3bc", r'"\u00fc"'),
        ("64f0908591", r'"\ud800\udd51"'),
        ("83010203", "[1, 2, 3]"),
        ("a26161016162820203", '{"a": 1, "b": [2, 3]}'),
        ("c11a514b67b0", "1(1363896240)"),
        ("d818456449455446", "24(h'6449455446')"),
    ],
)
def test_examples_of_rfc_8949(encoded: str, notation: str) -> None:
    assert diagnose(bytes.fromhex(encoded)) == notation


def test_a_container_inside_a_string_is_opened() -> None:
    assert diagnose(cbor.encode([cbor.encode({1: b"x"})])) == "[<<{1: h'78'}>>]"


@given(st.text())
def test_no_control_character_gets_to_the_terminal(text: str) -> None:
    assert not {chr(code) for code in range(32)} & set(diagnose(cbor.encode(text)))


def test_strings_inside_one_another_end() -> None:
    """Each deep in limits by itself: such a file must not end `racklet image inspect`."""
    for wrap in (lambda inner: [inner], lambda inner: cbor.Tag(1, inner)):
        data = b""
        for _ in range(2000):
            data = cbor.encode(wrap(data))
        assert diagnose(data).count("<<") == 8
