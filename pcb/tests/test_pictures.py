"""A picture says which board it shows."""

from pathlib import Path

import pytest
from racklet_pcb import pictures


def blank() -> bytes:
    header = b"\0\0\0\1\0\0\0\1\x08\0\0\0\0"  # 1 x 1, grey
    return pictures.SIGNATURE + pictures.chunk(b"IHDR", header) + pictures.chunk(b"IEND", b"")


def test_the_mark_is_a_chunk_of_its_own_after_the_header() -> None:
    picture = pictures.marked(blank(), "cafe")
    assert pictures.shows(picture) == "cafe"
    assert picture[12:16] == b"IHDR"
    assert picture[37:41] == b"tEXt"


def test_a_picture_without_a_mark_shows_nothing() -> None:
    assert pictures.shows(blank()) == ""
    assert pictures.shows(b"") == ""


def test_a_picture_of_another_board_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = tmp_path / "b.kicad_pcb"
    board.write_text("a board")
    monkeypatch.setattr(pictures, "FOLDER", tmp_path)
    for side in pictures.SIDES:
        picture = pictures.marked(blank(), pictures.fingerprint(board))
        (tmp_path / f"b_{side}.png").write_bytes(picture)
    assert pictures.stale("b", board) == []
    board.write_text("a moved track")
    assert len(pictures.stale("b", board)) == 2
    (tmp_path / "b_top.png").unlink()
    assert any("b_top.png" in finding for finding in pictures.stale("b", board))
