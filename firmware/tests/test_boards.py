"""Every board table is made of literals, or takes them from another board, and is consistent."""

import ast
from pathlib import Path

import pytest

BOARDS = Path(__file__).parents[2] / "boards"
TABLES = sorted(BOARDS.glob("*/board.py"))


def literals(path: Path) -> dict[str, object]:
    """The assignments of a board table, evaluated as literals only."""
    found: dict[str, object] = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom):
            found |= literals(BOARDS / f"{str(node.module).replace('.', '/')}.py")
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.parent.name)
def test_a_board_is_named_as_its_folder(path: Path) -> None:
    assert literals(path)["NAME"] == path.parent.name


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
