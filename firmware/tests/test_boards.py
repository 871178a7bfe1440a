"""Every board table is made of literals and agrees with itself."""

import ast
from pathlib import Path

import pytest

BOARDS = Path(__file__).parents[2] / "boards"
TABLES = sorted(BOARDS.glob("*/board.py"))


def literals(path: Path) -> dict[str, object]:
    """The assignments of a board table, evaluated as literals only."""
    return {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.parent.name)
def test_no_two_nets_share_a_pin(path: Path) -> None:
    pins = literals(path)["PINS"]
    assert isinstance(pins, dict)
    assert len(set(pins.values())) == len(pins)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.parent.name)
def test_flash_regions_are_whole_sectors_and_do_not_overlap(path: Path) -> None:
    flash = literals(path)["FLASH"]
    assert isinstance(flash, dict)
    end = 0
    for start, size in sorted(region for name, region in flash.items() if name != "size"):
        assert start >= end
        assert start % 4096 == size % 4096 == 0
        end = start + size
    assert end <= flash["size"]
