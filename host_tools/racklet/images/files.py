"""Files in and out, with errors for people."""

import os
from pathlib import Path

from racklet.errors import FileProblem


def read(path: Path) -> bytes:
    """All of a file; FileProblem says why not."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileProblem(f"cannot read {path}: {error.strerror}") from None


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; what is none, such as /dev/stdout, gets it as it is."""
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            draft.write_bytes(data)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise FileProblem(f"cannot write {path}: {error.strerror}") from None
