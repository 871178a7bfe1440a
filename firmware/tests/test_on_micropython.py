"""Runs every firmware test file that says so under real MicroPython as well."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RUNNER = HERE / "mpy" / "run.py"
MARK = "# runs on: cpython, micropython"
MICROPYTHON = os.environ.get("RACKLET_MICROPYTHON") or str(
    Path(sys.executable).parent / "micropython"
)


def _marked() -> list[Path]:
    return [
        path for path in sorted(HERE.rglob("test_*.py")) if path.read_text().startswith(MARK + "\n")
    ]


@pytest.mark.parametrize("path", _marked(), ids=lambda path: str(path.relative_to(HERE)))
def test_file_passes_on_micropython(path: Path) -> None:
    if shutil.which(MICROPYTHON) is None:
        pytest.fail(
            f"no MicroPython at {MICROPYTHON}; RACKLET_MICROPYTHON=PATH names a Unix port, 1.26 on"
        )
    run = subprocess.run(
        [MICROPYTHON, "-X", "heapsize=8M", RUNNER, path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
