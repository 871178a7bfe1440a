"""`racklet calibrate SLOT`: a known load beside the unit's readings, and what follows from it."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from math import isfinite
from typing import Annotated

import typer

from racklet.bmc import Bmc
from racklet.calibration import LOADED, Correction, Point, Reference, correct, mean_of
from racklet.cli import options, output
from racklet.cli.options import BusOption, JsonOption, YesOption, agree, connect
from racklet.errors import Refused, UsageError
from racklet.measure import Calibration
from racklet.rack import Rack
from racklet.slots import parse_slots

_READINGS = 16
_PAUSE_S = 0.25  # the BMC takes a new reading so often
_NEAR = 0.05  # a load counts as set when the unit reads it to this share, and 20 mA or mV
_EPOCH = date(1970, 1, 1)


class Channel(StrEnum):
    IOUT = "iout"
    VOUT = "vout"
    IIN = "iin"
    VIN = "vin"


def add_to(app: typer.Typer) -> None:
    app.command("calibrate")(calibrate)


def calibrate(
    context: typer.Context,
    slot: Annotated[str, typer.Argument(metavar="SLOT", help="One slot.", show_default=False)],
    *,
    channel: Annotated[Channel, typer.Option(help="What is measured.")] = Channel.IOUT,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="UNCERTAINTY",
            help="How far the reference may be off (k = 2): 0.1%, 2mA, 0.1%+2mA.",
        ),
    ] = None,
    point: Annotated[
        list[float] | None,
        typer.Option(
            metavar="VALUE",
            help="Without questions: wait until the unit reads about this, which the reference "
            "shows, in mA or mV. Repeat it for each load.",
        ),
    ] = None,
    wait: Annotated[
        float,
        typer.Option(metavar="S", help="How long to wait for each --point.", min=1, max=86_400),
    ] = 60.0,
    show: Annotated[bool, typer.Option("--show", help="Show what is in force.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Back to how it was delivered.")] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Calibrate a channel of a unit against a reference.

    Asks for one value after the other: without load, then with one or more loads. Gain and
    offset follow, with how far readings may then be off, and are kept in the unit."""
    with connect(bus, context) as rack:
        number = _one(slot, rack)
        name, bmc = rack.bus.describe(), rack.bmc(number)
        if show:
            _show(name, number, bmc.calibrations(), as_json)
            return
        if not all(map(isfinite, point or ())):
            raise UsageError("a --point is a value that the reference shows", hint="in mA or mV")
        if reset:
            agree(f"Forget the calibration of {channel} in slot {number} on {name}?", yes)
            bmc.calibrate(channel, None, 0)
            _show(name, number, bmc.calibrations(), as_json)
            return
        if not yes and not sys.stdin.isatty():
            raise Refused(
                "nobody is there to be asked whether to keep the result", hint="say --yes"
            )
        session = _Session(bmc, channel, f"slot {number}")
        output.progress(f"{channel} of slot {number} on {name}: {session.text(session.before)}")
        known = Reference.parse(
            reference or _ask("How far may the reference be off? "), session.unit
        )
        points = list(session.given(point, wait) if point else session.asked())
        found = correct(channel, points, known, session.before)
        output.progress(f"{channel}: {session.text(found)}")
        agree(f"Keep this in slot {number} on {name}?", yes)
        today = datetime.now(UTC).date()
        bmc.calibrate(channel, found, (today - _EPOCH).days)
    if as_json:
        unit = session.unit.lower()
        taken = [
            {f"reference_{unit}": p.reference, f"raw_{unit}": p.raw, f"noise_{unit}": p.noise}
            for p in points
        ]
        row = {"slot": number, "channel": str(channel), **_plain(channel, found)}
        row |= {"calibrated": today.isoformat(), "points": taken}
        output.print_json({"bus": name, "slots": [row]})
    else:
        print(f"slot {number}: {channel} calibrated on {today} ({name})")


class _Session:
    """Takes points of one channel."""

    def __init__(self, bmc: Bmc, channel: str, where: str) -> None:
        self._bmc = bmc
        self._channel = channel
        self._where = where
        self.unit = "mV" if channel.startswith("v") else "mA"
        self.before = bmc.calibrations()[channel]

    def text(self, state: Calibration | Correction) -> str:
        return (
            f"gain {state.gain_ppm:+d} ppm, offset {state.offset_milli:+d} {self.unit}; off by at "
            f"most {state.uncertainty_ppm / 1e4:.2f} % and "
            f"{state.uncertainty_micro / 1000:.1f} {self.unit} (k = 2)"
        )

    def asked(self) -> Iterator[Point]:
        """A person sets the loads and reads the reference."""
        if self._channel.startswith("i"):
            output.progress("First take the load away, or switch the rail off; then set loads.")
        else:
            output.progress("Measure the voltage at the unit, at the terminals of the channel.")
        output.progress("When a load stands still, type what the reference shows; Enter ends.")
        number = 1
        while answer := _ask(f"point {number}, in {self.unit}: "):
            value = _number(answer)
            if value is None:
                output.progress(f"  {answer!r} is no number")
                continue
            point = self._take(value)
            if point is None:
                output.progress("  the readings move too much; wait until the load stands still")
                continue
            yield self._told(point)
            number += 1

    def given(self, values: list[float], wait_s: float) -> Iterator[Point]:
        """Somebody else sets the loads in that order; each is seen in the unit's readings."""
        for value in values:
            output.progress(f"waiting until the unit reads about {value:g} {self.unit}")
            give_up = options.clock.monotonic() + wait_s
            while (point := self._near(value)) is None:
                if options.clock.monotonic() >= give_up:
                    raise Refused(
                        f"the unit did not read about {value:g} {self.unit} within {wait_s:g} s",
                        hint=f"it reads {self._reading()} {self.unit}; is the load set?",
                    )
            yield self._told(point)

    def _told(self, point: Point) -> Point:
        output.progress(
            f"  reference {point.reference:g}, unit {point.raw:.2f} {self.unit} uncorrected, "
            f"noise {point.noise:.2f}"
        )
        return point

    def _near(self, value: float) -> Point | None:
        if abs(self._reading() - value) > abs(value) * _NEAR + 20:
            options.clock.sleep(_PAUSE_S)
            return None
        return self._take(value)

    def _take(self, value: float) -> Point | None:
        """The mean of some readings; None when they move."""
        readings = []
        for _ in range(_READINGS):
            readings.append(self._reading())
            options.clock.sleep(_PAUSE_S)
        if max(readings) - min(readings) > max(abs(value) / 50, LOADED[self._channel[0]] / 5):
            return None
        mean, noise = mean_of(readings, self.before.gain_ppm, self.before.offset_milli)
        return Point(value, mean, noise)

    def _reading(self) -> int:
        name = f"{self._channel}_{self.unit.lower()}"
        reading: int | None = getattr(self._bmc.telemetry(), name)
        if reading is None:
            raise Refused(
                f"{self._where} has no reading of {self._channel}",
                hint="its sensor is not believed; racklet status says why",
            )
        return reading


def _show(bus: str, slot: int, found: dict[str, Calibration], as_json: bool) -> None:
    if as_json:
        rows = {
            name: _plain(name, state) | {"calibrated": _date(state.day)}
            for name, state in found.items()
        }
        output.print_json({"bus": bus, "slots": [{"slot": slot, "channels": rows}]})
        return
    columns = ("gain ppm", "offset", "off by at most", "and")
    print(f"slot {slot} on {bus}", flush=True)
    table = output.table("channel", *columns, "calibrated", right=columns)
    units = {"v": "mV", "i": "mA", "t": "mC"}
    for name, state in found.items():
        unit = units[name[0]]
        table.add_row(
            name,
            f"{state.gain_ppm:+d}",
            f"{state.offset_milli:+d} {unit}",
            f"{state.uncertainty_ppm / 1e4:.2f} %" if state.uncertainty_ppm else "-",
            f"{state.uncertainty_micro / 1000:.1f} {unit}",
            _date(state.day) or "as delivered",
        )
    output.show(table)


def _plain(channel: str, state: Calibration | Correction) -> dict[str, int]:
    """As `--json` says it, the unit in the names."""
    unit = {"v": "v", "i": "a", "t": "c"}[channel[0]]
    return {
        "gain_ppm": state.gain_ppm,
        f"offset_m{unit}": state.offset_milli,
        "uncertainty_ppm": state.uncertainty_ppm,
        f"uncertainty_u{unit}": state.uncertainty_micro,
    }


def _date(day: int) -> str | None:
    return None if not day else date.fromordinal(_EPOCH.toordinal() + day).isoformat()


def _one(word: str, rack: Rack) -> int:
    slots = parse_slots([word], rack.slots)
    if len(slots) != 1:
        raise UsageError("a load hangs on one unit", hint="name one slot")
    return slots[0]


def _ask(question: str) -> str:
    """A line from stdin; at its end what an empty line says."""
    print(question, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line.endswith("\n"):
        print(file=sys.stderr)
    return line.strip()


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None
