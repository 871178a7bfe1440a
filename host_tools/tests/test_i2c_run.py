"""What `i2c-run` refuses, and the environment it makes; running is for the heavy tests."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from racklet import i2c_run
from racklet.errors import MissingPart, NotReachable, UsageError


@pytest.fixture
def spec(tmp_path: Path) -> Iterator[str]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "rack.sock"))
        yield f"virtual:{tmp_path}/rack.sock"


def fake_compiler(folder: Path, script: str) -> str:
    path = folder / "cc"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_no_command(spec: str) -> None:
    with pytest.raises(UsageError):
        i2c_run.prepare([], spec)


def test_a_real_bus_needs_no_translation() -> None:
    with pytest.raises(UsageError, match="needs no translation"):
        i2c_run.prepare(["true"], "i2c:/dev/i2c-1")


def test_no_rack(tmp_path: Path) -> None:
    with pytest.raises(NotReachable) as caught:
        i2c_run.prepare(["true"], f"virtual:{tmp_path}/none")
    assert "racklet rack" in caught.value.hint


def test_no_such_program(spec: str) -> None:
    with pytest.raises(MissingPart, match="i2cnothing"):
        i2c_run.prepare(["i2cnothing"], spec)


def test_no_compiler_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(MissingPart) as caught:
        i2c_run.build(cache=tmp_path)
    assert "apt-get install gcc" in caught.value.hint


def test_a_compiler_that_fails_shows_its_first_line(tmp_path: Path) -> None:
    compiler = fake_compiler(tmp_path, "echo 'stdio.h: no such file' >&2; exit 1")
    with pytest.raises(MissingPart, match=r"stdio\.h: no such file"):
        i2c_run.build(tmp_path / "cache", compiler)
    assert not list((tmp_path / "cache").iterdir())


def test_the_library_is_built_once_and_put_before_others(
    tmp_path: Path, spec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = tmp_path / "count"
    script = f'echo run >> {count}; while [ "$1" != -o ]; do shift; done; : > "$2"'
    monkeypatch.setenv("CC", fake_compiler(tmp_path, script))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    environ = {**os.environ, "LD_PRELOAD": "other.so"}
    for _ in range(2):
        program, environment = i2c_run.prepare(["true"], spec, environ)
    assert Path(program).name == "true"
    library, other = environment["LD_PRELOAD"].split(":")
    assert Path(library).is_file()
    assert other == "other.so"
    assert environment["RACKLET_I2C_SOCKET"] == spec.partition(":")[2]
    assert count.read_text() == "run\n"
