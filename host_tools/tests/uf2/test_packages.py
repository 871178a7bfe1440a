"""The packages of a build: the pinned bytes, or the newest that will do, and then loudly."""

import hashlib
import shutil
from pathlib import Path

import pytest
from racklet_uf2 import BuildError, packages
from racklet_uf2.packages import fetch_all, newest

pytestmark = pytest.mark.skipif(not shutil.which("dpkg"), reason="compares as Debian does")

PINNED = b"the tarball that was pinned"
PINS = f"""
[micropython]
kind = "source"
version = "1.26.1+ds-1"
sha256 = "{hashlib.sha256(PINNED).hexdigest()}"
fallback = "1.26"
below = "2"
"""


class Archive:
    """apt as far as it is asked: what Debian offers, and the bytes that come."""

    def __init__(self, offered: dict[str, bytes]) -> None:
        self.offered = offered
        self.asked = 0

    def versions(self, _name: str, _kind: str) -> list[str]:
        self.asked += 1
        return list(self.offered)

    def download(self, name: str, version: str, _kind: str, folder: Path) -> Path:
        file = folder / f"{name}_{version}.orig.tar.xz"
        file.write_bytes(self.offered[version])
        return file


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    (tmp_path / "sources.toml").write_text(PINS)
    made = Archive({"1.25.0+ds-1": b"old", "1.26.1+ds-1": PINNED})
    monkeypatch.setattr(packages, "__file__", str(tmp_path / "packages.py"))
    monkeypatch.setattr(packages, "_Apt", lambda _root: made)
    return made


def test_the_pinned_bytes_are_fetched_once(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = fetch_all(tmp_path)["micropython"]
    assert first.read_bytes() == PINNED
    assert fetch_all(tmp_path)["micropython"] == first
    assert archive.asked == 1
    assert capsys.readouterr().err == ""


def test_other_bytes_of_the_pinned_version_are_refused_every_time(
    archive: Archive, tmp_path: Path
) -> None:
    archive.offered["1.26.1+ds-1"] = b"something else"
    for _ in range(2):
        with pytest.raises(BuildError, match="not the file that was pinned"):
            fetch_all(tmp_path)


def test_a_newer_one_takes_the_place_of_a_pin_that_is_gone_and_says_so(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive.offered = {"1.25.0+ds-1": b"old", "1.27.0+ds-1": b"new", "1.28.0+ds-2": b"newest"}
    assert fetch_all(tmp_path)["micropython"].read_bytes() == b"newest"
    said = capsys.readouterr().err
    assert "*** micropython 1.26.1+ds-1 is gone from Debian" in said
    assert "1.28.0+ds-2" in said
    assert "MICROPYTHON=path/to/checkout" in said


def test_without_any_that_will_do_a_checkout_is_named(archive: Archive, tmp_path: Path) -> None:
    archive.offered = {"1.25.0+ds-1": b"old"}
    with pytest.raises(BuildError, match=r"no micropython from 1\.26 on.*MICROPYTHON=path"):
        fetch_all(tmp_path)


def test_the_newest_from_the_fallback_on_is_taken() -> None:
    offered = ["1.25.0+ds-1", "1.26.1+ds-1", "1.9.4-1", "1.28.0+ds-2"]
    assert newest(offered, "1.26", "2") == "1.28.0+ds-2"


def test_what_is_too_old_or_too_new_is_not() -> None:
    assert newest(["2.28.3-1", "4.0.0-1"], "3.6", "4") is None
    assert newest([], "1.26", "2") is None
