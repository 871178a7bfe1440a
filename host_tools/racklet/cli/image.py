"""`racklet image`: firmware images, from the sources to the signed file."""

import uuid
from pathlib import Path
from typing import Annotated, Any

import typer
from racklet_wire import image as wire
from racklet_wire.suit_manifest import SEQUENCE_MAX

from racklet.cli import output, payload
from racklet.cli.key import PassphraseOption, signing_key
from racklet.cli.options import JsonOption, OutputOption, command_group
from racklet.errors import FileProblem, UsageError
from racklet.images import Image, build, diagnostic, envelope, files
from racklet.keys import KeyStore

app = command_group("Build, sign, verify and inspect firmware images.")

ImageArgument = Annotated[Path, typer.Argument(metavar="FILE.suit", help="A signed image.")]
_COMPONENTS = {wire.FIRMWARE: "firmware", wire.COMPUTE: "compute payload", wire.KEYS: "keys"}


def add_to(parent: typer.Typer) -> None:
    payload.add_to(app)
    parent.add_typer(app, name="image")


@app.command("build")
def build_command(
    board: Annotated[str, typer.Option("--board", metavar="BOARD", help="A folder of boards/.")],
    target: OutputOption,
    as_json: JsonOption = False,
) -> None:
    """Compile the firmware of a board and pack it as a ROMFS image."""
    built = build.build_image(board)
    files.write(target, built)
    digest = envelope.HostCrypto().sha256(built).hex()
    if as_json:
        document = {"file": str(target), "board": board, "size": len(built), "sha256": digest}
        output.print_json({"image": document})
    else:
        print(f"{target}: {len(built)} bytes for {board}, sha256 {digest}")


@app.command()
def sign(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.romfs", help="What racklet image build wrote.")
    ],
    *,
    key: Annotated[str, typer.Option("--key", metavar="NAME", help="A private key.")],
    sequence: Annotated[
        int,
        typer.Option(
            "--sequence",
            metavar="N",
            min=1,
            max=SEQUENCE_MAX,
            help="Not below what boards have.",
        ),
    ],
    target: OutputOption,
    board: Annotated[
        str | None, typer.Option("--board", help="What it is for; an image built here says so.")
    ] = None,
    slot: Annotated[str | None, typer.Option("--slot", help="Bind it to slot A or B.")] = None,
    name_key: Annotated[
        bool, typer.Option("--name-key", help="Name the key, so that a refusal can, too.")
    ] = False,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign an image. A board takes only sequence numbers that do not go down."""
    data = files.read(file)
    if envelope.is_signed(data):
        raise UsageError(f"{file} is signed already", hint="sign the .romfs that it was made of")
    name = build.about(data).get("board")
    asked = name if board is None else build.board_name(board)
    if name and asked != name:
        raise UsageError(
            f"{file} was built for {name}, not for {asked}",
            hint=f"racklet image build --board {board}",
        )
    if not asked:
        raise UsageError(f"{file} does not say for which board it is", hint="--board BOARD")
    if slot is not None and slot not in ("A", "B"):
        raise UsageError(f"no slot {slot}", hint="A or B")
    signed = envelope.sign_image(
        data,
        signing_key(key, passphrase_file),
        sequence,
        asked,
        slot=None if slot is None else "AB".index(slot),
        name_key=name_key,
    )
    files.write(target, signed)
    if as_json:
        output.print_json({"image": _document(target, envelope.read_image(signed))})
    else:
        print(f"{target}: {len(signed)} bytes for {asked}, sequence {sequence}, signed by {key}")


@app.command()
def verify(
    file: ImageArgument,
    keys: Annotated[
        list[str], typer.Option("--key", metavar="NAME.pub", help="A public key; repeatable.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Check signature and digests exactly as a board does."""
    store = KeyStore()
    found = envelope.verify_image(files.read(file), [store.public(key) for key in keys])
    if as_json:
        output.print_json({"image": _document(file, found)})
    else:
        print(f"{file}: good, sequence {found.manifest.sequence}, {_meant_for(found)}")


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An image, keys, or a manifest.")],
    as_json: JsonOption = False,
) -> None:
    """Show what an image says. Nothing is verified: `racklet image verify` does that."""
    found = envelope.read_image(data := files.read(file))
    document = _document(file, found)
    document["diagnostic"] = diagnostic.diagnose(data)
    if as_json:
        output.print_json({"image": document})
        return
    for name in ("file", "component", "board", "base", "sequence", "slot", "size", "sha256"):
        print(f"{name:<10} {'any' if document[name] is None else document[name]}")
    print(f"{'vendor':<10} {document['vendor_id']}\n{'class':<10} {document['class_id']}")
    print(f"\n{document['diagnostic']}")


def _document(file: Path, found: Image) -> dict[str, Any]:
    manifest = found.manifest
    return {
        "file": str(file),
        "component": _COMPONENTS.get(manifest.component, str(manifest.component)),
        "board": _board_of(found),
        "base": manifest.base or None,
        "sequence": manifest.sequence,
        "slot": None if manifest.slot is None else "AB"[manifest.slot : manifest.slot + 1],
        "size": manifest.size,
        "sha256": manifest.digest.hex(),
        "vendor_id": str(uuid.UUID(bytes=manifest.vendor)),
        "class_id": str(uuid.UUID(bytes=manifest.class_id)),
    }


def _board_of(found: Image) -> str | None:
    """The board whose class id the image has, among those known here."""
    try:
        names = [build.board_name(board) for board in build.boards()]
    except (FileProblem, UsageError):
        names = []
    matching = [name for name in names if envelope.class_id(name) == found.manifest.class_id]
    return matching[0] if matching else None


def _meant_for(found: Image) -> str:
    board = _board_of(found)
    return f"for {board}" if board else f"for class {uuid.UUID(bytes=found.manifest.class_id)}"
