"""MicroPython's C definitions of a board agree with its table."""

import re
import runpy
from pathlib import Path

import pytest
from racklet_uf2 import BOARDS, REPOSITORY


def _macros(board: Path) -> dict[str, str]:
    return dict(re.findall(r"#define (\w+)\s+(.+)", (board / "mpconfigboard.h").read_text()))


def _bytes(expression: str) -> int:
    kibibytes = re.fullmatch(r"\((\d+) \* 1024\)", expression)
    assert kibibytes
    return int(kibibytes[1]) * 1024


@pytest.mark.parametrize("name", BOARDS)
def test_flash_is_cut_as_the_table_says(name: str) -> None:
    board = REPOSITORY / "boards" / name
    flash = runpy.run_path(str(board / "board.py"))["FLASH"]
    macros = _macros(board)
    storage = flash["size"] - _bytes(macros["MICROPY_HW_FLASH_STORAGE_BYTES"])
    romfs = storage - _bytes(macros["MICROPY_HW_ROMFS_BYTES"])
    assert (romfs, storage - romfs) == flash["romfs"]
    assert storage == flash["log"][0]  # rp2.Flash() begins with the first ring


@pytest.mark.parametrize("name", BOARDS)
def test_the_board_calls_itself_by_its_name(name: str) -> None:
    board = REPOSITORY / "boards" / name
    assert runpy.run_path(str(board / "board.py"))["NAME"] == name
    assert _macros(board)["MICROPY_HW_USB_PRODUCT_FS_STRING"] == f'"{name}"'
