"""`racklet settings`: limits, responses, policies and times of a BMC."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from racklet.cli import output
from racklet.cli.options import NO_UNIT, Aim, BusOption, JsonOption, connect
from racklet.errors import RackletError, UsageError
from racklet.settings import Setting
from racklet.unit_name import SETTINGS as OF_THE_NAME


def add_to(app: typer.Typer) -> None:
    app.command("settings")(settings)


def settings(
    context: typer.Context,
    slot: Annotated[str, typer.Argument(metavar="SLOT", help="3, 1-5, 1,4 or all")],
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME[=VALUE]...]", help="Which to show; with a value, to set."),
    ] = None,
    *,
    until_restart: Annotated[
        bool, typer.Option("--until-restart", help="Set, but do not keep beyond the next start.")
    ] = False,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Show or set the settings of a BMC.

    Values are integers of the unit that ends the name; 0x is hexadecimal. They are in force at
    once, all or none of a unit's."""
    values = dict(_value(word) for word in words or () if "=" in word)
    names = [word.partition("=")[0] for word in words or ()]
    if len(set(names)) < len(names):
        raise UsageError("a setting is named twice", hint="say each once")
    if until_restart and not values:
        raise UsageError("--until-restart sets nothing", hint="say which, such as settle_ms=200")
    with connect(bus, context) as rack:
        aim = Aim([slot], rack)
        where = rack.bus.describe()
        found: dict[int, list[Setting]] = {}
        errors: dict[int, RackletError] = {}
        for number in aim.units() if values else aim.there():
            try:
                if values:
                    rack.bmc(number).change_settings(values, keep=not until_restart)
                found[number] = rack.bmc(number).settings(names)
            except RackletError as error:
                output.name_slot(error, number)
                errors[number] = error
    if as_json:
        rows: list[dict[str, Any]] = [
            {"slot": number, "settings": [asdict(one) for one in shown]}
            for number, shown in found.items()
        ]
        refusals = {number: problem.document() for number, problem in errors.items()}
        rows += [{"slot": number} | refusal for number, refusal in refusals.items()]
        first = next(iter(refusals.values()), {})
        output.print_json({"bus": where, "slots": rows} | first)
    else:
        for number, shown in found.items():
            _print(f"slot {number} on {where}", shown, is_whole=not names)
        for problem in errors.values():
            output.print_error(problem)
        if not (found or errors):
            print(f"{NO_UNIT} ({where})")
    if errors:
        raise typer.Exit(int(next(iter(errors.values())).exit_code))


def _value(word: str) -> tuple[str, int]:
    name, _, text = word.partition("=")
    try:
        return name, int(text, 0)
    except ValueError:
        raise UsageError(
            f"{word!r} has no value", hint="an integer, such as settle_ms=200 or 0xC0"
        ) from None


def _print(title: str, shown: list[Setting], is_whole: bool) -> None:
    figures = ("value", "default", "lowest", "highest")
    grid = output.table("setting", *figures, title=title, right=figures)
    for one in shown:
        if is_whole and one.name in OF_THE_NAME:
            continue  # racklet name shows it as a text
        text = "0x{:02X}" if one.name.endswith("_response") else "{}"
        row = (one.value, one.default, one.minimum, one.maximum)
        style = "" if one.value == one.default else "bold"
        grid.add_row(one.name, *map(text.format, row), style=style)
    output.show(grid)
