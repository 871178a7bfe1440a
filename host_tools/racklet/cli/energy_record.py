"""Energy over time for `racklet energy`: recorded into a file, shown and drawn out of one."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import nan
from pathlib import Path
from typing import Any

from racklet.cli import options, output
from racklet.energylog import EnergyLog, Row, Span, read, runs
from racklet.errors import Absent, BusError, RackletError, UsageError
from racklet.plot import Curve, picture, terminal
from racklet.rack import Rack
from racklet.slots import parse_slots
from racklet.tariff import Tariff

_MOST_COLUMNS = 120


@dataclass(frozen=True)
class Pictures:
    """How a record is to be drawn."""

    here: bool
    png: Path | None
    svg: Path | None

    def __bool__(self) -> bool:
        return self.here or self.png is not None or self.svg is not None


def record(rack: Rack, slots: Sequence[int], path: Path, interval: float, looks: int | None) -> int:
    """A row for each slot and look, until Ctrl-C or the number of looks, which it returns."""
    log = EnergyLog(path)
    output.progress(f"recording every {interval:g} s into {path}; Ctrl-C ends")
    try:
        done = 0
        while True:
            log.add(_look(rack, slots))
            done += 1
            if done == looks:
                return done
            options.clock.sleep(interval)
    finally:
        log.close()


def _look(rack: Rack, slots: Sequence[int]) -> Iterator[Row]:
    present = rack.present(slots)
    for slot in slots:
        energy = telemetry = None
        if slot in present:
            bmc = rack.bmc(slot)
            try:
                energy, telemetry = bmc.energy(), bmc.telemetry()
            except Absent:  # removed while we looked
                pass
            except BusError as error:
                output.progress(f"slot {slot}: {error.message}")
        yield Row.of(datetime.now(UTC), slot, energy, telemetry)


def show(
    path: Path, words: list[str] | None, prices: Tariff, pictures: Pictures, as_json: bool
) -> None:
    """Sums of a record, or its curves."""
    rows = read(path)
    recorded = sorted({row.slot for row in rows})
    slots = parse_slots(words, recorded) if words else recorded
    found = {slot: run for slot in slots if (run := runs(rows, slot))}
    if not found:
        raise RackletError(
            f"{path} holds no two looks at a unit", hint="record longer", code="no_record"
        )
    if pictures.png or pictures.svg:
        picture.require()
    title = f"{path.name}: power at the input"
    for file in (pictures.png, pictures.svg):
        if file is not None:
            suffix = ".png" if file is pictures.png else ".svg"
            if file.suffix.lower() != suffix:
                raise UsageError(f"{file} does not end in {suffix}")
            picture.save(*_curves(found), title, file)
            output.progress(f"wrote {file}")
    if as_json:
        sums = [{"slot": slot, **_sums(run, prices)} for slot, run in found.items()]
        output.print_json({"file": str(path), "slots": sums})
    elif pictures.here:
        curves, x_label = _curves(found)
        width = min(output.console().width, _MOST_COLUMNS)
        print(title)
        print(terminal.draw(curves, x_label, width=width, ascii_only=output.is_ascii(sys.stdout)))
    else:
        _print(path, found, prices)


def _sums(found: list[list[Span]], prices: Tariff) -> dict[str, Any]:
    spans = [span for run in found for span in run]
    in_uj = sum(span.in_uj for span in spans)
    elapsed_ms = sum(span.elapsed_ms for span in spans)
    cost = prices.cost(in_uj)
    return {
        "begin": spans[0].begin.isoformat(timespec="seconds"),
        "end": spans[-1].end.isoformat(timespec="seconds"),
        "gaps": len(found) - 1,
        "observed_ms": elapsed_ms,
        "energy_in_uj": in_uj,
        "energy_uj": sum(span.out_uj for span in spans),
        "mean_in_mw": round(in_uj / elapsed_ms),
        "highest_in_mw": round(1000 * max(span.in_w for span in spans)),
        "cost": cost,
        "currency": None if cost is None else prices.currency,
        "co2_g": prices.co2_g(in_uj),
    }


def _print(path: Path, found: dict[int, list[list[Span]]], prices: Tariff) -> None:
    columns = ["time", "gaps", "in", "out", "mean W", "highest W"]
    if prices.tariff_per_kwh is not None:
        columns.append(prices.currency)
    if prices.co2_g_per_kwh is not None:
        columns.append("g CO2")
    print(f"energy in {path}", flush=True)
    table = output.table("slot", *columns, right=columns)
    for slot, run in found.items():
        sums = _sums(run, prices)
        cells = [output.span(sums["observed_ms"]), str(sums["gaps"])]
        cells += [output.joules(sums["energy_in_uj"]), output.joules(sums["energy_uj"])]
        cells += [output.milli(sums["mean_in_mw"]), output.milli(sums["highest_in_mw"])]
        if sums["cost"] is not None:
            cells.append(f"{sums['cost']:.4f}")
        if sums["co2_g"] is not None:
            cells.append(f"{sums['co2_g']:.1f}")
        table.add_row(str(slot), *cells)
    output.show(table)


def _curves(found: dict[int, list[list[Span]]]) -> tuple[list[Curve], str]:
    """Mean power of each span as a step; between two runs there is nothing."""
    begin = min(run[0].begin for found_runs in found.values() for run in found_runs)
    end = max(run[-1].end for found_runs in found.values() for run in found_runs)
    seconds = (end - begin).total_seconds()
    unit, scale = ("h", 3600) if seconds > 7200 else ("min", 60) if seconds > 300 else ("s", 1)
    curves = []
    for slot, found_runs in found.items():
        xs, ys = [0.0], [nan]  # from the first look of all to the last, so that panels align
        for run in found_runs:
            xs.append(xs[-1])
            ys.append(nan)  # a gap
            for span in run:
                for when in (span.begin, span.end):
                    xs.append((when - begin).total_seconds() / scale)
                    ys.append(span.in_w)
        xs.append(seconds / scale)
        ys.append(nan)
        curves.append(Curve(f"slot {slot}", "W", xs, ys))
    return curves, f"{unit} from {begin.astimezone():%Y-%m-%d %H:%M:%S}"
