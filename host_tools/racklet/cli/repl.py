"""`racklet repl`: the serial console of one BMC of a virtual rack, for reading its mind."""

import os
import select
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from racklet.cli import output
from racklet.cli.options import BusOption, chosen_bus
from racklet.errors import UsageError
from racklet.sim import SimClient
from racklet.slots import parse_slots

_LEAVE = "\x1d"  # Ctrl-], as in mpremote, telnet and socat
_PAUSE_S = 0.05


def add_to(app: typer.Typer) -> None:
    app.command("repl")(repl)


def repl(context: typer.Context, slot: str, bus: BusOption = None) -> None:
    """Talk to MicroPython on a BMC, for debugging.

    Ctrl-C stops the firmware, Ctrl-D restarts it, Ctrl-] leaves. Only on virtual racks; a
    real BMC has its REPL on USB: see mpremote.
    """
    spec, _ = chosen_bus(bus, context)
    client = SimClient.of_bus(spec)
    slots = parse_slots([slot], range(1, client.control("info")["slots"] + 1))
    if len(slots) != 1:
        raise UsageError("a REPL is of one slot", hint="name one, such as 3")
    output.progress(f"REPL of slot {slots[0]} on {spec}; Ctrl-] leaves")
    with _raw_terminal():
        _talk(client, slots[0])


def _talk(client: SimClient, slot: int) -> None:
    """Carry bytes both ways until Ctrl-] or the end of the input."""
    typed = ""
    while _LEAVE not in typed:
        answer = client.control("repl", slot=slot, typed=typed)
        sys.stdout.write(answer["printed"])
        sys.stdout.flush()
        typed = ""
        if select.select([sys.stdin], [], [], _PAUSE_S)[0]:
            typed = os.read(sys.stdin.fileno(), 1024).decode(errors="replace")
            if not typed:
                # Piped in: show what the last line still printed, then leave.
                sys.stdout.write(client.control("repl", slot=slot, typed="")["printed"])
                return


@contextmanager
def _raw_terminal() -> Iterator[None]:
    """Keys reach the BMC one by one, Ctrl-C included; the terminal is put back afterwards."""
    if not sys.stdin.isatty():
        yield
        return
    saved = termios.tcgetattr(sys.stdin)
    try:
        tty.setraw(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, saved)
        print()
