"""Where a passphrase comes from: the terminal or a file, never an argument."""

import getpass
import sys
from pathlib import Path

from racklet.errors import FileProblem, UsageError


def read(file: Path | None, *, prompt: str, twice: bool = False) -> bytes:
    """The passphrase: the first line of `file`, or typed at the terminal (twice for a new
    key). UsageError when there is neither."""
    if file is not None:
        try:
            first = file.read_bytes().split(b"\n", 1)[0].rstrip(b"\r")
        except OSError as error:
            raise FileProblem(f"cannot read {file}: {error.strerror}") from error
        if not first:
            raise FileProblem(f"the first line of {file} is empty: no passphrase")
        return first
    if not sys.stdin.isatty():
        raise UsageError(
            "no terminal to ask for the passphrase", hint="name a file with --passphrase-file"
        )
    typed = getpass.getpass(f"{prompt}: ")
    if not typed:
        raise UsageError("an empty passphrase protects nothing", hint="type one")
    if twice and getpass.getpass("again: ") != typed:
        raise UsageError("the two passphrases differ", hint="try again; nothing was written")
    return typed.encode()
