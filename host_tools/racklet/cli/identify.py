"""`racklet identify`: who answers in a slot, and what it speaks."""

import typer

from racklet.cli import output
from racklet.cli.options import NO_UNIT, Aim, BusOption, JsonOption, SlotsArgument, connect
from racklet.records import BootStatus, Identity, plain


def add_to(app: typer.Typer) -> None:
    app.command("identify")(identify)


def identify(
    context: typer.Context,
    slots: SlotsArgument,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Show board, serial and firmware of a BMC, and who signed that."""
    with connect(bus, context) as rack:
        aim = Aim(slots, rack)
        bmcs = map(rack.bmc, aim.there())
        found = [(bmc.slot, bmc.identify(), bmc.boot_status()) for bmc in bmcs]
        name = rack.bus.describe()
    if as_json:
        rows = [
            plain(identity) | {"slot": slot, "boot": plain(boot)} for slot, identity, boot in found
        ]
        output.print_json({"bus": name, "slots": rows})
        return
    print(f"on {name}" if found else f"{NO_UNIT} ({name})")
    for slot, identity, boot in found:
        for label, value in _lines(identity) + _images(boot):
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


def _images(boot: BootStatus) -> list[tuple[str, str]]:
    """What was verified and what was not; nothing of it where it runs from files."""
    lines = [(f"image {slot}", f"refused: {reason}") for slot, reason in boot.refused.items()]
    if boot.running:
        runs = f"number {boot.sequence}, signed by key {boot.key_id}; it runs"
        lines.append((f"image {boot.running}", runs))
        lines.append(("takes", f"number {boot.minimum_sequence} and later"))
    if boot.last_trial:
        lines.append(("last trial", f"ended: {boot.last_trial}"))
    return lines
