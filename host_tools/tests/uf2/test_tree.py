"""MICROPYTHON=path builds from a checkout instead of the pinned packages."""

from pathlib import Path

import pytest
from racklet_uf2 import BuildError, tree
from racklet_uf2.build import build, micropython_version


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As git leaves it, without submodules."""

    def no_packages(_cache: Path) -> dict[str, Path]:
        raise AssertionError("packages were asked for")

    monkeypatch.setattr(tree, "fetch_all", no_packages)
    monkeypatch.setenv("MICROPYTHON", str(tmp_path))
    (tmp_path / "ports" / "rp2").mkdir(parents=True)
    (tmp_path / "py").mkdir()
    (tmp_path / "py" / "mpconfig.h").write_text(
        "#define MICROPY_VERSION_MAJOR 1\n#define MICROPY_VERSION_MINOR 27\n"
        "#define MICROPY_VERSION_MICRO 0\n"
    )
    return tmp_path


def test_a_whole_checkout_is_taken_as_it_is(checkout: Path) -> None:
    (checkout / "lib" / "pico-sdk").mkdir(parents=True)
    (checkout / "lib" / "pico-sdk" / "README.md").touch()
    assert tree.source_tree() == checkout
    assert micropython_version(checkout) == "v1.27.0"


def test_one_without_submodules_is_told_how_to_get_them(checkout: Path) -> None:
    with pytest.raises(BuildError, match="lacks its submodules; say\n.*BOARD=RPI_PICO submodules"):
        tree.source_tree()


def test_another_folder_is_none(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROPYTHON", str(checkout / "py"))
    with pytest.raises(BuildError, match="is no MicroPython checkout"):
        tree.source_tree()


def test_one_that_is_too_old_is_refused(checkout: Path) -> None:
    header = checkout / "py" / "mpconfig.h"
    header.write_text(header.read_text().replace("27", "25"))
    with pytest.raises(BuildError, match=r"is MicroPython v1\.25\.0; 1\.26 is the first"):
        build("pico_breadboard", checkout)
