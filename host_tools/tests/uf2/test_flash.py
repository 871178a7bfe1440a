"""Flashing refuses, with the reason, before anything is written."""

import sys
from pathlib import Path

import pytest
from racklet_uf2 import BuildError, flash, uf2

IMAGE = uf2.wrap(b"code pico_breadboard\0 code")


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(flash, "OUTPUT", tmp_path)
    return tmp_path


def test_the_image_of_the_board_is_taken(output: Path) -> None:
    (output / "pico_breadboard.uf2").write_bytes(IMAGE)
    assert flash.image_of("pico_breadboard").name == "pico_breadboard.uf2"


@pytest.fixture
def drive(output: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A boot drive, and a UF2 to be copied there."""
    (output / "pico_breadboard.uf2").write_bytes(IMAGE)
    folder = output / "drive"
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text("Board-ID: RPI-RP2\n")
    monkeypatch.setenv("DRIVE", str(folder))
    return folder


@pytest.mark.parametrize(
    ("board", "file", "reason"),
    [
        ("esp32", None, "BOARD is one of"),
        ("bmc_rp2040_r1", None, "make firmware"),
        ("bmc_rp2040_r1", b"not a UF2", "whole blocks"),
        ("bmc_rp2040_r1", uf2.wrap(b"bmc_rp2040_r1\0", family=0xE48BFF59), "family"),
        ("bmc_rp2040_r1", uf2.wrap(b"pico_breadboard\0"), "another board"),
    ],
)
def test_a_wrong_image_is_refused(
    output: Path, board: str, file: bytes | None, reason: str
) -> None:
    if file is not None:
        (output / f"{board}.uf2").write_bytes(file)
    with pytest.raises(BuildError, match=reason):
        flash.image_of(board)


def test_a_missing_port_is_named() -> None:
    with pytest.raises(BuildError, match="no such port"):
        flash.ask_board("/dev/ttyACM-none", "bmc_rp2040_r1")


def test_the_drive_of_an_rp2040_is_found(tmp_path: Path) -> None:
    (tmp_path / "INFO_UF2.TXT").write_text("Model: Raspberry Pi RP2\nBoard-ID: RPI-RP2\n")
    assert flash.bootsel_drive((str(tmp_path),)) == tmp_path


def test_the_drive_of_another_chip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "INFO_UF2.TXT").write_text("Model: Raspberry Pi RP2350\nBoard-ID: RP2350\n")
    with pytest.raises(BuildError, match="nothing was written"):
        flash.bootsel_drive((str(tmp_path),))


def test_the_command_copies_the_image_to_the_drive(
    drive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["flash", "pico_breadboard"])
    assert flash.main() == 0
    assert (drive / "pico_breadboard.uf2").read_bytes() == IMAGE


def test_a_drive_that_cannot_be_written_is_named(drive: Path) -> None:
    (drive / "pico_breadboard.uf2").mkdir()
    with pytest.raises(BuildError, match="cannot be written: Is a directory"):
        flash.flash("pico_breadboard", None)


def test_a_drive_that_goes_with_the_last_block_is_none_that_failed(
    drive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_descriptor: int) -> None:
        (drive / "INFO_UF2.TXT").unlink()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fsync", gone)
    assert "copied" in flash.flash("pico_breadboard", None)


@pytest.mark.parametrize(("code", "outcome"), [(0, "loaded by picotool"), (1, "no device here")])
def test_picotool_is_used_where_no_drive_is_mounted(
    output: Path, monkeypatch: pytest.MonkeyPatch, code: int, outcome: str
) -> None:
    (output / "pico_breadboard.uf2").write_bytes(IMAGE)
    tool = output / "picotool"
    tool.write_text(f'#!/bin/sh\necho "$@" > {output}/typed\necho no device here\nexit {code}\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(output), prepend=":")
    monkeypatch.setenv("DRIVE", str(output / "no drive"))
    try:
        said = flash.flash("pico_breadboard", None)
    except BuildError as error:
        said = str(error)
    assert outcome in said
    assert (output / "typed").read_text() == f"load -x {output}/pico_breadboard.uf2\n"
