"""The command tree, and what every command shares: options, errors, exit codes."""

import os
import traceback
from importlib.metadata import version
from typing import Annotated

import typer

from racklet.cli import (
    calibrate,
    chaos,
    demo,
    energy,
    factory_reset,
    i2c_run,
    identify,
    image,
    key,
    log,
    name,
    peaks,
    power,
    rack,
    repl,
    settings,
    sim,
    status,
    update,
    waveform,
)
from racklet.cli.options import BusOption
from racklet.cli.output import print_error, print_json
from racklet.errors import ExitCode, FileProblem, Interrupted, RackletError, UsageError

app = typer.Typer(
    name="racklet",
    help="Manage a Racklet: a miniature server rack, real or virtual.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    status,
    power,
    energy,
    peaks,
    calibrate,
    log,
    waveform,
    identify,
    name,
    settings,
    demo,
    rack,
    sim,
    chaos,
    factory_reset,
    repl,
    image,
    key,
    update,
    i2c_run,
):
    command.add_to(app)

# With these, --json prints one document a line, errors included.
_STREAMING = {"--follow", "-f", "--watch", "-w"}


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    bus: BusOption = None,  # read by `options.connect`, so that it may stand before the command
    show_version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if show_version:
        print(f"racklet {version('racklet')}")
    elif context.invoked_subcommand is None:
        print(context.get_help())
    else:
        return
    raise typer.Exit


def run(words: list[str]) -> int:
    """Run one command line; errors become one line, or one JSON document with --json."""
    problem: RackletError
    try:
        code = int(app(words, prog_name="racklet", standalone_mode=False) or 0)
        if code != ExitCode.INTERRUPTED:  # what the parser makes of a KeyboardInterrupt
            return code
        problem = Interrupted("interrupted")
    except RackletError as error:
        problem = error
    except typer.TyperException as error:  # usage errors of the command line parser
        problem = UsageError(_one_line(error), hint=_help_hint(error))
    except (typer.Abort, KeyboardInterrupt):
        problem = Interrupted("interrupted")
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # what the parser makes of one
            raise end.__context__ from None
        raise
    except OSError as error:
        if error.filename is None:  # one of our streams, which `main` knows what to do about
            raise
        problem = FileProblem(f"{error.filename}: {error.strerror}")
    except Exception as error:
        if os.environ.get("RACKLET_DEBUG"):
            traceback.print_exc()
        problem = RackletError(
            f"internal error: {type(error).__name__}: {error}",
            hint="this is a bug; RACKLET_DEBUG=1 shows where, please report it",
            code="internal",
        )
    if "--json" in words:
        print_json(problem.document(), streaming=not _STREAMING.isdisjoint(words))
    else:
        print_error(problem)
    return int(problem.exit_code)


def _one_line(error: typer.TyperException) -> str:
    words = " ".join(error.format_message().split())
    return words[:1].lower() + words[1:].rstrip(".")


def _help_hint(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"see {context.command_path if context else 'racklet'} --help"
