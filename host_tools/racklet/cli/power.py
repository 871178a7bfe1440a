"""`racklet power on|off|cycle`: returns when the measured state is reached, or says why not."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from racklet_wire.power import SHUTTING_DOWN

from racklet import uncertainty
from racklet.cli import output
from racklet.cli.options import Aim, BusOption, JsonOption, SlotsArgument, command_group, connect
from racklet.errors import RackletError
from racklet.power import PowerCommand, PowerOutcome
from racklet.rack import Rack
from racklet.records import PowerState

_NO_RAIL = {"vout_mv": None, "vout_uncertainty_mv": None}

power = command_group("Switch compute units on and off.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(power, name="power")


@power.command()
def on(
    context: typer.Context,
    slots: SlotsArgument,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Switch on, one unit after the other. A unit that is on stays as it is."""
    _run(context, PowerCommand.ON, slots, as_json, bus)


@power.command()
def off(
    context: typer.Context,
    slots: SlotsArgument,
    now: Annotated[
        bool, typer.Option("--now", help="Cut the power at once, without a shutdown.")
    ] = False,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Shut the compute unit down, then switch it off."""
    _run(context, PowerCommand.OFF if now else PowerCommand.SHUTDOWN, slots, as_json, bus)


@power.command()
def cycle(
    context: typer.Context,
    slots: SlotsArgument,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Shut down, switch off, wait until the rail is discharged, and switch on again."""
    _run(context, PowerCommand.CYCLE, slots, as_json, bus)


def _run(
    context: typer.Context,
    command: PowerCommand,
    words: Sequence[str],
    as_json: bool,
    bus: str | None,
) -> None:
    with connect(bus, context) as rack:
        aim = Aim(words, rack)
        asked = aim.units()
        ended = rack.power(command, asked, on_change=_show_change)
        _report(rack, {slot: ended[slot] for slot in asked}, as_json)


def _show_change(slot: int, state: PowerState) -> None:
    wait = ""
    if state.state == SHUTTING_DOWN:
        wait = f", waiting for the compute unit to halt (racklet power off {slot} --now forces it)"
    output.progress(f"slot {slot}: {state.state_text}{wait}")


def _report(rack: Rack, ended: dict[int, PowerOutcome | RackletError], as_json: bool) -> None:
    bus = rack.bus.describe()
    errors = [end for end in ended.values() if isinstance(end, RackletError)]
    if as_json:
        document: dict[str, Any] = {
            "bus": bus,
            "slots": [_row(rack, slot, end) for slot, end in ended.items()],
        }
        if errors:  # the first is the one that the exit code speaks of
            document |= errors[0].document()
        output.print_json(document)
    else:
        for slot, end in ended.items():
            if isinstance(end, RackletError):
                output.print_error(end)
            else:
                also = "" if end.changed else ", as before"
                print(f"slot {slot}: {end.state.state_text}, {end.state.vout_mv} mV{also} ({bus})")
    if errors:
        raise typer.Exit(int(errors[0].exit_code))


def _row(rack: Rack, slot: int, end: PowerOutcome | RackletError) -> dict[str, Any]:
    if isinstance(end, RackletError):
        return {"slot": slot, "state": None, **_NO_RAIL, "changed": None} | end.document()
    return {
        "slot": slot,
        "state": end.state.state_text,
        **uncertainty.of_rail(rack.bmc(slot), end.state),
        "changed": end.changed,
    }
