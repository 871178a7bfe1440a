"""The event log: CBOR records in a flash ring, each chained to the one before.

The keys and kinds of a record are those of racklet_wire.events. A record carries the first
eight bytes of SHA-256 over the encoded record before it, so that a change, an exchange or a
hole in the history shows.

A flood is folded: of each kind BURST records in WINDOW_MS are written one by one; further
ones are counted, and the last of them is written with the count when the flood pauses or at
the latest after FOLD_MS. So the first and the last of a flood are always there. Each one that is
counted leaves its time in the page of the record before: a start that finds such notes without
the record of their count writes it, with the boot in which they came. When a page is full of
notes the count is written too, but not before WINDOW_MS.

Wear: with 32 sectors a sector is erased once in 512 records; 100,000 erasures last for
50 million records, or 14 years of one record every 9 seconds.
"""

import hashlib

from racklet_wire import cbor, events

from .ring import CAPACITY, Ring

BURST = 16  # an insertion and a power cycle are eight changes of state
WINDOW_MS = 10_000
FOLD_MS = 60_000

_LONGEST_NOTE = 0xFF_FFFE
_RECOVERED = 96  # records before a start, among which that of a flood under way is found

CHAIN_SIZE = 8  # bytes of the hash that a record carries
TEXT_SIZE = 120  # longest text of a field; more is cut


def chain(record: bytes) -> bytes:
    """What the record after this one carries."""
    return hashlib.sha256(record).digest()[:CHAIN_SIZE]


class _Flood:
    """What one kind did lately."""

    def __init__(self, now: int) -> None:
        self.since = now
        self.written = 0
        self.folded = 0
        self.fold_since = now
        self.noted = 0  # sequence number of the record that bears the notes, when it was written
        self.noted_ms = now
        self.last_ms = now
        self.fields = {}


class EventLog:
    """Append, read by sequence, acknowledge.

    `first`, `last`, `acknowledged` are sequence numbers (0: none), `generation` counts boots,
    `boot_first` is the first record of this one, `lost` how many records made room for newer
    ones before they were acknowledged. The unix time is unknown until set_time().
    """

    def __init__(self, flash: object, clock: object) -> None:
        self._ring = Ring(flash)
        self._clock = clock
        self._floods = {}
        self._offset = None  # unix time at uptime 0, in ms
        self._previous = bytes(CHAIN_SIZE)
        self.generation = 1
        last = self._ring.read(self._ring.last)
        if last is not None:
            self._previous = chain(last)
            self.generation = _generation(last) + 1
        self.boot_first = self._ring.last + 1
        self._is_recovered = False

    @property
    def first(self) -> int:
        return self._ring.first

    @property
    def last(self) -> int:
        return self._ring.last

    @property
    def acknowledged(self) -> int:
        return self._ring.marked

    @property
    def lost(self) -> int:
        return max(self._ring.first - 1 - self._ring.marked, 0)

    def set_time(self, unix_ms: int) -> None:
        """The time of day, as the RMC gave it."""
        self._offset = unix_ms - self._clock.ms()

    def unix_ms(self) -> "int | None":
        return None if self._offset is None else self._clock.ms() + self._offset

    def append(
        self,
        kind: int,
        last_gasp: bool = False,
        at_ms: "int | None" = None,
        **fields: "int | str | bytes",
    ) -> int:
        """Write an event; its sequence number, or 0 while it is folded into a flood.

        With `last_gasp` it is written whatever floods, in one page program. `at_ms` is when it
        happened, by the clock; now, if not given.
        """
        now = self._clock.ms() if at_ms is None else at_ms
        flood = self._floods.get(kind)
        if flood is None or (now - flood.since > WINDOW_MS and not flood.folded):
            flood = self._floods[kind] = _Flood(now)
        if flood.written >= BURST and not last_gasp:
            if not flood.folded:
                flood.fold_since = now
            flood.folded += 1
            flood.last_ms = now
            flood.fields = fields
            passed = min(max(now - flood.noted_ms, 0), _LONGEST_NOTE)
            is_noted = self._ring.note(flood.noted, passed)
            if not is_noted and now - flood.fold_since > WINDOW_MS:  # no room for another
                self._unfold(kind, flood, False)
            return 0
        self._unfold(kind, flood, last_gasp)  # what came before last words stands before them
        flood.written += 1
        flood.noted, flood.noted_ms = self._write(now, kind, fields, last_gasp), now
        return flood.noted

    def flush(self, last_gasp: bool = False) -> None:
        """Write down every folded flood now, as before the power goes."""
        for kind, flood in list(self._floods.items()):
            self._unfold(kind, flood, last_gasp)

    def maintain(self) -> bool:
        """Write floods that paused; keep a sector erased ahead. Whether that took an erase."""
        if not self._is_recovered:
            self._recover()
        now = self._clock.ms()
        for kind, flood in list(self._floods.items()):
            if flood.folded and (
                now - flood.last_ms > WINDOW_MS or now - flood.fold_since > FOLD_MS
            ):
                self._unfold(kind, flood, False)
            elif not flood.folded and now - flood.since > WINDOW_MS:
                del self._floods[kind]
        return self._ring.maintain()

    def read(self, sequence: int) -> "bytes | None":
        """The encoded record; None if it is not (or no longer) there."""
        return self._ring.read(sequence)

    def acknowledge(self, sequence: int) -> bool:
        """The reader has everything up to here. False for a record that is not there."""
        return sequence > self._ring.marked and self._ring.mark(sequence)

    def _unfold(self, kind: int, flood: "_Flood", last_gasp: bool) -> None:
        if flood.folded:
            count, flood.folded = flood.folded, 0
            flood.since = now = self._clock.ms()
            fields = flood.fields
            fields[events.COUNT] = count
            fields[events.LAST_MS] = flood.last_ms
            full, flood.noted_ms = flood.noted, now
            flood.noted = self._write(now, kind, fields, last_gasp)
            self._ring.close(full)

    def _recover(self) -> None:
        """Write the count of floods that a reset cut short, once after a start."""
        self._is_recovered = True
        for sequence in range(max(self.boot_first - _RECOVERED, 1), self.boot_first):
            count, passed = self._ring.notes(sequence)
            if count:
                record = cbor.decode(self._ring.read(sequence))
                last_ms = record[events.UPTIME_MS] + passed
                fields = {events.COUNT: count, events.LAST_MS: last_ms}
                fields["boot"] = record[events.GENERATION]
                self._write(self._clock.ms(), record[events.KIND], fields, False)
                self._ring.close(sequence)

    def _write(self, now: int, kind: int, fields: dict, last_gasp: bool) -> int:
        record = {
            events.SEQUENCE: self._ring.last + 1,
            events.GENERATION: self.generation,
            events.UPTIME_MS: now,
            events.KIND: kind,
            events.PREVIOUS: self._previous,
        }
        if self._offset is not None:
            record[events.UNIX_MS] = now + self._offset
        for name, value in fields.items():
            record[name] = value[:TEXT_SIZE] if isinstance(value, (str, bytes)) else value
        encoded = cbor.encode(record)
        if len(encoded) > CAPACITY:
            raise ValueError("event too long")
        sequence = self._ring.append(encoded, last_gasp)
        if sequence:
            self._previous = chain(encoded)
        return sequence


def _generation(record: bytes) -> int:
    try:
        return cbor.decode(record)[events.GENERATION]
    except (cbor.CborError, KeyError, TypeError):
        return 0
