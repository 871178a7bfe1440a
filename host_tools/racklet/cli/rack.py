"""`racklet rack`: a virtual rack in the foreground, until Ctrl-C or SIGTERM."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from racklet_wire import image as wire

from racklet.cli import output
from racklet.errors import UsageError
from racklet.images import envelope, files
from racklet.keys import KeyStore
from racklet.rack import SLOTS
from racklet.slots import LAST
from racklet.where import default_socket, make_private_folder

_BOARD = "virtual"


def add_to(app: typer.Typer) -> None:
    app.command("rack")(rack)


def rack(
    socket: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Where to serve the bus.")
    ] = None,
    slots: Annotated[int, typer.Option(min=1, max=LAST, help="How many slots.")] = SLOTS,
    empty: Annotated[bool, typer.Option("--empty", help="Start with no unit inserted.")] = False,
    key: Annotated[
        str | None, typer.Option(metavar="NAME.pub", help="The public key that new units trust.")
    ] = None,
    image: Annotated[
        Path | None, typer.Option(metavar="FILE.suit", help="A signed image to boot from.")
    ] = None,
) -> None:
    """Run a virtual rack until Ctrl-C.

    Real firmware on real MicroPython, in a simulated world. Its units are inserted and off,
    unless --empty. Every other command works on it from another terminal, and racklet sim
    changes its world.

    The firmware runs from its sources, in developer mode. With --key and --image the units are
    as from a factory: slot A holds the image, and they run nothing that the key did not sign.
    """
    if image is not None and key is None:
        raise UsageError("an image needs the key that signed it", hint="add --key NAME.pub")
    trusted = KeyStore().public(key) if key else None
    shipped = files.read(image) if image else None
    if shipped is not None and trusted:
        manifest = envelope.verify_image(shipped, [trusted]).manifest
        if (manifest.component, manifest.class_id) != (wire.FIRMWARE, envelope.class_id(_BOARD)):
            raise UsageError(
                f"{image} is no firmware for a virtual rack",
                hint=f"racklet image build --board {_BOARD}",
            )
    from racklet.virtual.running import run_rack  # noqa: PLC0415 (brings the plant)

    path = default_socket() if socket is None else socket.absolute()
    if socket is None:
        make_private_folder(path.parent)
    inserted = [] if empty else list(range(1, slots + 1))

    def starting() -> None:
        output.progress(f"starting a virtual rack of {slots} slots")

    def ready() -> None:
        print(f"ready: {path}, {slots} slots", flush=True)
        words = [sys.argv[0] if "/" in sys.argv[0] else "racklet", "status"]
        if socket is not None:
            words += ["--bus", f"virtual:{path}"]
        output.progress(f"in a second terminal: {_shown(shlex.join(words))}")
        output.progress("Ctrl-C stops the rack")

    run_rack(
        path,
        slots,
        inserted,
        starting,
        ready,
        trusted_key=trusted.raw if trusted else None,
        image=shipped,
    )


def _shown(command: str) -> str:
    """The command as people would type it from where they are."""
    here = f"{Path.cwd()}/"
    return command.removeprefix(here)
