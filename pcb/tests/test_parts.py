"""The parts table: complete, and an empty part number or price is refused."""

import csv
from pathlib import Path

import pytest
from racklet_pcb import bom, parts


def test_the_table_is_complete() -> None:
    types = parts.load()
    assert len(types) > 80
    for t in types.values():
        assert t.mpn == parts.COPPER or t.second_source, t.key


def edited(tmp_path: Path, **change: str) -> Path:
    with parts.TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[3].update(change)
    path = tmp_path / "parts.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"mpn": ""}, "column mpn is empty"),
        ({"price_5": ""}, "column price_5 is empty"),
        ({"price_100": "cheap"}, "could not convert"),
        ({"price_5": "0"}, "a price of 0.0 cannot be"),
        ({"source": " "}, "column source is empty"),
        ({"date": ""}, "manufacturer or date is empty"),
        ({"key": "R 27R"}, "key used twice"),
    ],
)
def test_a_bad_row_is_refused_with_its_place(
    tmp_path: Path, change: dict[str, str], says: str
) -> None:
    with pytest.raises(parts.PartsError, match=r"parts.csv line 5 .*" + says):
        parts.load(edited(tmp_path, **change))


@pytest.mark.parametrize("table", ["rack.csv", "cost_downs.csv"])
def test_a_cost_without_price_or_source_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    assert len(bom.read(table)) > 5
    lines = (bom.PCB / table).read_text().splitlines()
    (tmp_path / table).write_text("\n".join([lines[0], lines[1].rsplit(",", 1)[0] + ","]))
    monkeypatch.setattr(bom, "PCB", tmp_path)
    with pytest.raises(parts.PartsError, match=f"{table} line 2: column source is empty"):
        bom.read(table)


def test_what_costs_most_comes_first_and_what_is_guessed_says_so() -> None:
    """Of the page that is kept: writing it takes KiCad, and `make pcb-check` compares the two."""
    text = (bom.DOCS / "cost.md").read_text(encoding="utf-8")
    prices = [float(row.split("|")[5]) for row in text.splitlines() if row.startswith("| INA228")]
    assert prices == [46.80]
    assert "| **estimated total** |" in text
