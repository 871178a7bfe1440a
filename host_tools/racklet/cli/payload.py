"""`racklet image sign-payload`, `verify-payload` and `require-payload`: what compute units boot."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from racklet_wire.suit_manifest import SEQUENCE_MAX

from racklet.bmc import Bmc
from racklet.cli import output
from racklet.cli.key import PassphraseOption, signing_key
from racklet.cli.options import Aim, BusOption, JsonOption, OutputOption, SlotsArgument, connect
from racklet.errors import UsageError
from racklet.images import files, payload
from racklet.slots import parse_slots


class Switch(StrEnum):
    ON = "on"
    OFF = "off"


def add_to(images: typer.Typer) -> None:
    images.command("sign-payload")(sign_payload)
    images.command("verify-payload")(verify_payload)
    images.command("require-payload")(require_payload)


def sign_payload(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What a compute unit boots.")],
    *,
    key: Annotated[str, typer.Option("--key", metavar="NAME", help="A private key.")],
    family: Annotated[
        str, typer.Option("--family", metavar="NAME", help="Numbers are compared within it.")
    ],
    sequence: Annotated[
        int,
        typer.Option(
            "--sequence",
            metavar="N",
            min=1,
            max=SEQUENCE_MAX,
            help="Not below those of its family.",
        ),
    ],
    target: OutputOption,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign a payload: writes its manifest; the payload itself stays as it is."""
    measured = payload.measure(file)
    signer = signing_key(key, passphrase_file)
    files.write(target, payload.sign_payload(measured, signer, sequence, family, name=file.name))
    if as_json:
        document = {
            "file": str(target),
            "family": family,
            "sequence": sequence,
            "size": measured.size,
            "sha256": measured.sha256.hex(),
        }
        output.print_json({"payload": document})
    else:
        print(f"{target}: {file.name}, {measured.size} bytes, family {family}, number {sequence}")


def verify_payload(
    context: typer.Context,
    slot: Annotated[str, typer.Argument(metavar="SLOT", help="One slot.")],
    manifest: Annotated[Path, typer.Argument(metavar="FILE.suit", help="Its signed manifest.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The payload, to be measured.")
    ] = None,
    *,
    digest: Annotated[
        str | None,
        typer.Option("--digest", metavar="HEX", help="Its SHA-256, measured elsewhere."),
    ] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Never accept an older one of its family again.")
    ] = False,
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Let a BMC judge what its compute unit is about to boot: 0 when it is good, 1 when not.

    The BMC checks signature, family and number, and that the payload measured here is the one
    that was signed."""
    if (file is None) == (digest is None):
        raise UsageError(
            "the payload's file or its digest is needed, and not both", hint="FILE, or --digest HEX"
        )
    data = files.read(manifest)
    measured = payload.measure(file).sha256 if file else _from_hex(digest or "")
    with connect(bus, context) as rack:
        slots = parse_slots([slot], rack.slots)
        if len(slots) != 1:
            raise UsageError("one slot at a time", hint="each unit boots its own payload")
        verdict = rack.bmc(slots[0]).verify_payload(data, measured, confirm=confirm)
        name = rack.bus.describe()
    if as_json:
        row = {
            "slot": slots[0],
            "verified": True,
            "sequence": verdict.sequence,
            "confirmed": verdict.is_confirmed,
        }
        output.print_json({"bus": name, "slots": [row]})
    else:
        kept = "; older ones are refused from now on" if verdict.is_confirmed else ""
        print(f"slot {slots[0]}: payload verified, number {verdict.sequence}{kept} ({name})")


def require_payload(
    context: typer.Context,
    slots: SlotsArgument,
    switch: Annotated[
        Switch, typer.Argument(metavar="on|off", help="Whether a verdict is needed.")
    ],
    as_json: JsonOption = False,
    bus: BusOption = None,
) -> None:
    """Give power only to units whose payload was verified since they were inserted, or to all."""
    with connect(bus, context) as rack:
        aim = Aim(slots, rack)
        asked: list[Bmc] = [rack.bmc(n) for n in aim.units()]
        for bmc in asked:
            bmc.require_payload(switch is Switch.ON)
        name = rack.bus.describe()
    if as_json:
        rows = [{"slot": bmc.slot, "require_payload": switch is Switch.ON} for bmc in asked]
        output.print_json({"bus": name, "slots": rows})
    else:
        what = "only after its payload was verified" if switch is Switch.ON else "without a check"
        for bmc in asked:
            print(f"slot {bmc.slot}: power {what} ({name})")


def _from_hex(text: str) -> bytes:
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    if len(value) != 32:
        raise UsageError(f"{text!r} is no SHA-256", hint="64 hexadecimal digits, as sha256sum says")
    return value
