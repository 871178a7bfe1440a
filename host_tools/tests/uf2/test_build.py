"""A build goes on in the folder of the last one while what it is built from is the same."""

from pathlib import Path
from typing import Any

import pytest
from racklet_uf2 import build as module
from racklet_uf2 import names, uf2


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One board, and a MicroPython whose makefile only notes what lay in its folder."""
    board = tmp_path / "boards" / "board"
    board.mkdir(parents=True)
    (board / "mpconfigboard.cmake").touch()
    (board / "mpconfigboard.h").write_text("#define MICROPY_PY___FILE__ (1)")
    (board / "board.py").write_text("FLASH = {'firmware': (0, 4096)}")
    (tmp_path / "boards" / "rp2").mkdir()
    (tmp_path / "boards" / "rp2" / "build.cmake").touch()
    (tmp_path / "tree" / "py").mkdir(parents=True)
    (tmp_path / "tree" / "py" / "mpconfig.h").write_text(
        "#define MICROPY_VERSION_MAJOR 1\n#define MICROPY_VERSION_MINOR 26\n"
        "#define MICROPY_VERSION_MICRO 1\n"
    )
    (tmp_path / "manifest.py").write_text('freeze(".", "main.py")')

    def run(command: list[Any], _log: Path, **_environment: str) -> None:
        if command[0] == "make":
            folder = Path(command[2])
            (folder / "firmware.elf").touch()
            (folder / "firmware.bin").write_bytes(
                b"kept" if (folder / "old.o").exists() else b"new"
            )
            (folder / "old.o").touch()

    monkeypatch.setattr(module, "REPOSITORY", tmp_path)
    monkeypatch.setattr(module, "OUTPUT", tmp_path / "output")
    monkeypatch.setattr(module, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(module, "_MANIFEST", tmp_path / "manifest.py")
    monkeypatch.setattr(module, "mpy_cross", lambda tree: tree)
    monkeypatch.setattr(names, "write", lambda _board, _compiler: None)
    monkeypatch.setattr(module, "run", run)
    return tmp_path


def built_in(repository: Path) -> bytes:
    """What lay in the folder: `kept` or `new`."""
    target = module.build("board", repository / "tree")
    return uf2.unwrap(target.read_bytes()).rstrip(b"\0\xff")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("boards/board/mpconfigboard.h", "#define MICROPY_PY___FILE__ (0)"),
        ("boards/rp2/build.cmake", "set(PICO_BOARD pico)"),
        ("manifest.py", 'freeze(".", "boot.py")'),
    ],
)
def test_other_inputs_begin_anew(repository: Path, file: str, text: str) -> None:
    """Else names and frozen files that are gone would stay in the image."""
    assert built_in(repository) == b"new"
    assert built_in(repository) == b"kept"
    (repository / file).write_text(text)
    assert built_in(repository) == b"new"
    assert built_in(repository) == b"kept"
