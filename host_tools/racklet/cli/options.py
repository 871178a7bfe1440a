"""Options that commands share, and the way from a bus specification to a rack."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from racklet.bus import Clock, open_bus
from racklet.errors import Absent, NotReachable, Refused, UsageError
from racklet.rack import SLOTS, Rack
from racklet.sim import SimClient
from racklet.slots import LAST, parse_slots
from racklet.where import default_socket, resolve_bus

clock: Clock = time

NO_UNIT = "no unit is inserted"

BusOption = Annotated[
    str | None,
    typer.Option("--bus", metavar="BUS", help="virtual:PATH or i2c:/dev/i2c-N [RACKLET_BUS]"),
]
OutputOption = Annotated[
    Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write it.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
SlotsArgument = Annotated[
    list[str], typer.Argument(metavar="SLOT...", help="3, 1-5, 1,4 or all", show_default=False)
]
AllSlots = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SLOT...]", help="3, 1-5, 1,4 or all (the default)"),
]


def command_group(help_text: str) -> typer.Typer:
    """A group of commands that shows its help when none is named."""

    def show_help(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            print(context.get_help())

    group = typer.Typer(help=help_text, rich_markup_mode=None)
    group.callback(invoke_without_command=True)(show_help)
    return group


class Aim:
    """The slots a command was given. `named` are those it names one by one: when one of
    those is absent that is an error, while `all` means all that are there."""

    def __init__(self, words: Sequence[str] | None, rack: Rack) -> None:
        words = words or ["all"]
        self._rack = rack
        self.slots = parse_slots(words, rack.slots)
        self.named = [] if "all" in words else self.slots

    def there(self) -> list[int]:
        """Those named, or all that hold a unit: it may be none."""
        return self.named or self._rack.present(self.slots)

    def units(self) -> list[int]:
        """The same for what is done to them. Raises `Absent` when there is none."""
        if not (slots := self.there()):
            raise Absent(NO_UNIT, hint="insert one; racklet status shows the slots")
        return slots


YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]


def agree(question: str, yes: bool) -> None:
    """Ask before something is destroyed. Raises `Refused` when the answer is no, or when
    nobody is there to ask."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused(f"{question} Nobody is there to ask", hint="if you want that: --yes")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Refused("nothing was done", hint="answer y, or say --yes")


def chosen_bus(option: str | None, context: typer.Context) -> tuple[str, bool]:
    """The bus specification, and whether somebody named it rather than nobody."""
    # The option may also stand before the command, as in `racklet --bus BUS status`.
    option = option or context.find_root().params.get("bus")
    return resolve_bus(option), bool(option or os.environ.get("RACKLET_BUS"))


@contextmanager
def connect(option: str | None, context: typer.Context) -> Iterator[Rack]:
    """The rack on the chosen bus; closed again at the end."""
    spec, is_named = chosen_bus(option, context)
    try:
        bus = open_bus(spec)
    except NotReachable as error:
        if is_named:
            raise
        raise NotReachable(
            f"no rack found: no virtual rack runs at {default_socket()}, and {error.message}",
            hint="start one with 'racklet rack', or name a bus with --bus",
        ) from None
    try:
        yield Rack(bus, _number_of_slots(spec), clock)
    finally:
        bus.close()


def connect_sim(option: str | None, context: typer.Context) -> tuple[str, SimClient]:
    """The bus specification and the controls of the virtual rack there; refused elsewhere."""
    spec, is_named = chosen_bus(option, context)
    if not is_named and not spec.startswith("virtual:"):
        raise NotReachable(
            f"no virtual rack runs at {default_socket()}", hint="start one with 'racklet rack'"
        )
    return spec, SimClient.of_bus(spec)


def _number_of_slots(spec: str) -> int:
    """RACKLET_SLOTS, what a virtual rack says about itself, or five."""
    said = os.environ.get("RACKLET_SLOTS")
    if said:
        if not said.isascii() or not said.isdigit() or not 1 <= int(said) <= LAST:
            raise UsageError(
                f"RACKLET_SLOTS={said} is no number of slots", hint=f"a rack has 1 to {LAST}"
            )
        return int(said)
    if spec.startswith("virtual:"):
        return SimClient.of_bus(spec).slots(otherwise=SLOTS)
    return SLOTS
