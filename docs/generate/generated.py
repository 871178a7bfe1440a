"""Where a generator's text goes: into its file, or beside it to compare (--check)."""

import sys
from pathlib import Path


def write_or_check(file: Path, text: str) -> int:
    """The exit code; 1 when --check was given and the file is stale."""
    if "--check" not in sys.argv[1:]:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    elif not file.exists() or file.read_text() != text:
        print(f"{file} is not what its source says; run: make gen")
        return 1
    return 0
