"""Compute units as data: what they draw and print, from power-on to halt."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import PlantError

_FOLDER = Path(__file__).parent / "profiles"


@dataclass(frozen=True)
class Profile:
    """Currents in mA, `boot` and `halt` as steps (ms, mA), `console` as (ms, line)."""

    name: str
    idle_ma: int
    core_ma: int
    cores: int
    boot: tuple[tuple[int, int], ...]
    halt: tuple[tuple[int, int], ...]
    console: tuple[tuple[int, str], ...]


def names() -> list[str]:
    return sorted(p.stem for p in _FOLDER.glob("*.toml"))


def load_profile(profile: str | Path = "pi4b") -> Profile:
    """Read a profile by name, or from the path of a TOML file like those beside this module."""
    path = profile if isinstance(profile, Path) else _FOLDER / f"{profile}.toml"
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as e:
        raise PlantError(f"no profile {profile!r}; there are: {', '.join(names())}") from e
    except tomllib.TOMLDecodeError as e:
        raise PlantError(f"{path}: {e}") from e
    steps: dict[str, Any] = {
        key: tuple((a, b) for a, b in table.pop(key)) for key in ("boot", "halt", "console")
    }
    return Profile(**table, **steps)
