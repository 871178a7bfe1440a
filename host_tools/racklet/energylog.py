"""Energy over time in a CSV file: written while it is watched, read to be drawn.

One row for each slot and look. Energies are the unit's totals; their differences within one
epoch are what it used. A unit that was not there has a row without figures: a gap.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from racklet.errors import FileProblem
from racklet.records import Energy, Telemetry

COLUMNS = ("time", "slot", "epoch", "taken_ms", "in_uj", "out_uj", "pin_mw", "pout_mw")


@dataclass(frozen=True)
class Row:
    """What one slot said at `time` (UTC). None: it was absent, or the sensor gave nothing."""

    time: datetime
    slot: int
    epoch: int | None = None
    taken_ms: int | None = None
    in_uj: int | None = None
    out_uj: int | None = None
    pin_mw: int | None = None
    pout_mw: int | None = None

    @classmethod
    def of(
        cls, time: datetime, slot: int, energy: Energy | None, telemetry: Telemetry | None
    ) -> "Row":
        if energy is None or telemetry is None:
            return cls(time, slot)
        totals = energy.epoch, energy.taken_ms, energy.in_uj, energy.out_uj
        return cls(time, slot, *totals, telemetry.pin_mw, telemetry.pout_mw)

    def cells(self) -> list[Any]:
        """As the file has it."""
        stamp = self.time.astimezone(UTC).isoformat(timespec="milliseconds")
        return [stamp.replace("+00:00", "Z"), *(getattr(self, name) for name in COLUMNS[1:])]


class EnergyLog:
    """A file that rows are added to; one that exists goes on where it ended."""

    def __init__(self, path: Path) -> None:
        """Raises `FileProblem` when the file cannot be written, or holds something else."""
        self._path = path
        is_new = not path.exists() or not path.stat().st_size
        if not is_new:
            read(path)
        try:
            self._file: IO[str] = path.open("a", newline="", encoding="ascii")
        except OSError as error:
            raise FileProblem(f"cannot write {path}: {error.strerror}") from None
        self._writer = csv.writer(self._file, lineterminator="\n")
        if is_new:
            self._writer.writerow(COLUMNS)

    def add(self, rows: Iterable[Row]) -> None:
        """Written down at once, so that an interruption loses none."""
        try:
            self._writer.writerows(row.cells() for row in rows)
            self._file.flush()
        except OSError as error:
            raise FileProblem(f"cannot write {self._path}: {error.strerror}") from None

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> list[Row]:
    """All rows, in the order of their times. Raises `FileProblem`, naming the line."""
    try:
        with path.open(newline="", encoding="ascii") as file:
            lines = csv.reader(file)
            if tuple(next(lines, ())) != COLUMNS:
                raise FileProblem(
                    f"{path} is no record of energy",
                    hint=f"its first line must be {','.join(COLUMNS)}",
                )
            rows = [_row(path, number, cells) for number, cells in enumerate(lines, 2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileProblem(f"cannot read {path}: {error}") from None
    return sorted(rows, key=lambda row: row.time)


def _row(path: Path, number: int, cells: Sequence[str]) -> Row:
    try:
        time, slot, *rest = cells
        when = datetime.fromisoformat(time)
        if when.tzinfo is None or len(cells) != len(COLUMNS):
            raise ValueError
        return Row(when, int(slot), *(int(cell) if cell else None for cell in rest))
    except ValueError:
        raise FileProblem(
            f"{path}, line {number}: {','.join(cells)!r} is no row of it",
            hint="a line that was cut off can be deleted",
        ) from None


@dataclass(frozen=True)
class Span:
    """What a slot used from one look to the next; powers are means, in W."""

    begin: datetime
    end: datetime
    elapsed_ms: int  # by the BMC's clock, whose seconds its totals count
    in_uj: int
    out_uj: int

    @property
    def in_w(self) -> float:
        return self.in_uj / 1000 / self.elapsed_ms


def runs(rows: Iterable[Row], slot: int) -> list[list[Span]]:
    """The spans of a slot, in runs without a gap between them.

    An absence and a new epoch end a run: what flowed meanwhile is not known.
    """
    found: list[list[Span]] = [[]]
    last: Row | None = None
    for row in rows:
        if row.slot != slot:
            continue
        if last is not None and row.epoch == last.epoch and row.epoch is not None:
            if row.taken_ms == last.taken_ms:  # the BMC counts once a second
                continue
            span = _span(last, row)
            if span is not None:
                found[-1].append(span)
        elif found[-1]:
            found.append([])
        last = row
    return [run for run in found if run]


def _span(last: Row, row: Row) -> Span | None:
    """None when no time lies between the two."""
    assert row.in_uj is not None and row.out_uj is not None and row.taken_ms is not None
    assert last.in_uj is not None and last.out_uj is not None and last.taken_ms is not None
    elapsed_ms = row.taken_ms - last.taken_ms
    if elapsed_ms < 0:  # the BMC was reset and counted on
        elapsed_ms = round((row.time - last.time).total_seconds() * 1000)
    if elapsed_ms <= 0:
        return None
    used = row.in_uj - last.in_uj, row.out_uj - last.out_uj
    return Span(last.time, row.time, elapsed_ms, *used)
