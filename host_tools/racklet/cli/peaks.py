"""`racklet peaks`: lowest, mean and highest of every quantity, and what power-ons took."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from racklet import uncertainty
from racklet.bmc import Bmc
from racklet.cli import output
from racklet.cli.options import NO_UNIT, Aim, AllSlots, BusOption, JsonOption, connect
from racklet.errors import ExitCode
from racklet.measure import PowerOn, Window, stagger_ms

_UNITS = {"mv": "V", "ma": "A", "mw": "W", "mc": "C"}
_LABELS = {
    "vin_mv": "input V",
    "iin_ma": "input A",
    "pin_mw": "input W",
    "vout_mv": "output V",
    "iout_ma": "output A",
    "pout_mw": "output W",
    "temperature_mc": "temp C",
}


def add_to(app: typer.Typer) -> None:
    app.command("peaks")(peaks)


def peaks(
    context: typer.Context,
    slots: AllSlots = None,
    *,
    now: Annotated[
        bool, typer.Option("--now", help="The window under way, not the last whole one.")
    ] = False,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Show extremes of the last minute, and power-ons.

    The window is a minute unless the setting window_ms says otherwise. How long to wait between
    two units, so that their inrush does not add up, follows from the slowest power-on."""
    with connect(bus, context) as rack:
        aim = Aim(slots, rack)
        found = {slot: _Peaks(rack.bmc(slot), now) for slot in aim.there()}
        name = rack.bus.describe()
    stagger = stagger_ms([on for peaks in found.values() for on in peaks.power_ons])
    if as_json:
        rows = [{"slot": slot, **peaks.document()} for slot, peaks in found.items()]
        output.print_json({"bus": name, "stagger_ms": stagger, "slots": rows})
        return
    which = "under way" if now else "last whole window"
    for slot, peaks in found.items():
        print(f"slot {slot} on {name}, {which}", flush=True)
        if peaks.windows:
            output.show(_windows(peaks.windows, peaks.uptime_ms))
        else:
            print("there is none yet" if now else "there is none yet; --now: the one under way")
        if peaks.power_ons:
            output.show(_power_ons(peaks.power_ons, peaks.uptime_ms))
        for sensor, state in peaks.sensors.items():
            if state.errors:
                now_it_is = state.reason or "now it answers"
                print(f"{sensor} sensor: {state.errors} failed reads since the start, {now_it_is}")
        print()
    if not found:
        print(f"{NO_UNIT} ({name})")
    elif stagger is not None:
        print(f"stagger: {stagger} ms between two units keeps their inrush apart")
    if set(aim.named) - set(found):
        raise typer.Exit(ExitCode.UNREACHABLE)


class _Peaks:
    """What one unit has measured over time."""

    def __init__(self, bmc: Bmc, now: bool) -> None:
        self.windows = bmc.windows(under_way=now)
        self.power_ons = bmc.power_ons()
        self.sensors = bmc.sensors()
        self.uptime_ms = bmc.energy().taken_ms
        self._calibrations = bmc.calibrations()

    def document(self) -> dict[str, Any]:
        """As `--json` shows it; the unit of a window's values is that of its name."""
        return {
            "uptime_ms": self.uptime_ms,
            "windows": {window.quantity: self._window(window) for window in self.windows},
            "power_ons": [self._power_on(on) for on in self.power_ons],
            "sensors": {name: asdict(sensor) for name, sensor in self.sensors.items()},
        }

    def _window(self, window: Window) -> dict[str, int]:
        """With how far the greatest of its values may be off."""
        fields = {name: value for name, value in asdict(window).items() if name != "quantity"}
        greatest = max(abs(window.lowest), abs(window.highest))
        off = uncertainty.of_value(window.quantity, greatest, self._calibrations)
        return fields | {"uncertainty": off}

    def _power_on(self, on: PowerOn) -> dict[str, int | None]:
        return asdict(on) | uncertainty.of_power_on(on, self._calibrations)


def _windows(windows: list[Window], uptime_ms: int) -> Table:
    columns = ("lowest", "ago", "mean", "highest", "ago ")
    table = output.table("", *columns, right=columns)
    for window in windows:
        decimals = 1 if window.quantity == "temperature_mc" else 3
        table.add_row(
            _LABELS[window.quantity],
            output.milli(window.lowest, decimals),
            output.span(uptime_ms - window.lowest_ms),
            output.milli(window.mean, decimals),
            output.milli(window.highest, decimals),
            output.span(uptime_ms - window.highest_ms),
        )
    return table


def _power_ons(ons: list[PowerOn], uptime_ms: int) -> Table:
    columns = ("ago", "rise", "inrush A", "after", "rise mJ", "peak in A", "after ", "BMC W")
    table = output.table("power-on", *columns, right=columns)
    for on in ons:
        table.add_row(
            str(on.number),
            output.span(uptime_ms - on.begin_ms),
            "-" if on.rise_ms is None else f"{on.rise_ms} ms",
            output.milli(on.inrush_ma),
            "-" if on.inrush_ms is None else f"{on.inrush_ms} ms",
            "-" if on.rise_out_uj is None else f"{on.rise_out_uj / 1000:.0f}",
            output.milli(on.peak_in_ma),
            "-" if on.peak_in_ms is None else f"{on.peak_in_ms / 1000:.1f} s",
            output.milli(on.own_mw),
        )
    return table
