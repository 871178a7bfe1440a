"""`racklet name`: what a unit is called."""

from typing import Annotated

import typer

from racklet.cli import output
from racklet.cli.options import NO_UNIT, Aim, BusOption, JsonOption, connect
from racklet.errors import UsageError
from racklet.unit_name import check_name


def add_to(app: typer.Typer) -> None:
    app.command("name")(name)


def name(
    context: typer.Context,
    slot: Annotated[str, typer.Argument(help="One slot, 1-5 or all when no text is given.")],
    text: Annotated[
        str | None, typer.Argument(help="The new name, 16 ASCII characters at most; '' for none.")
    ] = None,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Show or set the name of a unit, which its BMC keeps and takes along to another slot."""
    if text is not None:
        check_name(text)
    with connect(bus, context) as rack:
        aim = Aim([slot], rack)
        asked = aim.there()
        if text is not None:
            if len(asked) != 1:
                raise UsageError("a name is for one unit", hint="say one slot, such as 3")
            rack.bmc(asked[0]).set_name(text)
        names = {number: rack.bmc(number).name() for number in asked}
        where = rack.bus.describe()
    if as_json:
        rows = [{"slot": number, "name": found} for number, found in names.items()]
        output.print_json({"bus": where, "slots": rows})
        return
    if not names:
        print(f"{NO_UNIT} ({where})")
    for number, found in names.items():
        print(f"slot {number}: {found or '(no name)'} ({where})")
