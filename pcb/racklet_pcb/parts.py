"""The parts table `pcb/parts.csv`: one row for each thing that is bought.

Columns: key (name in the circuit), value (text in the schematic), symbol, footprint,
manufacturer, mpn, second_source, price_5 and price_100 (for one piece, when 5 or 100 are bought),
currency, date and source of the price (`estimate` when nobody could be asked), verify (what to
check before ordering), settled (what was read, and where). A row with the mpn `-` is bare
copper: bought with the board, price 0.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "parts.csv"
COPPER = "-"


class PartsError(ValueError):
    """A row of the parts table is not usable."""


@dataclass(frozen=True)
class PartType:
    key: str
    value: str
    symbol: str
    footprint: str
    manufacturer: str
    mpn: str
    second_source: str
    price_5: float
    price_100: float
    currency: str
    date: str
    source: str
    verify: str
    settled: str


def load(path: Path = TABLE) -> dict[str, PartType]:
    """All rows by key. Raises PartsError naming row and column when one is empty or wrong."""
    types: dict[str, PartType] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            where = f"{path.name} line {line} ({row.get('key')})"
            for column in ("key", "value", "symbol", "footprint", "mpn", "price_5", "source"):
                if not (row.get(column) or "").strip():
                    raise PartsError(f"{where}: column {column} is empty")
            if row["key"] in types:
                raise PartsError(f"{where}: key used twice")
            if row["mpn"] != COPPER and not (row["manufacturer"] and row["date"]):
                raise PartsError(f"{where}: manufacturer or date is empty")
            try:
                prices = float(row["price_5"]), float(row["price_100"])
            except ValueError as error:
                raise PartsError(f"{where}: {error}") from None
            if (min(prices) <= 0) != (row["mpn"] == COPPER):
                raise PartsError(f"{where}: a price of {min(prices)} cannot be")
            types[row["key"]] = PartType(
                **{**row, "price_5": prices[0], "price_100": prices[1]}  # type: ignore[arg-type]
            )
    return types
