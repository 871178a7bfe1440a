"""`racklet chaos`: faults on purpose, as scenarios that can be played again."""

from typing import Annotated, Any

import typer

from racklet.chaos import Played, Player, built_in, find
from racklet.cli import options, output
from racklet.cli.options import BusOption, JsonOption, chosen_bus, command_group, connect
from racklet.errors import RackletError
from racklet.sim import SimClient

chaos = command_group("Play faults on a rack, on purpose.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(chaos, name="chaos")


@chaos.command("list")
def show(as_json: JsonOption = False) -> None:
    """Show the scenarios that come with racklet."""
    scenarios = built_in().values()
    if as_json:
        rows = [
            {"name": s.name, "about": s.about, "real_rack": not s.needs_simulation}
            for s in scenarios
        ]
        output.print_json({"scenarios": rows})
        return
    width = max(len(scenario.name) for scenario in scenarios)
    for scenario in scenarios:
        print(f"{scenario.name:<{width}}  {scenario.about}")


@chaos.command()
def run(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(metavar="NAME|FILE", help="Of the list, or your own.")],
    *,
    slot: Annotated[
        int | None, typer.Option("--slot", metavar="N", help="Play in this slot.", min=1)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, on real hardware.")] = False,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Play a scenario, one line a step; 1 when the rack does not do what it expects."""
    story = find(scenario)
    if slot is not None:
        story = story.moved_to(slot)
    spec, _ = chosen_bus(bus, context)
    sim = SimClient.of_bus(spec) if spec.startswith("virtual:") else None
    with connect(bus, context) as rack:
        player = Player(rack, sim, options.clock)
        player.check(story, is_agreed=yes)
        name = rack.bus.describe()
        if not as_json:
            print(f"{story.name} on {name}: {story.about}", flush=True)
        rows: list[dict[str, Any]] = []
        document: dict[str, Any] = {"bus": name, "scenario": story.name, "steps": rows}
        total = sum(step.times for step in story.steps)
        try:
            for played in player.play(story):
                rows.append(_row(played))
                if not as_json:
                    print(_line(played, total), flush=True)
        except RackletError as error:
            if not as_json:
                raise
            output.print_json(document | error.document())
            raise typer.Exit(int(error.exit_code)) from None
        if as_json:
            output.print_json(document)


def _row(played: Played) -> dict[str, Any]:
    step = played.step
    return {
        "step": played.number,
        step.action: step.name,
        "slot": step.slot,
        "arguments": step.arguments,
        "result": played.result,
        "logged": played.logged,
    }


def _line(played: Played, total: int) -> str:
    state = played.result.get("state") if played.step.action == "power" else None
    return f"step {played.number}/{total}: {played.step.text}" + (f": {state}" if state else "")
