"""`racklet identify`: who answers in a slot, and what it speaks."""

import typer

from racklet.cli import output
from racklet.cli.options import Aim, BusOption, JsonOption, SlotsArgument, connect
from racklet.records import Identity, plain


def add_to(app: typer.Typer) -> None:
    app.command("identify")(identify)


def identify(
    context: typer.Context,
    slots: SlotsArgument,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Show board, serial and firmware of a BMC."""
    with connect(bus, context) as rack:
        aim = Aim(slots, rack)
        asked = aim.named or rack.present(aim.slots)
        found = {slot: rack.bmc(slot).identify() for slot in asked}
        name = rack.bus.describe()
    if as_json:
        rows = [plain(identity) | {"slot": slot} for slot, identity in found.items()]
        output.print_json({"bus": name, "slots": rows})
        return
    print(f"on {name}")
    for slot, identity in found.items():
        for label, value in _lines(identity):
            print(f"slot {slot}  {label:<11} {value}")


def _lines(identity: Identity) -> list[tuple[str, str]]:
    modes = {
        "developer mode: nothing is verified": identity.is_developer,
        "recovery service: no good image": identity.is_recovery,
        "image on trial": identity.is_trial,
        "starting": identity.is_starting,
        "signed with a development key": identity.is_development_key,
    }
    return [
        ("board", identity.board),
        ("serial", identity.serial),
        ("firmware", f"{identity.version} (build {identity.build})"),
        ("protocol", f"{identity.protocol_min} to {identity.protocol_current}"),
        ("generation", f"{identity.generation} boots"),
        ("mode", ", ".join(m for m, is_so in modes.items() if is_so) or "normal"),
    ]
