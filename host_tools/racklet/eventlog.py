"""Reading a BMC's event log: whole records out of windows of the bus, and what they say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from racklet_wire import cbor, events
from racklet_wire.address import address_of

from racklet.bus import Clock, Target
from racklet.errors import BadReply, Busy, standing_still
from racklet.records import text_of

_TRIES = 3  # at a window that another client of the same BMC moved away meanwhile
_LOOKS = 40  # until the BMC shows the window that was asked for; after a start it takes long
_PAUSE_S = 0.005
_ROUND_S = 0.3  # a BMC renews its TIME every 0.1 s
_TAKEN_S = 2.0  # until what was acknowledged must be in its flash; an erase takes 0.4 s at worst
_NEAR = 8  # records after that of a boot, among which a new epoch has its own
_EPOCH = events.KIND_TEXT[events.ENERGY_EPOCH]
NOTE_SIZE = 28  # characters of a note in the log


@dataclass(frozen=True)
class LogRecord:
    """One record. `fields` is what its kind adds; `unix_ms` is None until the RMC told the time.

    A flood is one record: `count` of them, the last of which came at `last_ms` of uptime.
    """

    sequence: int
    generation: int
    uptime_ms: int
    unix_ms: int | None
    kind: str
    count: int
    last_ms: int
    fields: dict[str, Any]

    @classmethod
    def of(cls, data: bytes) -> "LogRecord":
        """From CBOR. Raises `BadReply` for what is no record."""
        try:
            record = cbor.decode(data)
        except ValueError as error:
            raise BadReply(f"a log record is damaged: {error}") from None
        if not isinstance(record, dict) or events.SEQUENCE not in record:
            raise BadReply("a log record is damaged: no sequence number")
        uptime_ms: int = record.get(events.UPTIME_MS, 0)
        return cls(
            sequence=record[events.SEQUENCE],
            generation=record.get(events.GENERATION, 0),
            uptime_ms=uptime_ms,
            unix_ms=record.get(events.UNIX_MS),
            kind=text_of(events.KIND_TEXT, record.get(events.KIND, 0)),
            count=record.get(events.COUNT, 1),
            last_ms=record.get(events.LAST_MS, uptime_ms),
            fields={k: v for k, v in record.items() if isinstance(k, str)},
        )


@dataclass(frozen=True)
class EpochStart:
    """When an epoch of the energy totals began, and the totals then."""

    epoch: int
    generation: int
    uptime_ms: int
    unix_ms: int | None
    in_uj: int
    out_uj: int


class LogReader:
    """The log of one target."""

    def __init__(self, target: Target, clock: Clock) -> None:
        self._target = target
        self._clock = clock

    def read(self, after: int = 0) -> Iterator[LogRecord]:
        """Records with a sequence number above `after`, oldest first, up to the newest now."""
        for _, data in self.encoded(after):
            if data:
                yield LogRecord.of(data)

    def encoded(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """The same as (sequence number, CBOR); no bytes where a record is missing.

        One that made room for a newer record while the log was read is not missing.
        """
        first, last = self._bounds()
        for sequence in range(max(first, after + 1), last + 1):
            data = self._record(sequence)
            if data or sequence >= self._bounds()[0]:
                yield sequence, data

    def last(self) -> int:
        """The newest sequence number, 0 while the log is empty."""
        return self._bounds()[1]

    def note(self, kind: int, text: str) -> None:
        """Write a line of ASCII of a kind that clients may write; what is too long is cut.

        When this returns the BMC has taken it: it is in the log, or counted there in a flood.
        """
        data = text.encode("ascii", "replace")[:NOTE_SIZE]
        shown = self._target.block("LOG_WINDOW")
        self._target.write_fields("LOG_NOTE", kind=kind, size=len(data), text=data)
        # What is written is done in order: another window than that of before comes after it.
        self._window(int(shown["sequence"]), int(shown["offset"]) ^ 1)

    def epoch_start(self, epoch: int) -> EpochStart | None:
        """The beginning of an epoch; None when its record has given way to newer ones.

        Looked for where it mostly is, at the beginning of this boot, and then backwards.
        """
        status = self._target.block("LOG_STATUS")
        first, last, boot_first = (int(status[n]) for n in ("first", "last", "boot_first"))
        near = range(boot_first, min(boot_first + _NEAR, last + 1))
        rest = [n for n in range(last, first - 1, -1) if n not in near]
        for sequence in (*near, *rest):
            data = self._record(sequence)
            record = LogRecord.of(data) if data else None
            if record is None or record.kind != _EPOCH or record.fields.get("epoch") != epoch:
                continue
            totals = (record.fields.get(name, 0) for name in ("in_uj", "out_uj"))
            when = record.generation, record.uptime_ms, record.unix_ms
            return EpochStart(epoch, *when, *totals)
        return None

    def acknowledge(self, sequence: int) -> None:
        """Tell the BMC that everything up to this record is kept elsewhere.

        When this returns the BMC has it in its flash. `Busy` when it does not come to it, or
        has no such record.
        """
        self._target.write_fields("LOG_ACKNOWLEDGE", sequence=sequence)
        give_up = self._clock.monotonic() + _TAKEN_S
        while int(self._target.block("LOG_STATUS")["acknowledged"]) < sequence:
            if self._clock.monotonic() > give_up:
                raise Busy(
                    f"the BMC did not note that record {sequence} is kept elsewhere",
                    hint="read its log once more and acknowledge the last record of that",
                )
            self._clock.sleep(_PAUSE_S)

    def _bounds(self) -> tuple[int, int]:
        status = self._target.block("LOG_STATUS")
        first, last = status["first"], status["last"]
        assert isinstance(first, int) and isinstance(last, int)
        return first, last

    def _record(self, sequence: int) -> bytes:
        data = b""
        while True:
            size, piece = self._window(sequence, len(data))
            data += piece
            if not piece or len(data) >= size:
                return data[:size]

    def _window(self, sequence: int, offset: int) -> tuple[int, bytes]:
        for _ in range(_TRIES):
            self._target.write_fields("LOG_SELECT", sequence=sequence, offset=offset)
            for _ in range(_LOOKS):
                window = self._target.block("LOG_WINDOW")
                if (window["sequence"], window["offset"]) == (sequence, offset):
                    size, data = window["size"], window["data"]
                    assert isinstance(size, int) and isinstance(data, bytes)
                    return size, data[: max(0, size - offset)]
                self._clock.sleep(_PAUSE_S)
        before = self._target.block("TIME")["uptime_ms"]
        self._clock.sleep(_ROUND_S)
        if self._target.block("TIME")["uptime_ms"] == before:
            raise standing_still(self._target.address - address_of(1) + 1)
        raise BadReply(
            f"the BMC at 0x{self._target.address:02X} does not show record {sequence}",
            hint="another client reads its log, or it has just restarted: try again",
        )
