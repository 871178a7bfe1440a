"""`racklet sim`: hands in the simulated world, refused where the world is real."""

from typing import Annotated, Any

import typer

from racklet.cli import output
from racklet.cli.options import BusOption, JsonOption, SlotsArgument, command_group, connect_sim
from racklet.slots import parse_slots

sim = command_group("Change the world of a virtual rack.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(sim, name="sim")


@sim.command()
def insert(
    context: typer.Context, slots: SlotsArgument, as_json: JsonOption = False, bus: BusOption = None
) -> None:
    """Push a unit into each slot. One that is inserted already stays as it is."""
    _control(context, bus, as_json, slots, "insert")


@sim.command()
def remove(
    context: typer.Context, slots: SlotsArgument, as_json: JsonOption = False, bus: BusOption = None
) -> None:
    """Pull the unit out, whatever it is doing."""
    _control(context, bus, as_json, slots, "remove")


@sim.command()
def load(
    context: typer.Context,
    slots: SlotsArgument,
    *,
    cores: Annotated[float | None, typer.Option(help="Keep so many cores busy.", min=0)] = None,
    ma: Annotated[int | None, typer.Option("--ma", help="Draw exactly that.", min=0)] = None,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Let the compute unit work; without an option it goes back to its own ways."""
    wanted = {"cores": cores, "ma": ma}
    given = {name: value for name, value in wanted.items() if value is not None}
    _control(context, bus, as_json, slots, "load", **(given or {"cores": 0}))


@sim.command()
def short(
    context: typer.Context, slots: SlotsArgument, as_json: JsonOption = False, bus: BusOption = None
) -> None:
    """Short-circuit the 5 V rail of the unit, until released."""
    _control(context, bus, as_json, slots, "short")


@sim.command()
def release(
    context: typer.Context, slots: SlotsArgument, as_json: JsonOption = False, bus: BusOption = None
) -> None:
    """Take away short circuits, forced loads and broken parts of the unit."""
    _control(context, bus, as_json, slots, "release")


@sim.command()
def brownout(
    context: typer.Context,
    slots: SlotsArgument,
    *,
    mv: Annotated[int, typer.Option("--mv", help="Down to this.", min=0)] = 6000,
    ms: Annotated[int, typer.Option("--ms", help="For so long.", min=1)] = 50,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Let the input voltage of the slot sag for a moment."""
    _control(context, bus, as_json, slots, "brownout", mv=mv, ms=ms)


def _control(
    context: typer.Context,
    bus: str | None,
    as_json: bool,
    words: list[str],
    name: str,
    **arguments: Any,
) -> None:
    spec, client = connect_sim(bus, context)
    slots = parse_slots(words, range(1, client.control("info")["slots"] + 1))
    rows = []
    for slot in slots:
        result = client.control(name, slot=slot, **arguments)
        rows.append({"slot": slot, "control": name} | result)
        if not as_json:
            done = name if result.get("changed", True) else f"{name} changes nothing"
            print(f"slot {slot}: {done} ({spec})")
    if as_json:
        output.print_json({"bus": spec, "slots": rows})
