"""How commands speak: text for people on stdout, progress and errors on stderr, JSON for machines.

Served: terminals and pipes, NO_COLOR, TERM=dumb, ASCII locales, 80 columns. Colour repeats
what the words already say.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from rich import box
from rich.console import Console
from rich.table import Table

from racklet.errors import RackletError

_WIDTH = 80  # columns that a table fits into, but for the longest of faults
_UNBROKEN = 1000


def is_ascii(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """True when the stream should get ASCII only.

    Python itself writes UTF-8 in the C locale (PEP 538, PEP 540), which a terminal that was
    told `LC_ALL=C` on purpose may not show; a locale that was not set at all is trusted.
    """
    named = environ.get("LC_ALL") or environ.get("LANG") or ""
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    return named in ("C", "POSIX") or not encoding.startswith("utf")


def console(stream: TextIO | None = None, **options: Any) -> Console:
    """A console on `stream` (stdout when None) that respects what its reader can show."""
    stream = sys.stdout if stream is None else stream
    if is_ascii(stream) and hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="ascii", errors="replace")  # rich then draws ASCII boxes
    return Console(file=stream, highlight=False, **options)


def table(*columns: str, title: str = "", right: Sequence[str] = ()) -> Table:
    """An empty table; the columns in `right` hold figures."""
    grid = Table(
        box=box.SIMPLE_HEAD,
        title=title or None,
        title_justify="left",
        title_style="bold",
        caption_justify="left",
        caption_style="",
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for name in columns:
        grid.add_column(name, justify="right" if name in right else "left", no_wrap=True)
    return grid


def show(grid: Table) -> None:
    """Print a table on stdout. A narrower terminal breaks its lines, so that no figure is cut."""
    console(width=_UNBROKEN).print(grid)


def can_redraw(screen: Console) -> bool:
    """Whether tables can be renewed in place there, line by line as they were printed."""
    return screen.file.isatty() and not screen.is_dumb_terminal and screen.width >= _WIDTH


def print_json(document: Mapping[str, Any], *, streaming: bool = False) -> None:
    """One JSON document on stdout: indented, or on one line of a stream and flushed."""
    indent = None if streaming else 2
    print(json.dumps(document, indent=indent, ensure_ascii=True), flush=streaming)


def progress(text: str) -> None:
    """One line about what is going on, on stderr, so that stdout stays the result."""
    print(text, file=sys.stderr, flush=True)


class StatusLine:
    """A line on stderr that is renewed in place on a terminal, and printed anew elsewhere."""

    def __init__(self) -> None:
        self.is_live = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._is_open = False

    def show(self, text: str) -> None:
        if self.is_live:
            print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)
            self._is_open = True
        else:
            progress(text)

    def end(self) -> None:
        """What comes next begins a line of its own."""
        if self._is_open:
            print(file=sys.stderr, flush=True)
            self._is_open = False


def print_error(error: RackletError) -> None:
    """The error as one line on stderr."""
    line = f"racklet: {error.message}" + (f"; {error.hint}" if error.hint else "")
    encoding = "ascii" if is_ascii(sys.stderr) else sys.stderr.encoding
    # One line without commands to the terminal, whatever a message quoted.
    line = "".join([c if c.isprintable() else ascii(c)[1:-1] for c in " ".join(line.split())])
    print(line.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)


def name_slot(error: RackletError, slot: int) -> None:
    """Begin the message with the slot, unless it names it."""
    if f"slot {slot}" not in error.message:
        error.message = f"slot {slot}: {error.message}"


# --- figures for people: integers of the small unit in, fixed decimals out ------


def milli(value: int | None, decimals: int = 2) -> str:
    """Thousandths as the whole unit: 5103 -> `5.10`; an unknown value is `-`."""
    return "-" if value is None else f"{value / 1000:.{decimals}f}"


def joules(value_uj: int | None) -> str:
    """Microjoules as J below 10 kJ and kJ above, so that a column keeps its width."""
    if value_uj is None:
        return "-"
    if value_uj < 10_000_000_000:
        return f"{value_uj / 1e6:.1f} J"
    return f"{value_uj / 1e9:.2f} kJ"


def span(ms: int) -> str:
    """A span as people read it: 4.2 s, 3 min, 5.0 h."""
    seconds = max(ms, 0) / 1000
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
