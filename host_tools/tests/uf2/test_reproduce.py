"""The second build is a person's: another folder, an empty cache, MICROPYTHON; bytes decide."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from racklet_uf2 import reproduce


@pytest.mark.parametrize(
    ("second", "said"),
    [(b"the same", ""), (b"others", "other bytes"), (b"", "the second build failed")],
)
def test_the_second_build_is_compared(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    second: bytes,
    said: str,
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "source.c").touch()
    (tmp_path / "board.uf2").write_bytes(b"the same")

    def build(command: list[str], env: dict[str, str], **_: Any) -> Any:
        checkout = Path(env["MICROPYTHON"])
        assert checkout != tree
        assert (checkout / "source.c").exists()
        assert not Path(env["XDG_CACHE_HOME"]).exists()
        assert command[2:] == ["racklet_uf2.build", "board"]
        (tmp_path / "board.uf2").write_bytes(second)
        return subprocess.CompletedProcess(command, 0 if second else 1)

    monkeypatch.setattr(reproduce, "OUTPUT", tmp_path)
    monkeypatch.setattr(reproduce, "source_tree", lambda: tree)
    monkeypatch.setattr(subprocess, "run", build)
    monkeypatch.setattr(sys, "argv", ["reproduce", "board"])
    assert reproduce.main() == (1 if said else 0)
    assert said in capsys.readouterr().err
