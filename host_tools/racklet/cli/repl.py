"""`racklet repl`: the serial console of one BMC of a virtual rack, for reading its mind."""

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from racklet.cli import output
from racklet.cli.options import BusOption, connect_sim
from racklet.errors import UsageError
from racklet.sim import SimClient
from racklet.slots import parse_slots

_PAUSE_S = 0.05
_QUIET_LOOKS = 10  # without output, after the end of the input
_CTRL_C = "\x03"


def add_to(app: typer.Typer) -> None:
    app.command("repl")(repl)


def repl(context: typer.Context, slot: str, bus: BusOption = None) -> None:
    """Talk to MicroPython on a BMC, for debugging.

    Ctrl-C stops the firmware, start() runs it again, Ctrl-D leaves. Only on virtual racks; a
    real BMC has its REPL on USB: see mpremote.
    """
    spec, client = connect_sim(bus, context)
    slots = parse_slots([slot], range(1, client.control("info")["slots"] + 1))
    if len(slots) != 1:
        raise UsageError("a REPL is of one slot", hint="name one, such as 3")
    output.progress(f"REPL of slot {slots[0]} on {spec}: Ctrl-C stops the firmware, Ctrl-D leaves")
    with _typed_lines() as lines:
        _talk(client, slots[0], lines)


def _talk(client: SimClient, slot: int, lines: list[str]) -> None:
    """Carry lines there and output back, until the input ends and all is said."""
    has_ended, quiet = False, 0
    while quiet < _QUIET_LOOKS:
        printed = client.control("repl", slot=slot, typed=lines.pop(0) if lines else "")["printed"]
        sys.stdout.write(printed)
        sys.stdout.flush()
        quiet = quiet + 1 if has_ended and not printed and not lines else 0
        if lines:
            continue
        if has_ended:
            select.select([], [], [], _PAUSE_S)
        elif select.select([sys.stdin], [], [], _PAUSE_S)[0]:
            data = os.read(sys.stdin.fileno(), 65536)
            has_ended = not data
            lines += data.decode(errors="replace").splitlines()
    print()


@contextmanager
def _typed_lines() -> Iterator[list[str]]:
    """What waits to be sent. At a terminal Ctrl-C goes to the BMC instead of ending us; lines
    are edited by the terminal itself."""
    lines: list[str] = []
    if not sys.stdin.isatty():
        yield lines
        return
    old = signal.signal(signal.SIGINT, lambda _number, _frame: lines.append(_CTRL_C))
    try:
        yield lines
    finally:
        signal.signal(signal.SIGINT, old)
