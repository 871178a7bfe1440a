"""`racklet status`: what every slot is, measures and suffers from."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer
from racklet_wire import blocks
from rich.live import Live
from rich.table import Table
from rich.text import Text

from racklet import uncertainty
from racklet.bmc import Bmc
from racklet.cli import options, output
from racklet.cli.options import Aim, AllSlots, BusOption, JsonOption, connect
from racklet.errors import Absent, BusError, ExitCode, Recovering
from racklet.rack import Rack

_READINGS = ("vin_mv", "iin_ma", "pin_mw", "vout_mv", "iout_ma", "pout_mw", "temperature_mc")
_UNCERTAINTIES = tuple("_uncertainty_".join(name.rsplit("_", 1)) for name in _READINGS)
_UNKNOWN = dict.fromkeys(
    (*_READINGS, "energy_uj", "fault", *_UNCERTAINTIES, "energy_uncertainty_uj", "sensors")
)
_BELIEVED = dict.fromkeys(blocks.SENSORS)
_COLOUR = {"on": "bold green", "fault": "bold red", "absent": "", "off": ""}


def add_to(app: typer.Typer) -> None:
    app.command("status")(status)


def status(
    context: typer.Context,
    slots: AllSlots = None,
    *,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Repeat until Ctrl-C.")] = False,
    interval: Annotated[
        float, typer.Option(help="Seconds between two looks.", min=0.1, max=86_400)
    ] = 1.0,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Show what each slot is and measures."""
    with connect(bus, context) as rack:
        aim = Aim(slots, rack)
        if watch:
            _watch(rack, aim, interval, as_json)
        rows = read_slots(rack, aim.slots, rack.present(aim.slots), exact=as_json)
        if as_json:
            output.print_json({"bus": rack.bus.describe(), "slots": rows})
        else:
            output.show(status_table(rack.bus.describe(), rows))
        if any(row["slot"] in aim.named and row["state"] == "absent" for row in rows):
            raise typer.Exit(ExitCode.UNREACHABLE)


def read_slots(
    rack: Rack, slots: list[int], present: Iterable[int], *, exact: bool = False
) -> list[dict[str, Any]]:
    """One row for each slot, as `--json` shows it; slots not in `present` are absent.

    `exact` reads the uncertainties too, which takes some more transactions.
    """
    return [_read_slot(rack, slot, slot in present, exact) for slot in slots]


def _read_slot(rack: Rack, slot: int, is_present: bool, exact: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"slot": slot, "state": "absent", **_UNKNOWN}
    if not is_present:
        return row
    bmc = rack.bmc(slot)
    try:
        power, telemetry, energy = bmc.power_state(), bmc.telemetry(), bmc.energy()
        readings = {name: getattr(telemetry, name) for name in _READINGS}
        row["sensors"] = _sensors(bmc) if None in readings.values() else _BELIEVED
        if exact:
            calibrations = bmc.calibrations()
            row |= uncertainty.of_telemetry(telemetry, calibrations)
            off = uncertainty.of_energy(energy, calibrations)
            row["energy_uncertainty_uj"] = off["out_uncertainty_uj"]
    except Absent:  # removed while we looked
        return row
    except Recovering:
        return row | {"state": "recovery"}
    except BusError as error:  # one bad unit does not hide the others
        return row | {"state": "no answer", "fault": error.code.replace("_", " ")}
    return (
        row
        | readings
        | {
            "state": power.state_text,
            "energy_uj": energy.out_uj,
            "fault": power.fault_text,
        }
    )


def _sensors(bmc: Bmc) -> dict[str, str | None]:
    """By sensor, why its readings are missing."""
    return {name: sensor.reason for name, sensor in bmc.sensors().items()}


def _lost(rows: list[dict[str, Any]]) -> Iterator[str]:
    """A line for every sensor that is not believed."""
    for row in rows:
        for name, reason in (row["sensors"] or {}).items():
            if reason:
                yield f"slot {row['slot']}: {name} sensor: {reason}"


def status_table(title: str, rows: list[dict[str, Any]]) -> Table:
    """The rows for people, at most 80 columns wide."""
    figures = ("V", "A", "W", "energy", "in V", "temp C")
    table = output.table("slot", "power", *figures, title=title, right=figures)
    for row in rows:
        power = row["state"] + (f": {row['fault']}" if row["fault"] else "")
        table.add_row(
            str(row["slot"]),
            Text(power, _COLOUR.get(row["state"], "yellow")),
            output.milli(row["vout_mv"]),
            output.milli(row["iout_ma"]),
            output.milli(row["pout_mw"]),
            output.joules(row["energy_uj"]),
            output.milli(row["vin_mv"]),
            output.milli(row["temperature_mc"], 1),
            style="dim" if row["state"] == "absent" else "",
        )
    table.caption = "\n".join(_lost(rows)) or None
    return table


def _watch(rack: Rack, aim: Aim, interval: float, as_json: bool) -> None:
    """Repeat until Ctrl-C: in place on a terminal that can, one after the other elsewhere."""
    name = rack.bus.describe()
    screen = output.console()
    live = Live(console=screen, auto_refresh=False, transient=False)
    is_live = output.can_redraw(screen) and not as_json
    if is_live:
        live.start()
    try:
        while True:
            rows = read_slots(rack, aim.slots, rack.present(aim.slots), exact=as_json)
            if as_json:
                output.print_json({"bus": name, "slots": rows}, streaming=True)
            elif is_live:
                live.update(status_table(name, rows), refresh=True)
            else:
                output.show(status_table(name, rows))
            options.clock.sleep(interval)
    finally:
        live.stop()
