"""`racklet update`: signed firmware and key manifests into the BMCs, one unit at a time."""

from pathlib import Path
from typing import Annotated, Any

import typer

from racklet.cli import output
from racklet.cli.options import (
    Aim,
    BusOption,
    JsonOption,
    SlotsArgument,
    YesOption,
    agree,
    connect,
)
from racklet.images import files
from racklet.rollout import Rollout, look_at
from racklet.slots import format_slots
from racklet.update import Package, Phase, Progress, Updated
from racklet.update.unit import WATCH_S


def add_to(app: typer.Typer) -> None:
    app.command()(update)


def update(
    context: typer.Context,
    slots: SlotsArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE.suit", help="An image, or new keys.")],
    *,
    watch_s: Annotated[
        float,
        typer.Option(
            "--watch-s", metavar="S", min=0, max=200, help="Watch the new firmware for so long."
        ),
    ] = WATCH_S,
    yes: YesOption = False,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Install a signed image on BMCs, one after the other; stop at the first that is not well.

    Each BMC verifies the image, restarts into it on trial, and keeps it once it is healthy.
    The compute units keep their power. The same command again goes on where it was
    interrupted.
    """
    package = Package.of(files.read(file))
    with connect(bus, context) as rack:
        aim = Aim(slots, rack)
        asked = aim.units()
        look_at(map(rack.bmc, asked), package)
        what = f"firmware number {package.sequence}" if package.is_firmware else "a new key set"
        where = f"slot {format_slots(asked)} on {rack.bus.describe()}"
        restarts = " Each BMC restarts; power stays as it is." if package.is_firmware else ""
        agree(f"Install {what} in {where}?{restarts}", yes)
        lines = _Lines()
        try:
            result = rack.update(package, asked, lines.show, watch_s)
        finally:
            lines.end()
        _report(rack.bus.describe(), result, as_json)


class _Lines:
    """One line a unit, renewed in place on a terminal; elsewhere one for each step."""

    def __init__(self) -> None:
        self._line = output.StatusLine()
        self._shown: tuple[int, Phase] | None = None

    def show(self, progress: Progress) -> None:
        text = f"slot {progress.slot}: {progress.phase.value}"
        if progress.phase is Phase.SENDING and self._line.is_live:
            text += f" {100 * progress.done // progress.total:3d} % of {progress.total} bytes"
        elif progress.phase is Phase.SENDING:
            text += f" {progress.total} bytes"
        is_next = self._shown != (progress.slot, progress.phase)
        if is_next and self._shown and self._shown[0] != progress.slot:
            self._line.end()
        self._shown = progress.slot, progress.phase
        if is_next or self._line.is_live:
            self._line.show(text)

    def end(self) -> None:
        self._line.end()


def _report(bus: str, result: Rollout, as_json: bool) -> None:
    """Say who was updated and who was not; raises why."""
    if as_json and not result.error:
        output.print_json(_document(bus, result))
    elif not as_json:
        for one in result.updated:
            print(f"slot {one.slot}: {_done(one)} ({bus})")
        if result.untouched:
            print(f"not updated: slot {format_slots(result.untouched)} ({bus})")
    if result.error:
        result.error.told = _document(bus, result)
        raise result.error


def _done(one: Updated) -> str:
    if one.before is None:
        return f"keys of number {one.sequence} are in force"
    before = "as before" if one.before == one.sequence else f"before {one.before}"
    return f"updated to number {one.sequence}, {before}"


def _document(bus: str, result: Rollout) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {
            "slot": one.slot,
            "result": "updated",
            "sequence": one.sequence,
            "sequence_before": one.before,
            "resumed": one.is_resumed,
        }
        for one in result.updated
    ]
    if result.error is not None:
        rows.append(_row(result.stopped_at, "failed") | result.error.document())
    rows += [_row(slot, "not updated") for slot in result.untouched]
    return {"bus": bus, "slots": rows}


def _row(slot: int | None, result: str) -> dict[str, Any]:
    return {
        "slot": slot,
        "result": result,
        "sequence": None,
        "sequence_before": None,
        "resumed": None,
    }
