"""How the demo is shown: a live table under scrolling events, or one plain line an event."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.rule import Rule
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
        self._live.console.print(event_text(at_s, text, mood))

    def figures(self, rows: Rows) -> None:
        self._live.update(Group(Rule(style="dim"), status_table(self._title, rows)), refresh=True)

    def close(self) -> None:
        self._live.stop()


def event_text(at_s: float, text: str, mood: str) -> Text:
    """One event for a terminal: dim time, then what happened in the colour of its mood."""
    return Text.assemble((f"{at_s:7.2f} s  ", "dim"), (text, _STYLE[mood]))


class Picture:
    """Remembers the story and draws its most telling moment as an SVG."""

    WIDTH = 84

    def __init__(self, title: str) -> None:
        self._title = title
        self._lines: list[Text] = []
        self._moment: Callable[[Console], None] | None = None

    def chapter(self, title: str) -> None:
        self._lines += [Text(), Text(title, "bold")]

    def event(self, at_s: float, text: str, mood: str = "") -> None:
        self._lines.append(event_text(at_s, text, mood))

    def keep(self, rows: Rows, last: int = 14) -> None:
        """Keep this moment: the last events, and the table as it is now."""
        lines, table = self._lines[-last:], status_table(self._title, rows)

        def draw(console: Console) -> None:
            for line in lines:
                console.print(line)
            console.print(Rule(style="dim"), table)

        self._moment = draw

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
        self._moment(console)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(console.export_svg(title="racklet demo", unique_id="racklet-demo"))


def choose_view(title: str) -> View:
    """Live where the output is a terminal that can redraw, else plain."""
    screen = output.console()
    is_live = screen.is_terminal and not screen.is_dumb_terminal and sys.stdout.isatty()
    return LiveView(title) if is_live else PlainView()
