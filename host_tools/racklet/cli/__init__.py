"""The `racklet` command: the one place where errors become a line and an exit code."""

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; never a traceback for a person."""
    words = list(sys.argv[1:] if argv is None else argv)
    # Imported late, so that Ctrl-C while Python still loads modules is caught as well.
    try:
        from racklet.cli.app import run  # noqa: PLC0415

        return run(words)
    except KeyboardInterrupt:
        print("racklet: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output left, as `head` does. Python would complain once more when
        # it flushes at exit, so give it somewhere to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # 128 + SIGPIPE, what a shell shows for any filter
