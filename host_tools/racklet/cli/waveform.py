"""`racklet waveform`: what rail, input and eFuse did around a fault, a power-on or a command."""

import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from racklet import plot, uncertainty
from racklet.cli import output
from racklet.cli.options import Aim, BusOption, JsonOption, connect
from racklet.errors import FileProblem, RackletError, UsageError
from racklet.measure import Calibration
from racklet.plot import Curve, picture, terminal
from racklet.waveform import Waveform

_LABELS = {"vout_mv": ("rail", "V"), "vin_mv": ("input", "V"), "efuse_ma": ("eFuse", "A")}
_X_LABEL = "ms from the trigger"
_MOST_COLUMNS = 120


def add_to(app: typer.Typer) -> None:
    app.command("waveform")(waveform)


def waveform(
    context: typer.Context,
    slot: Annotated[str, typer.Argument(metavar="SLOT", help="One slot")],
    *,
    trigger: Annotated[bool, typer.Option("--trigger", help="Record now.")] = False,
    arm: Annotated[
        bool, typer.Option("--arm", help="Let the capture go once it is read and written.")
    ] = False,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a table.")
    ] = None,
    png_file: Annotated[
        Path | None, typer.Option("--png", metavar="FILE", help="Write a picture.")
    ] = None,
    svg_file: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Write a drawing.")
    ] = None,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Show what the waveform recorder kept.

    It records by itself around a fault and around every power-on. The capture of a fault stays
    until --arm lets it go; any other gives way to the next."""
    pictures = [file for file in (png_file, svg_file) if file is not None]
    _check(png_file, ".png")
    _check(svg_file, ".svg")
    if pictures:
        picture.require()
    with connect(bus, context) as rack:
        slots = Aim([slot], rack).slots
        if len(slots) != 1:
            raise UsageError(f"{slot} is not one slot", hint="a waveform is that of one unit")
        bmc, name = rack.bmc(slots[0]), rack.bus.describe()
        capture = bmc.waveform(trigger=trigger)
        if capture is None:
            raise RackletError(
                f"slot {slots[0]} keeps no waveform: its recorder is armed",
                hint="--trigger records one now",
                code="no_waveform",
            )
        converter = bmc.converter() if as_json else {}
        title = _title(slots[0], capture)
        if csv_file is not None:
            _write_csv(capture, csv_file)
        for file in pictures:
            picture.save(_curves(capture), _X_LABEL, title, file)
        if arm:
            bmc.arm_waveform(capture.status.number)
    if as_json:
        rows = [{"slot": slots[0], "waveform": _document(capture, converter)}]
        output.print_json({"bus": name, "slots": rows})
    else:
        width = min(output.console().width, _MOST_COLUMNS)
        ascii_only = output.is_ascii(sys.stdout)
        print(f"{title} ({name})")
        print(terminal.draw(_curves(capture), _X_LABEL, width=width, ascii_only=ascii_only))
    for written in (csv_file, *pictures):
        if written is not None:
            output.progress(f"wrote {written}")


def _check(file: Path | None, suffix: str) -> None:
    if file is not None and file.suffix.lower() != suffix:
        raise UsageError(f"{file} does not end in {suffix}")


def _title(slot: int, capture: Waveform) -> str:
    status = capture.status
    when = f"{status.triggered_ms / 1000:.3f} s after boot {status.generation}"
    return f"slot {slot}, capture {status.number}: {status.fault_text or status.cause_text}, {when}"


def _curves(capture: Waveform) -> list[plot.Curve]:
    curves = []
    for name, samples in capture.samples.items():
        label, unit = _LABELS[name]
        delay = capture.delay_us[name]
        xs = [(us + delay) / 1000 for us in capture.times_us]
        curves.append(Curve(label, unit, xs, [n / 1000 for n in samples]))
    return curves


def _document(capture: Waveform, converter: Mapping[str, Calibration]) -> dict[str, Any]:
    """Of each channel, too, how far its greatest sample may be off."""
    status = capture.status
    greatest = {name: max(samples) for name, samples in capture.samples.items()}
    return {
        "number": status.number,
        "cause": status.cause_text,
        "fault": status.fault_text,
        "triggered_ms": status.triggered_ms,
        "generation": status.generation,
        "missed": status.missed,
        "frame_us": status.frame_us,
        "frames_before": status.before,
        "delay_us": capture.delay_us,
        "time_us": list(capture.times_us),
        **{name: list(samples) for name, samples in capture.samples.items()},
        **uncertainty.of_converter(greatest, converter),
    }


def _write_csv(capture: Waveform, file: Path) -> None:
    """One row a frame; the time is that of its first channel, from the trigger."""
    try:
        with file.open("w", newline="", encoding="ascii") as sink:
            rows = csv.writer(sink, lineterminator="\n")
            rows.writerow(["time_us", *capture.samples])
            rows.writerows(zip(capture.times_us, *capture.samples.values(), strict=True))
    except OSError as error:
        raise FileProblem(f"cannot write {file}: {error.strerror or error}") from None
