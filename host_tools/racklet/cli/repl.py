"""`racklet repl`: the serial console of one BMC, for reading its mind."""

import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer

from racklet.cli import output
from racklet.cli.options import BusOption, connect_sim
from racklet.errors import UsageError
from racklet.serial_port import SerialRepl
from racklet.slots import parse_slots

_PAUSE_S = 0.05
_QUIET_LOOKS = 10  # without output, after the end of the input
_BUSY_LOOKS = 100  # the same, while what was piped in last may still be at work
_PROMPT_LOOKS = 200  # for the prompt after Ctrl-C
_CTRL_C = "\x03"
_PROMPTS = (">>> ", "... ")


def add_to(app: typer.Typer) -> None:
    app.command("repl")(repl)


PortOption = Annotated[
    str | None, typer.Option("--port", help="The serial port of a real board, as /dev/ttyACM0.")
]


def repl(
    context: typer.Context,
    slot: Annotated[str | None, typer.Argument(help="Of a virtual rack.")] = None,
    port: PortOption = None,
    bus: BusOption = None,
) -> None:
    """Talk to MicroPython on a BMC, for debugging.

    Ctrl-C stops the firmware, Ctrl-D leaves. On a virtual rack name the slot, and start() runs
    the firmware again; on a real board name the port of its USB.
    """
    if (slot is None) == (port is None):
        raise UsageError("say a slot of a virtual rack, or --port of a real board")
    if port is not None:
        with closing(SerialRepl(port)) as board, _typed_lines() as lines:
            output.progress(f"REPL on {port}: Ctrl-C stops the firmware, Ctrl-D leaves")
            _talk(board.exchange, lines)
        return
    spec, client = connect_sim(bus, context)
    slots = parse_slots([str(slot)], range(1, client.control("info")["slots"] + 1))
    if len(slots) != 1:
        raise UsageError("a REPL is of one slot", hint="name one, such as 3")
    output.progress(f"REPL of slot {slots[0]} on {spec}: Ctrl-C stops the firmware, Ctrl-D leaves")

    def exchange(typed: str) -> str:
        printed: str = client.control("repl", slot=slots[0], typed=typed)["printed"]
        return printed

    with _typed_lines() as lines:
        _talk(exchange, lines)


def _talk(exchange: Callable[[str], str], lines: list[str]) -> None:
    """Carry lines there and output back, until the input ends and all is said.

    What follows a Ctrl-C waits for the prompt: MicroPython drops what comes before it. So does
    the end of a piped input; a person at a terminal sees for himself, and leaves.
    """
    has_ended, is_busy, quiet, held, tail = False, False, 0, 0, ""
    patience = _QUIET_LOOKS if sys.stdin.isatty() else _BUSY_LOOKS
    while quiet < (patience if is_busy else _QUIET_LOOKS):
        typed = lines.pop(0) if lines and not held else ""
        printed = exchange(typed)
        sys.stdout.write(printed)
        sys.stdout.flush()
        if typed:
            tail, is_busy = "", True
        if typed == _CTRL_C:
            held = _PROMPT_LOOKS
        tail = (tail + printed)[-4:]
        if tail in _PROMPTS:
            held, is_busy = 0, False
        held = max(held - 1, 0)
        quiet = quiet + 1 if has_ended and not printed and not lines else 0
        if lines and not held:
            continue
        if has_ended or held:
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
