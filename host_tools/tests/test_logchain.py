"""The hash chain of the event log: whole logs, gaps, changes, noise."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st
from racklet.logchain import check_chain
from racklet_wire import cbor, events


def chained(count, first=1, before=bytes(8)):
    """Encoded records as a BMC writes them: sequence number -> CBOR."""
    records = {}
    for sequence in range(first, first + count):
        records[sequence] = cbor.encode(
            {
                events.SEQUENCE: sequence,
                events.UPTIME_MS: 1000 * sequence,
                events.KIND: events.STATE,
                events.PREVIOUS: before,
            }
        )
        before = hashlib.sha256(records[sequence]).digest()[:8]
    return records


def kinds(records):
    return [(p.kind, p.sequence, p.last) for p in check_chain(records.items()).problems]


def test_a_whole_log_from_its_first_record_or_from_a_later_one():
    assert kinds(chained(9)) == []
    later = chained(5, first=40, before=b"whatever")
    report = check_chain(later.items())
    assert (report.first, report.last, report.checked, report.is_whole) == (40, 44, 5, True)


def test_an_empty_log_is_whole():
    assert check_chain([]).is_whole


def test_the_first_record_of_all_follows_nothing():
    assert kinds(chained(2, before=b"somebody")) == [("break", 1, 1)]


def test_missing_records_are_one_gap():
    records = chained(9) | dict.fromkeys((3, 4, 5, 8), b"")
    assert kinds(records) == [("gap", 3, 5), ("gap", 8, 8)]


def test_two_records_that_changed_places():
    records = chained(6)
    records[3], records[4] = records[4], records[3]
    assert kinds(records) == [("break", 3, 3), ("break", 4, 4), ("break", 5, 5)]


@given(st.integers(2, 12), st.data())
def test_any_changed_bit_shows_at_or_after_its_record(count, data):
    records = chained(count)
    sequence = data.draw(st.integers(1, count - 1))  # nothing follows the newest yet
    changed = bytearray(records[sequence])
    bit = data.draw(st.integers(0, 8 * len(changed) - 1))
    changed[bit // 8] ^= 1 << bit % 8
    problems = kinds(records | {sequence: bytes(changed)})
    assert problems
    assert {place for _, place, _ in problems} <= {sequence, sequence + 1}


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_noise_is_a_verdict_and_no_crash(noise):
    report = check_chain(enumerate(noise, start=7))
    assert report.checked == sum(1 for data in noise if data)
    assert report.is_whole == (not noise)
