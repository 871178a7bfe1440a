"""`racklet log`: the event log that each BMC keeps, oldest first."""

import time
from typing import Annotated, Any

import typer
from racklet_wire import image, power

from racklet import uncertainty
from racklet.cli import options, output
from racklet.cli.options import Aim, BusOption, JsonOption, SlotsArgument, connect
from racklet.errors import NotReachable, Unreachable, UsageError, VerificationFailed
from racklet.eventlog import LogRecord
from racklet.logchain import ChainReport
from racklet.measure import Calibration
from racklet.rack import Rack
from racklet.records import plain, text_of

_PAUSE_S = 1.0

_Accuracy = tuple[dict[str, Calibration], dict[str, Calibration]]  # of converter and sensors


def add_to(app: typer.Typer) -> None:
    app.command("log")(log)


def log(
    context: typer.Context,
    slots: SlotsArgument,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check the hash chain instead; 1 when it is broken.")
    ] = False,
    acknowledge: Annotated[
        bool,
        typer.Option(
            "--acknowledge", help="Tell the BMC that what is shown is kept, and the time."
        ),
    ] = False,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Show the event log, which travels with the unit."""
    if verify and (follow or acknowledge):
        raise UsageError("--verify stands alone", hint="verify first, then show the log")
    with connect(bus, context) as rack:
        aim = Aim(slots, rack)
        shown = aim.there()
        if verify:
            _verify(rack, shown, as_json)
        elif as_json and not follow:
            tails = [_Tail(rack, slot, as_json) for slot in shown]
            rows = [tail.row(tail.new()) for tail in tails]
            output.print_json({"bus": rack.bus.describe(), "slots": rows})
            if acknowledge:
                for tail in tails:
                    tail.acknowledge()
        else:
            _stream(rack, shown, acknowledge, as_json, aim.slots if follow else [])


class _Tail:
    """The log of one slot, from record to record."""

    def __init__(self, rack: Rack, slot: int, as_json: bool) -> None:
        self._bmc = rack.bmc(slot)
        self._slot = slot
        self._bus = rack.bus.describe() if as_json else None
        self._serial = ""  # of the unit that was read last
        self._last = 0
        self._accuracy: _Accuracy = {}, {}
        self._is_away = True

    def new(self) -> list[LogRecord]:
        """What came since the last time; everything when it is another unit."""
        identity = self._bmc.identify()
        if identity.serial != self._serial:
            self._serial, self._last = identity.serial, 0
            if self._bus and not identity.is_recovery:  # which tells its log and measures nothing
                self._accuracy = self._bmc.converter(), self._bmc.calibrations()
        records = list(self._bmc.log(self._last))
        if records:
            self._last = records[-1].sequence
        self._is_away = False
        return records

    def show(self, records: list[LogRecord]) -> None:
        """One record a line."""
        for record in records:
            if self._bus:
                self._print_json(self.row([record]))
            else:
                print(log_line(self._slot, record), flush=True)

    def row(self, records: list[LogRecord]) -> dict[str, Any]:
        """Records, and how far the readings in each may be off."""
        rows = [
            plain(r) | {"uncertainty": uncertainty.of_fields(r.fields, *self._accuracy)}
            for r in records
        ]
        return {"slot": self._slot, "records": rows}

    def acknowledge(self) -> None:
        """And tell it the time of day: after a start, of which its log tells, it has none."""
        if self._last:
            self._bmc.acknowledge_log(self._last)
            self._bmc.set_time(time.time_ns() // 1_000_000)

    def follow(self, acknowledge: bool) -> None:
        """Show what is new. A unit that restarts or is pulled out is waited for."""
        try:
            records = self.new()
            self.show(records)
            if acknowledge and records:
                self.acknowledge()
        except NotReachable:  # the bus itself is gone
            raise
        except Unreachable as error:
            if not self._is_away:
                self._is_away = True
                self._complain(error)

    def _complain(self, error: Unreachable) -> None:
        if self._bus:
            self._print_json({"slot": self._slot} | error.document())
        else:
            output.print_error(error)

    def _print_json(self, row: dict[str, Any]) -> None:
        output.print_json({"bus": self._bus, "slots": [row]}, streaming=True)


def _stream(
    rack: Rack, shown: list[int], acknowledge: bool, as_json: bool, followed: list[int]
) -> None:
    """One record a line, and of the slots `followed` those to come."""
    name = rack.bus.describe()
    if not as_json:
        print(f"event log of slot {', '.join(map(str, shown)) or 'none'} on {name}", flush=True)
    tails = {slot: _Tail(rack, slot, as_json) for slot in {*shown, *followed}}
    # All are read before the first is shown, so that an error stands alone.
    for slot, records in [(slot, tails[slot].new()) for slot in shown]:
        tails[slot].show(records)
        if acknowledge:
            tails[slot].acknowledge()
    while followed:
        options.clock.sleep(_PAUSE_S)
        for slot in followed:
            tails[slot].follow(acknowledge)


def _verify(rack: Rack, shown: list[int], as_json: bool) -> None:
    name = rack.bus.describe()
    reports = {slot: rack.bmc(slot).check_log() for slot in shown}
    broken = [slot for slot, report in reports.items() if not report.is_whole]
    error = VerificationFailed(
        f"the event log of slot {', '.join(map(str, broken))} is not whole",
        hint="records were lost, changed or left out there",
        code="log_broken",
    )
    if as_json:
        document: dict[str, Any] = {
            "bus": name,
            "slots": [_report_row(slot, report) for slot, report in reports.items()],
        }
        output.print_json(document | (error.document() if broken else {}))
    else:
        for slot, report in reports.items():
            for problem in report.problems:
                print(f"slot {slot}: {problem.text}")
            verdict = "whole" if report.is_whole else "NOT whole"
            which = f"records {report.first} to {report.last}" if report.first else "empty"
            print(f"slot {slot}: {verdict}, {which} ({name})")
        if broken:
            output.print_error(error)
    if broken:
        raise typer.Exit(int(error.exit_code))


def _report_row(slot: int, report: ChainReport) -> dict[str, Any]:
    return {
        "slot": slot,
        "whole": report.is_whole,
        "first": report.first,
        "last": report.last,
        "checked": report.checked,
        "problems": [plain(problem) for problem in report.problems],
    }


def log_line(slot: int, record: LogRecord) -> str:
    """One record as one line: slot, number, boot generation and time in it, what happened."""
    when = f"boot {record.generation} +{record.uptime_ms / 1000:.3f} s"
    if record.unix_ms is not None:
        stamp = time.gmtime(record.unix_ms / 1000)
        when = time.strftime("%Y-%m-%d %H:%M:%S", stamp) + f".{record.unix_ms % 1000:03d} UTC"
    more = " ".join(f"{n}={_value(record.kind, n, v)}" for n, v in _told(record))
    what = f"{record.kind}{_times(record)} {more}".rstrip()
    return f"slot {slot}  #{record.sequence:<5} {when:<26} {what}"


def _times(record: LogRecord) -> str:
    """How many a record stands for, and when the last of them was."""
    if record.count == 1:
        return ""
    if "boot" in record.fields:  # a reset cut the flood short
        return f" ({record.count} times, the last at +{record.last_ms / 1000:.1f} s)"
    ago_s = (record.uptime_ms - record.last_ms) / 1000
    return f" ({record.count} times, the last {ago_s:.1f} s before)"


def _told(record: LogRecord) -> list[tuple[str, Any]]:
    """The fields that say something: not the empty ones, nor a reason of none. A text comes last,
    as it ends nowhere else."""
    return [
        (name, value)
        for name, value in sorted(record.fields.items(), key=lambda field: field[0] == "text")
        if value not in ("", b"", None)
        and (name, value) not in (("reason", 0), ("before", -1), ("pc", 0))
    ]


_NAMES: dict[str, tuple[str, ...] | dict[int, str]] = {
    "state": power.STATE_TEXT,
    "before": power.STATE_TEXT,
    "command": power.COMMAND_TEXT,
    "result": power.RESULT_TEXT,
    "reason": power.REASON_TEXT,
}


def _value(kind: str, name: str, value: Any) -> str:
    """A field for people: numbers by their names where the bus has names for them."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str):  # a traceback has lines
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in value)
    if name == "pc":
        return f"{value:#010x}"
    names = _NAMES.get(name)
    if name == "reason" and kind.startswith("image"):
        names = image.REASON_TEXT
    if type(value) is not int or names is None:
        return str(value)
    text = text_of(names, value)
    return f"'{text}'" if " " in text else text
