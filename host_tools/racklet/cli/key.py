"""`racklet key`: the keys that sign images."""

from pathlib import Path
from typing import Annotated, Any

import typer
from racklet_wire.suit_manifest import SEQUENCE_MAX

from racklet.cli import output
from racklet.cli.options import JsonOption, OutputOption, command_group
from racklet.errors import UsageError
from racklet.images import build, files, key_manifest
from racklet.keys import KeyStore, SigningKey, passphrase

app = command_group("Make, show, rotate and revoke the keys that sign images.")

PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="Its first line is the passphrase; without it the terminal is asked.",
    ),
]


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="key")


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, dot, dash.")],
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key pair. The private half is kept encrypted."""
    store = KeyStore()
    store.check_free(name)
    secret = passphrase.read(passphrase_file, prompt=f"passphrase for {name}", twice=True)
    key = SigningKey.generate()
    folder = store.add(name, key, secret)
    if as_json:
        output.print_json({"key": _document(store, name)})
    else:
        print(f"key {name}, id {key.public.id.hex()}, in {folder}")


@app.command()
def show(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="All when none.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the keys, or show the public half of those named."""
    store = KeyStore()
    documents = [_document(store, name) for name in names or store.names()]
    if as_json:
        output.print_json({"keys": documents})
    elif names:
        for document in documents:
            print(f"{document['name']}  id {document['id']}\n{document['pem']}", end="")
    elif documents:
        table = output.table("name", "id", "private half")
        for document in documents:
            table.add_row(document["name"], document["id"], "yes" if document["private"] else "no")
        output.show(table)
    else:
        print(f"no keys in {store.folder}; racklet key new NAME makes one")


BoardOption = Annotated[str, typer.Option("--board", metavar="BOARD", help="For which boards.")]
SequenceOption = Annotated[
    int,
    typer.Option(
        "--sequence", metavar="N", min=1, max=SEQUENCE_MAX, help="Higher than any before it."
    ),
]
FamilyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--family", metavar="NAME", help="Of compute payloads to accept, not the board's own."
    ),
]
DenyOption = Annotated[
    list[int] | None,
    typer.Option(
        "--deny",
        metavar="N",
        min=0,
        max=SEQUENCE_MAX,
        help="A number of firmware to refuse; in each later one, too.",
    ),
]


@app.command()
def rotate(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A key that boards trust.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Another one.")],
    *,
    board: BoardOption,
    sequence: SequenceOption,
    target: OutputOption,
    deny: DenyOption = None,
    family: FamilyOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a key manifest, signed by OLD, after which boards trust NEW as well.

    Install it, then an image signed by NEW, then revoke OLD. It takes the place of the manifest
    before it, with all that was denied and named there."""
    store = KeyStore()
    trusted = [store.public(new), store.public(old)]
    if trusted[0] == trusted[1]:
        raise UsageError(f"{old} and {new} are one key", hint="racklet key new NAME makes another")
    signer = signing_key(old, passphrase_file)
    _write_manifest(
        target,
        board,
        sequence,
        signer,
        None if as_json else f"trust {old} and {new}",
        trusted=trusted,
        revoked=[],
        denied=deny,
        families=family,
    )


@app.command()
def revoke(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Keys to refuse.")],
    *,
    key: Annotated[str, typer.Option("--key", metavar="SIGNER", help="A key that stays trusted.")],
    board: BoardOption,
    sequence: SequenceOption,
    target: OutputOption,
    trust: Annotated[
        list[str] | None, typer.Option("--trust", metavar="NAME", help="Another that stays.")
    ] = None,
    deny: DenyOption = None,
    family: FamilyOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a key manifest, signed by SIGNER, after which boards refuse what NAME signed.

    It takes the place of the manifest before it, with all that was denied and named there."""
    store = KeyStore()
    trusted = [store.public(name) for name in (key, *(trust or []))]
    revoked = [store.public(name) for name in names]
    if both := [name for name in names if store.public(name) in trusted]:
        raise UsageError(f"{both[0]} cannot be trusted and revoked", hint="sign with another key")
    signer = signing_key(key, passphrase_file)
    _write_manifest(
        target,
        board,
        sequence,
        signer,
        None if as_json else f"refuse {', '.join(names)}",
        trusted=trusted,
        revoked=revoked,
        denied=deny,
        families=family,
    )


def _write_manifest(
    target: Path, board: str, sequence: int, signer: SigningKey, what: str | None, **lists: Any
) -> None:
    """Sign and write the lists, and say `what` boards will do by them, or all of it as JSON."""
    given = {name: values or [] for name, values in lists.items()}
    data = key_manifest.sign_keys(signer, sequence, build.board_name(board), **given)
    files.write(target, data)
    if what is None:
        ids = {name: [key.id.hex() for key in given[name]] for name in ("trusted", "revoked")}
        document = {"file": str(target), "board": board, "sequence": sequence} | given | ids
        output.print_json({"key_manifest": document})
        return
    denied = ", ".join(map(str, given["denied"]))
    numbers = f"; denied numbers: {denied}" if denied else ""
    print(f"{target}: boards {board} will {what}{numbers}; racklet update installs it")


def _document(store: KeyStore, name: str) -> dict[str, Any]:
    public = store.public(name)
    return {
        "name": name,
        "id": public.id.hex(),
        "public_key": public.raw.hex(),
        "private": store.has_private(name),
        "pem": public.pem().decode(),
    }


def signing_key(name: str, passphrase_file: Path | None) -> SigningKey:
    """A private key, opened."""
    pem, shown = KeyStore().private_pem(name)
    secret = None
    if b"ENCRYPTED" in pem:
        secret = passphrase.read(passphrase_file, prompt=f"passphrase for {shown}")
    return SigningKey.from_pem(pem, secret, shown)
