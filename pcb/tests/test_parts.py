"""The parts table: complete, and an empty part number or price is refused."""

import csv
from pathlib import Path

import pytest
from racklet_pcb import parts


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
