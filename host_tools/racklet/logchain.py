"""The hash chain of an event log: is what was read the history, whole and in order?

A record carries the first eight bytes of SHA-256 over the encoded record before it; the very
first carries zeros. The chain shows a record that was changed, exchanged or left out. It has
no key: it cannot show that the newest records were cut off, or the whole log written anew.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from racklet_wire import cbor, events

HASH_SIZE = 8  # bytes of the hash that a record carries

_START = bytes(HASH_SIZE)  # what record 1 carries


@dataclass(frozen=True)
class Problem:
    """What is wrong with record `sequence`, or with all from it to `last`."""

    sequence: int
    last: int
    kind: str  # "gap", "break" or "damaged"
    text: str


@dataclass(frozen=True)
class ChainReport:
    """What a check found in the records `first` to `last`; 0 and 0 for an empty log."""

    first: int
    last: int
    checked: int
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.problems


def check_chain(records: Iterable[tuple[int, bytes]]) -> ChainReport:
    """Check encoded records by rising sequence number; empty bytes stand for a missing one."""
    first = last = checked = 0
    problems: list[Problem] = []
    expected: bytes | None = None  # what the next record must carry; None: nobody can know
    for sequence, data in records:
        if not first:
            first = sequence
            expected = _START if sequence == 1 else None
        last = sequence
        if not data:
            _miss(problems, sequence)
            expected = None
            continue
        checked += 1
        problem = _fault_of(sequence, data, expected)
        if problem:
            problems.append(problem)
        expected = hashlib.sha256(data).digest()[:HASH_SIZE]
    return ChainReport(first, last, checked, problems)


def _miss(problems: list[Problem], sequence: int) -> None:
    """Note a missing record; neighbours make one gap."""
    start = sequence
    if problems and problems[-1].kind == "gap" and problems[-1].last == sequence - 1:
        start = problems.pop().sequence
    which = f"record {start} is" if start == sequence else f"records {start} to {sequence} are"
    problems.append(Problem(start, sequence, "gap", f"{which} missing"))


def _fault_of(sequence: int, data: bytes, expected: bytes | None) -> Problem | None:
    def problem(kind: str, text: str) -> Problem:
        return Problem(sequence, sequence, kind, text)

    try:
        record = cbor.decode(data)
    except ValueError as error:
        return problem("damaged", f"record {sequence} is damaged: {error}")
    if not isinstance(record, dict):
        return problem("damaged", f"record {sequence} is damaged: not a map")
    if record.get(events.SEQUENCE) != sequence:
        claimed = record.get(events.SEQUENCE)
        return problem("break", f"record {sequence} says that it is record {claimed}")
    if expected is not None and record.get(events.PREVIOUS) != expected:
        return problem("break", f"record {sequence} does not follow record {sequence - 1}")
    return None
