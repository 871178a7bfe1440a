"""How the demo is shown: a live table under scrolling events, or one plain line an event."""

import io
import re
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from racklet.cli import output
from racklet.cli.status import status_table

Rows = list[dict[str, Any]]

_STYLE = {"": "", "good": "green", "bad": "red", "chapter": "bold"}


class View(Protocol):
    """What the story needs of whoever shows it."""

    is_live: bool  # figures are worth reading all the time

    def chapter(self, title: str) -> None:
        """A new part of the story begins."""

    def event(self, at_s: float, text: str, mood: str = "") -> None:
        """Something happened, at plant time; `mood` is "", "good" or "bad"."""

    def figures(self, rows: Rows) -> None:
        """The slots, measured just now."""

    def close(self) -> None:
        """The story is over."""


class PlainView:
    """One line an event, no control codes: for pipes, logs and TERM=dumb."""

    is_live = False

    def __init__(self) -> None:
        self._console = output.console()  # picks ASCII where only ASCII is shown

    def chapter(self, title: str) -> None:
        print(f"== {title}", flush=True)

    def event(self, at_s: float, text: str, mood: str = "") -> None:
        print(f"[{at_s:7.3f} s] {text}", flush=True)

    def figures(self, rows: Rows) -> None:
        pass  # the story tells the figures that matter

    def close(self) -> None:
        pass


class LiveView:
    """Events scroll by; the table below them stays and is redrawn."""

    is_live = True

    def __init__(self, title: str) -> None:
        self._title = title
        self._live = Live(console=output.console(), auto_refresh=False, vertical_overflow="crop")
        self._live.start()

    def chapter(self, title: str) -> None:
        self._live.console.print()
        self._live.console.print(Text(title, "bold"))

    def event(self, at_s: float, text: str, mood: str = "") -> None:
        self._live.console.print(event_line(at_s, text, mood))

    def figures(self, rows: Rows) -> None:
        self._live.update(panel(self._title, rows), refresh=True)

    def close(self) -> None:
        self._live.stop()


def event_line(at_s: float, text: str, mood: str) -> Table:
    """One event for a terminal: dim time, then what happened in the colour of its mood, with
    further lines under the first."""
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column(justify="right", width=9, style="dim")
    line.add_column()
    line.add_row(f"{at_s:.2f} s", Text(text, _STYLE[mood]))
    return line


def panel(title: str, rows: Rows) -> Panel:
    """The slots in a frame, with what the whole rack takes."""
    total_mw = sum(row["pout_mw"] or 0 for row in rows)
    total_uj = sum(row["energy_uj"] or 0 for row in rows)
    table = status_table("", rows)
    table.columns[1].min_width = 20  # as wide as its longest word, so that the frame stands still
    return Panel(
        table,
        title=f"[bold]{title}[/]",
        subtitle=f"{output.milli(total_mw, 1)} W, {output.joules(total_uj)}",
        border_style="dim",
        expand=False,
        padding=(0, 1),
    )


class Picture:
    """Remembers the story and draws its most telling moment as an SVG."""

    WIDTH = 80

    def __init__(self, title: str) -> None:
        self._title = title
        self._lines: list[RenderableType] = []
        self._moment: RenderableType | None = None

    def chapter(self, title: str) -> None:
        self._lines += [Text(), Text(title, "bold")]

    def event(self, at_s: float, text: str, mood: str = "") -> None:
        self._lines.append(event_line(at_s, text, mood))

    def keep(self, rows: Rows, last: int = 14) -> None:
        """Keep this moment: the last events, and the table as it is now."""
        self._moment = Group(*self._lines[-last:], Text(), panel(self._title, rows))

    def save(self, path: Path) -> None:
        """Write the kept moment to `path`."""
        assert self._moment is not None
        console = Console(
            record=True,
            width=self.WIDTH,
            file=io.StringIO(),
            force_terminal=True,
            color_system="truecolor",
            highlight=False,
            legacy_windows=False,
        )
        console.print(self._moment)
        path.parent.mkdir(parents=True, exist_ok=True)
        svg = console.export_svg(title="racklet demo", unique_id="racklet-demo")
        # Without the web fonts that rich names: a picture should load nothing.
        path.write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL))


def choose_view(title: str) -> View:
    """Live where the output is a terminal that can redraw, else plain."""
    return LiveView(title) if output.can_redraw(output.console()) else PlainView()
