"""`racklet factory-reset`: the settings of a BMC as they were delivered."""

from typing import Any

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
from racklet.errors import RackletError
from racklet.slots import format_slots


def add_to(app: typer.Typer) -> None:
    app.command("factory-reset")(factory_reset)


def factory_reset(
    context: typer.Context,
    slots: SlotsArgument,
    yes: YesOption = False,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Set limits and policies back to their defaults.

    Keys, the lowest image number accepted, the event log, energy and calibration stay; no
    power is switched."""
    with connect(bus, context) as rack:
        aim = Aim(slots, rack)
        asked = aim.units()
        name = rack.bus.describe()
        agree(f"Forget the settings of slot {format_slots(asked)} on {name}?", yes)
        rows: list[dict[str, Any]] = []
        errors: list[RackletError] = []
        for slot in asked:
            try:
                rack.bmc(slot).factory_reset()
            except RackletError as error:
                output.name_slot(error, slot)
                errors.append(error)
                rows.append({"slot": slot, "reset": False} | error.document())
            else:
                rows.append({"slot": slot, "reset": True})
        if as_json:
            first = errors[0].document() if errors else {}
            output.print_json({"bus": name, "slots": rows} | first)
        else:
            for row in rows:
                if row["reset"]:
                    print(f"slot {row['slot']}: settings are the defaults ({name})")
            for problem in errors:
                output.print_error(problem)
    if errors:
        raise typer.Exit(int(errors[0].exit_code))
