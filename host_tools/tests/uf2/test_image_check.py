"""The image check finds what must not ship."""

from pathlib import Path

from racklet_uf2.image_check import complaints, frozen, wanted

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
