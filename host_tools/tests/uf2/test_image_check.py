"""The image check finds what must not ship."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from racklet.images import romfs
from racklet_uf2 import REPOSITORY, factory, image_check, uf2
from racklet_uf2.build import flash_map
from racklet_uf2.image_check import complaints, frozen, slot_complaints
from racklet_uf2.manifest import wanted

PROJECT = {"_boot.py", "board.py", "racklet_wire/pec.py"}


def image(*names: str) -> bytes:
    """A firmware image as far as the check looks: its table of frozen names between code."""
    return b"\xff\x00code" + b"\0" + b"".join(n.encode() + b"\0" for n in names) + b"\0\x10\x20"


def test_an_image_of_just_the_manifest_passes() -> None:
    names = image("rp2.py", "asyncio/core.py", *PROJECT)
    assert complaints(names, PROJECT) == []
    assert frozen(names) == PROJECT | {"rp2.py", "asyncio/core.py"}


def test_a_missing_module_is_named() -> None:
    found = complaints(image("_boot.py", "board.py"), PROJECT)
    assert found == ["racklet_wire/pec.py is in the manifest but not frozen"]


def test_a_stranger_is_named() -> None:
    found = complaints(image(*PROJECT, "extra.py"), PROJECT)
    assert found == ["extra.py is frozen but not in the manifest"]


def test_a_fake_is_refused_even_when_the_manifest_lists_it() -> None:
    for name in ("racklet_bmc/fake_i2c.py", "racklet_plant/world.py", "test_power.py"):
        found = complaints(image(*PROJECT, name), PROJECT | {name})
        assert found == [f"{name} has no place in a firmware image"]


def test_another_image_is_not_mistaken_for_ours() -> None:
    assert complaints(b"\x7fELF" * 100, PROJECT)


def test_machine_code_off_its_words_is_found() -> None:
    code = b"\x00\x49\x8f\x44\x7e\xfe\xff\xff"
    assert complaints(code + image(*PROJECT), PROJECT) == []
    (found,) = complaints(b"\x00\xbf" + code + image(*PROJECT), PROJECT)
    assert "0x2 jumps astray" in found


def test_the_manifest_is_read_as_micropython_reads_it(tmp_path: Path) -> None:
    for name in ("fw/one.py", "fw/pack/__init__.py", "fw/pack/sub/two.py", "b/board.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    manifest = tmp_path / "fw" / "manifest.py"
    manifest.write_text(
        'freeze("$(PORT_DIR)/modules", "rp2.py")\ninclude("$(MPY_DIR)/extmod/asyncio")\n'
        'freeze(".", "one.py")\npackage("pack")\nfreeze_mpy("../out", "names.mpy")\n'
        'freeze("$(BOARD_DIR)", ("board.py",))\n'
    )
    assert wanted(manifest, tmp_path / "b") == {
        *("one.py", "pack/__init__.py", "pack/sub/two.py", "names.py", "board.py")
    }


APPLICATION = {"racklet_bmc/app.mpy", "racklet_bmc/services/power.mpy"}


def slot(*names: str) -> bytes:
    tree: dict[str, romfs.Tree | bytes] = {"image.json": b"{}"}
    for name in names:
        inside = tree
        *folders, file = name.split("/")
        for folder in folders:
            inside = inside.setdefault(folder, {})  # type: ignore[assignment]
        inside[file] = b"code"
    return romfs.pack(tree)


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (APPLICATION, []),
        (APPLICATION - {"racklet_bmc/app.mpy"}, ["racklet_bmc/app.mpy is not in slot A"]),
        (APPLICATION | {"more.mpy"}, ["more.mpy in slot A has no source"]),
    ],
)
def test_slot_a_holds_just_the_application(names: set[str], complaint: list[str]) -> None:
    assert slot_complaints(slot(*names) + b"\xff" * 9, APPLICATION) == complaint


def test_a_fake_in_slot_a_is_refused_even_with_a_source() -> None:
    names = APPLICATION | {"racklet_bmc/debug.mpy"}
    assert slot_complaints(slot(*names), names) == [
        "racklet_bmc/debug.mpy has no place in a firmware image"
    ]


def test_a_slot_without_an_image_is_told() -> None:
    assert slot_complaints(b"\xff" * 4096, APPLICATION) == ["slot A: not a ROMFS image"]


BOARD = "bmc_rp2040_r1"


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Write both UF2s of a board as a build would, and run the command."""
    output = tmp_path / "build"
    output.mkdir()
    shutil.copytree(REPOSITORY / "boards" / BOARD, tmp_path / "boards" / BOARD)
    for file in ("main.py", "racklet_bmc/app.py", "racklet_bmc/services/power.py"):
        (tmp_path / "firmware" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "firmware" / file).touch()
    (tmp_path / "firmware" / "manifest.py").write_text(
        'freeze(".", "main.py")\nfreeze("$(BOARD_DIR)", "board.py")\nfreeze(".", "_boot.py")\n'
    )
    for module in (image_check, factory):
        monkeypatch.setattr(module, "OUTPUT", output)
        monkeypatch.setattr(module, "REPOSITORY", tmp_path)
    monkeypatch.setattr(sys, "argv", ["image_check", BOARD])
    base = image("_boot.py", "main.py", "board.py")

    def run(base: bytes = base, shipped: bytes = base, payload: bytes = slot(*APPLICATION)) -> int:
        segment, _ = flash_map(BOARD)["romfs"]
        (output / f"{BOARD}.uf2").write_bytes(uf2.wrap(base))
        pieces = [(0, shipped), (segment + 8192, payload)]
        (output / f"{BOARD}-factory.uf2").write_bytes(uf2.wrap_pieces(pieces))
        return image_check.main()

    return run


def test_the_command_passes_what_was_built(built: Callable[..., int]) -> None:
    assert built() == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"base": image("_boot.py", "board.py")}, "main.py is in the manifest but not frozen"),
        ({"shipped": image("_boot.py", "extra.py")}, "another base"),
        ({"payload": slot("racklet_bmc/app.mpy")}, "power.mpy is not in slot A"),
    ],
)
def test_the_command_fails_for_either_file(
    built: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    change: dict[str, bytes],
    reason: str,
) -> None:
    assert built(**change) == 1
    assert reason in capsys.readouterr().err


def test_the_command_fails_without_a_uf2_and_with_another_file(
    built: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    built()
    for damage, reason in ((b"noise", "whole blocks"), (None, "say make firmware")):
        file = tmp_path / "build" / f"{BOARD}-factory.uf2"
        file.unlink() if damage is None else file.write_bytes(damage)
        assert image_check.main() == 1
        assert reason in capsys.readouterr().err
