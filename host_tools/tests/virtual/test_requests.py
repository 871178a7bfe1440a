"""Lines of the simulated bus: what is a request, what is refused, and that nothing escapes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet.bus import Read, Write
from racklet.virtual.requests import (
    BadLine,
    ReadByte,
    Start,
    Stop,
    Transaction,
    WriteByte,
    parse,
)


def test_a_transaction_in_the_shape_of_i2c_rdwr():
    line = b'{"msgs":[{"addr":17,"write":"88"},{"addr":17,"read":3}]}'
    assert parse(line) == Transaction((Write(17, b"\x88"), Read(17, 3)))


def test_a_counted_read_and_both_kinds_of_quick():
    line = (
        b'{"msgs":[{"addr":17,"read":2,"recv_len":true},'
        b'{"addr":17,"write":""},{"addr":17,"read":0}]}'
    )
    assert parse(line) == Transaction((Read(17, 2, counted=True), Write(17, b""), Read(17, 0)))


@pytest.mark.parametrize(
    ("line", "step"),
    [
        (b'{"op":"start","addr":17,"read":false}', Start(17, False)),
        (b'{"op":"write","byte":136}', WriteByte(136)),
        (b'{"op":"read","ack":true}', ReadByte(True)),
        (b'{"op":"stop"}\r', Stop()),
    ],
)
def test_single_steps(line, step):
    assert parse(line) == step


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xfe",
        b"[" * 50_000,
        b"[]",
        b"{}",
        b'{"msgs":[]}',
        b'{"msgs":{}}',
        b'{"msgs":[1]}',
        b'{"msgs":[{"addr":17}]}',
        b'{"msgs":[{"addr":128,"read":1}]}',
        b'{"msgs":[{"addr":true,"read":1}]}',
        b'{"msgs":[{"addr":17,"read":-1}]}',
        b'{"msgs":[{"addr":17,"read":8193}]}',
        b'{"msgs":[{"addr":17,"read":1.0}]}',
        b'{"msgs":[{"addr":17,"read":1,"write":"00"}]}',
        b'{"msgs":[{"addr":17,"read":0,"recv_len":true}]}',
        b'{"msgs":[{"addr":17,"read":1,"recv_len":1}]}',
        b'{"msgs":[{"addr":17,"write":"8"}]}',
        b'{"msgs":[{"addr":17,"write":"88 00"}]}',
        b'{"msgs":[{"addr":17,"write":"zz"}]}',
        b'{"msgs":[{"addr":17,"write":136}]}',
        b'{"msgs":[{"addr":17,"write":"88","recv_len":true}]}',
        b'{"msgs":[{"addr":17,"read":1}],"op":"stop"}',
        b'{"op":"start","addr":17}',
        b'{"op":"write","byte":256}',
        b'{"op":"read"}',
        b'{"op":"jump"}',
        b'{"op":["stop"]}',
        b'{"op":"stop","now":true}',
    ],
)
def test_what_is_no_request_is_refused_with_a_reason(line):
    with pytest.raises(BadLine, match=r"\w"):
        parse(line)


def test_the_limits_themselves_are_allowed():
    most = {"msgs": [{"addr": 127, "read": 8192}] * 42}
    request = parse(json.dumps(most).encode())
    assert isinstance(request, Transaction)
    assert len(request.messages) == 42
    with pytest.raises(BadLine, match="42"):
        parse(json.dumps({"msgs": most["msgs"] * 2}).encode())
    assert parse(b'{"msgs":[{"addr":0,"write":"%s"}]}' % (b"00" * 8192))
    with pytest.raises(BadLine, match="8192"):
        parse(b'{"msgs":[{"addr":0,"write":"%s"}]}' % (b"00" * 8193))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["msgs", "op", "addr", "read", "write", "recv_len", "byte", "ack"]),
            inner | st.sampled_from(["start", "write", "read", "stop", "88", 17]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.binary(max_size=64) | _json.map(lambda document: json.dumps(document).encode()))
def test_every_line_is_a_request_or_a_bad_line(line):
    try:
        request = parse(line)
    except BadLine:
        return
    assert isinstance(request, Transaction | Start | WriteByte | ReadByte | Stop)
