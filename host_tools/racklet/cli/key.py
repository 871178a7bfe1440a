"""`racklet key`: the keys that sign images."""

from pathlib import Path
from typing import Annotated, Any

import typer

from racklet.cli import output
from racklet.cli.options import JsonOption, command_group
from racklet.keys import KeyStore, SigningKey, passphrase

app = command_group("Make and show the keys that sign images.")

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
    name: Annotated[str, typer.Argument(metavar="NAME")],
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
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None,
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
        output.console().print(table)
    else:
        print(f"no keys in {store.folder}; racklet key new NAME makes one")


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
