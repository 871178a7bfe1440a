"""`racklet demo`: the whole system at work, in a minute, without hardware."""

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the picture of the running rack.")
    ] = None,
) -> None:
    """Show a virtual rack at work, in a minute.

    Insertion, power in sequence, hot-plug, a short circuit, and signed images."""
    from racklet.demo.show import show  # noqa: PLC0415 (brings the plant)

    show(svg)
