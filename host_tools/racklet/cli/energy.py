"""`racklet energy`: what each unit uses and has used, its cost, and how that went over time."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from racklet.cli import energy_record, output
from racklet.cli.energy_record import Pictures
from racklet.cli.options import Aim, AllSlots, BusOption, JsonOption, connect
from racklet.energyuse import EnergyUse
from racklet.errors import ExitCode, UsageError
from racklet.tariff import Tariff


def add_to(app: typer.Typer) -> None:
    app.command("energy")(energy)


def energy(
    context: typer.Context,
    slots: AllSlots = None,
    *,
    tariff: Annotated[
        float | None, typer.Option(metavar="PRICE", help="What a kilowatt-hour costs.", min=0)
    ] = None,
    currency: Annotated[
        str | None, typer.Option(metavar="EUR", help="What that is paid in.")
    ] = None,
    co2: Annotated[
        float | None, typer.Option("--co2", metavar="G", help="Grams of CO2 per kWh.", min=0)
    ] = None,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write a row a look, until Ctrl-C.")
    ] = None,
    interval: Annotated[
        float, typer.Option(help="Seconds between two looks.", min=1, max=86_400)
    ] = 10.0,
    looks: Annotated[
        int | None, typer.Option(metavar="N", help="Record so many looks, then end.", min=1)
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE.csv", help="Show what was recorded.")
    ] = None,
    plot: Annotated[bool, typer.Option("--plot", help="Draw what --from names.")] = False,
    png: Annotated[
        Path | None, typer.Option("--png", metavar="FILE", help="The same as a picture.")
    ] = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="The same as a drawing.")
    ] = None,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Show energy, loss and cost; record it; draw it.

    In is what the unit takes, out what its compute unit gets; loss is what the regulator makes
    into heat, BMC what the BMC itself takes. Energy counts from when the unit's epoch began; a
    new one begins when something may have gone uncounted. Prices may also stand in config.toml."""
    prices = Tariff.load().with_options(tariff, currency, co2)
    pictures = Pictures(plot, png, svg)
    if source is not None:
        if record is not None:
            raise UsageError("--record and --from exclude each other", hint="first record")
        energy_record.show(source, slots, prices, pictures, as_json)
        return
    if pictures:
        raise UsageError("only a record can be drawn", hint="--record FILE.csv, then --from it")
    with connect(bus, context) as rack:
        aim = Aim(slots, rack)
        if record is not None:
            done = energy_record.record(rack, aim.slots, record, interval, looks)
            if as_json:
                output.print_json({"bus": rack.bus.describe(), "file": str(record), "looks": done})
            return
        now = datetime.now(UTC)
        used = dict.fromkeys(aim.slots, EnergyUse())
        present = rack.present(aim.slots)
        used |= {slot: EnergyUse.of(rack.bmc(slot), prices, now) for slot in present}
        name = rack.bus.describe()
    if as_json:
        rows = [{"slot": slot, **use.document()} for slot, use in used.items()]
        output.print_json({"bus": name, "slots": rows})
    else:
        _print(name, used, prices)
    if set(aim.named) - set(present):
        raise typer.Exit(ExitCode.UNREACHABLE)


def _print(bus: str, used: dict[int, EnergyUse], prices: Tariff) -> None:
    columns = ["in W", "out W", "loss W", "BMC W", "in", "out", "since"]
    if prices.tariff_per_kwh is not None:
        columns.append(prices.currency)
    if prices.co2_g_per_kwh is not None:
        columns.append("g CO2")
    print(f"energy on {bus}", flush=True)
    table = output.table("slot", *columns, right=columns)
    for slot, use in used.items():
        if use.epoch is None:
            table.add_row(str(slot), *[""] * columns.index("since"), "absent", style="dim")
            continue
        cells = [output.milli(mw) for mw in (use.pin_mw, use.pout_mw, use.loss_mw, use.bmc_mw)]
        cells += [output.joules(use.epoch_energy_in_uj), output.joules(use.epoch_energy_uj)]
        cells.append("unknown" if use.since is None else f"{use.since.astimezone():%m-%d %H:%M}")
        if prices.tariff_per_kwh is not None:
            cells.append("-" if use.cost is None else f"{use.cost:.4f}")
        if prices.co2_g_per_kwh is not None:
            cells.append("-" if use.co2_g is None else f"{use.co2_g:.1f}")
        table.add_row(str(slot), *cells)
    output.show(table)
