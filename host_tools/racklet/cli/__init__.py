"""The `racklet` command: the one place where errors become a line and an exit code."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; never a traceback for a person."""
    words = list(sys.argv[1:] if argv is None else argv)
    _open_closed_streams()
    # Imported late, so that Ctrl-C while Python still loads modules is caught as well.
    try:
        from racklet.cli.app import run  # noqa: PLC0415

        code = run(words)
        sys.stdout.flush()  # at the end of the process nobody could catch what it raises
        return code
    except KeyboardInterrupt:
        print("racklet: interrupted", file=sys.stderr)
        return 130
    except OSError as error:  # of our streams: files and buses have errors of their own
        # What is still buffered has to go somewhere when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # its reader left, as `head` does
            return 141  # 128 + SIGPIPE, what a shell shows for any filter
        print(f"racklet: input or output failed: {error.strerror}", file=sys.stderr)
        return 2


def _open_closed_streams() -> None:
    """Python has None for a stream that is closed, as by `2>&-`; and to print, None is stdout."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 (until the end)
