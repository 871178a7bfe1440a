"""`racklet energy`: what each unit has used since its counters began."""

import typer

from racklet.cli import output
from racklet.cli.options import Aim, AllSlots, BusOption, JsonOption, connect
from racklet.errors import ExitCode


def add_to(app: typer.Typer) -> None:
    app.command("energy")(energy)


def energy(
    context: typer.Context,
    slots: AllSlots = None,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Show the energy that each unit has used.

    In is all that the unit took, out what its compute unit got. It travels with the unit."""
    with connect(bus, context) as rack:
        aim = Aim(slots, rack)
        present = set(rack.present(aim.slots))
        readings = {slot: rack.bmc(slot).energy() for slot in aim.slots if slot in present}
        name = rack.bus.describe()
    if as_json:
        rows = []
        for slot in aim.slots:
            reading = readings.get(slot)
            rows.append(
                {
                    "slot": slot,
                    "energy_uj": reading and reading.out_uj,
                    "energy_in_uj": reading and reading.in_uj,
                    "epoch": reading and reading.epoch,
                }
            )
        output.print_json({"bus": name, "slots": rows})
    else:
        columns = ("in", "out", "out Wh", "epoch")
        table = output.table("slot", *columns, title=name, right=columns)
        for slot in aim.slots:
            if slot in readings:
                used = readings[slot]
                table.add_row(
                    str(slot),
                    output.joules(used.in_uj),
                    output.joules(used.out_uj),
                    f"{used.out_uj / 3.6e9:.4f}",
                    str(used.epoch),
                )
            else:
                table.add_row(str(slot), "absent", style="dim")
        output.console().print(table)
    if set(aim.named) - set(readings):
        raise typer.Exit(ExitCode.UNREACHABLE)
