"""Where the firmware and the board tables are: in the clone, or inside the installed package."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def source_root() -> Path:
    """The folder that holds `boards/` and `firmware/`. FileNotFoundError if there is none."""
    for root in (_HERE / "sources", _HERE.parents[1]):
        if (root / "boards").is_dir() and (root / "firmware").is_dir():
            return root
    raise FileNotFoundError("this installation has no boards/ and firmware/; install it again")
