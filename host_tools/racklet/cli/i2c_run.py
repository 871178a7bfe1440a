"""`racklet i2c-run -- COMMAND`: any program that opens /dev/i2c-N, on a virtual rack."""

from typing import Annotated

import typer

from racklet import i2c_run
from racklet.cli.options import BusOption, chosen_bus


def add_to(app: typer.Typer) -> None:
    app.command("i2c-run", context_settings={"allow_interspersed_args": False})(run)


def run(
    context: typer.Context,
    command: Annotated[
        list[str], typer.Argument(metavar="COMMAND...", help="the program and its arguments")
    ],
    bus: BusOption = None,
) -> None:
    """Run a program whose /dev/i2c-N is the bus of a virtual rack.

    Every /dev/i2c-N that it opens is that bus: racklet i2c-run -- i2cdetect -y 1
    """
    spec, _ = chosen_bus(bus, context)
    i2c_run.run(command, spec)
