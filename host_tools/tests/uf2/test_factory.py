"""The flash of a new board: what is written, what is left alone, and whose key it trusts."""

import stat
import sys
from pathlib import Path

import pytest
from racklet.images import sign_image
from racklet.keys import SigningKey
from racklet_uf2 import BuildError, factory, uf2
from racklet_uf2.build import flash_map

BOARD = "bmc_rp2040_r1"


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(factory, "OUTPUT", tmp_path)
    monkeypatch.setattr(factory, "REPOSITORY", tmp_path)
    (tmp_path / f"{BOARD}.uf2").write_bytes(uf2.wrap(b"the base" * 512))
    return tmp_path


@pytest.fixture
def flash(output: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr(factory, "build_image", lambda _board: b"an application")
    return uf2.unwrap(factory.build(BOARD).read_bytes())


def test_the_development_key_is_made_once_and_for_its_owner_alone(output: Path) -> None:
    key = factory.development_key()
    assert factory.development_key().public == key.public
    for file in (output / "keys").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_log_energy_and_settings_are_not_in_it(flash: bytes, output: Path) -> None:
    places = flash_map(BOARD)
    file = (output / f"{BOARD}-factory.uf2").read_bytes()
    written = {
        int.from_bytes(file[at + 12 : at + 16], "little") - uf2.FLASH_BASE
        for at in range(0, len(file), 512)
    }
    for region in ("log", "energy", "settings", "littlefs"):
        start, size = places[region]
        assert not written & set(range(start, start + size)), region
    for region in ("firmware", *factory.REGIONS):
        assert places[region][0] in written


def test_slot_a_holds_the_signed_application(flash: bytes) -> None:
    start, size = flash_map(BOARD)["romfs"]
    segment = flash[start : start + size]
    assert segment[:4096] == b"\xff" * 4096  # MicroPython mounts what lies there
    assert segment[4096:4100] == b"RKS1"
    assert segment[8192 : 8192 + 14] == b"an application"


@pytest.mark.parametrize("sequence", ["abc", "-1", "1.5", "4294967296"])
def test_a_sequence_that_is_none_is_said(
    output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sequence: str
) -> None:
    monkeypatch.setattr(factory, "build_image", lambda _board: b"an application")
    monkeypatch.setenv("SEQUENCE", sequence)
    monkeypatch.setattr(sys, "argv", ["factory", BOARD])
    assert factory.main() == 1
    said = capsys.readouterr().err
    assert said.startswith("make firmware: ")
    assert sequence in said
    assert not factory.file_of(BOARD).exists()


def test_an_image_that_is_too_large_is_refused(output: Path) -> None:
    key = SigningKey.generate()
    image = sign_image(bytes(300_000), key, 1, BOARD)
    with pytest.raises(BuildError, match="larger than a slot"):
        factory.regions(BOARD, key, (image,))
