"""What a kilowatt-hour costs and emits, as its user says: options first, then the config file.

config.toml, in the user's folder for settings (~/.config/racklet on Linux):

    [energy]
    tariff_per_kwh = 0.32
    currency = "EUR"
    co2_g_per_kwh = 380
"""

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

import platformdirs

from racklet.errors import FileProblem, UsageError

_UJ_PER_KWH = 3.6e12


@dataclass(frozen=True)
class Tariff:
    """None is what nobody said."""

    tariff_per_kwh: float | None = None
    currency: str = "EUR"
    co2_g_per_kwh: float | None = None

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """From the config file; nothing known where there is none. Raises `FileProblem`."""
        path = path or config_path()
        try:
            table = tomllib.loads(path.read_text("utf-8")).get("energy", {})
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as error:
            raise FileProblem(f"cannot read {path}: {error}") from None
        return cls(**_checked(table, str(path)))

    def with_options(
        self, tariff: float | None, currency: str | None, co2: float | None
    ) -> "Tariff":
        """The same with what the command line says. Raises `UsageError`."""
        given = {"tariff_per_kwh": tariff, "currency": currency, "co2_g_per_kwh": co2}
        found = {name: value for name, value in given.items() if value is not None}
        return replace(self, **_checked(found, "the command line"))

    def cost(self, energy_uj: int) -> float | None:
        """In the currency; None without a tariff."""
        if self.tariff_per_kwh is None:
            return None
        return energy_uj / _UJ_PER_KWH * self.tariff_per_kwh

    def co2_g(self, energy_uj: int) -> float | None:
        """Grams; None when nobody said what a kilowatt-hour emits."""
        if self.co2_g_per_kwh is None:
            return None
        return energy_uj / _UJ_PER_KWH * self.co2_g_per_kwh


def config_path() -> Path:
    """Where the config file is, whether it exists or not."""
    return platformdirs.user_config_path("racklet", appauthor=False) / "config.toml"


def _checked(table: Any, where: str) -> dict[str, Any]:
    names = [field.name for field in fields(Tariff)]
    if not isinstance(table, dict):
        raise UsageError(f"{where}: [energy] is no table")
    for name, value in table.items():
        if name not in names:
            raise UsageError(f"{where}: unknown {name} in [energy]", hint=f"known: {names}")
        if name == "currency":
            good = isinstance(value, str) and value.isprintable() and 0 < len(value) <= 4
        else:
            good = type(value) in (int, float) and 0 <= value < 1e6
        if not good:
            raise UsageError(
                f"{where}: {value!r} is no {name}",
                hint="a currency has one to four letters, the others are numbers from 0",
            )
    return dict(table)
