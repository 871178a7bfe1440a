"""ROMFS images against MicroPython's own reader and writer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpremote.romfs import VfsRomWriter  # type: ignore[import-untyped]
from racklet.errors import FileProblem
from racklet.images import romfs

MICROPYTHON = os.environ.get("RACKLET_MICROPYTHON") or str(
    Path(sys.executable).parent / "micropython"
)
NAMES = st.text("abcxyz_.0", min_size=1, max_size=12)
TREES = st.recursive(
    st.binary(max_size=300),
    lambda inner: st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
).filter(lambda tree: isinstance(tree, dict))


def by_mpremote(tree: romfs.Tree) -> bytes:
    """The same image by the writer that comes with MicroPython."""
    writer = VfsRomWriter()

    def add(folder: romfs.Tree) -> None:
        for name, content in sorted(folder.items()):
            if isinstance(content, bytes):
                writer.mkfile(name, content)
            else:
                writer.opendir(name)
                add(content)
                writer.closedir()

    add(tree)
    return bytes(writer.finalise())


def flat(tree: romfs.Tree, folder: str = "") -> dict[str, bytes]:
    found = {}
    for name, content in tree.items():
        if isinstance(content, bytes):
            found[folder + name] = content
        else:
            found |= flat(content, f"{folder}{name}/")
    return found


@given(TREES)
def test_the_image_is_mpremote_s(tree: romfs.Tree) -> None:
    assert romfs.pack(tree) == by_mpremote(tree)


@given(TREES)
def test_files_are_listed(tree: romfs.Tree) -> None:
    assert dict(romfs.files(romfs.pack(tree))) == flat(tree)


@given(TREES, st.data())
def test_damage_is_said_or_seen(tree: romfs.Tree, data: st.DataObject) -> None:
    image = bytearray(romfs.pack(tree))
    image[data.draw(st.integers(0, len(image) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        list(romfs.files(bytes(image)))
    except FileProblem as error:
        assert "ROMFS" in str(error)


@pytest.mark.parametrize(
    "image", [b"", b"\xd2\xcd", b"a file", b"\xd2\xcd\x31", b"\xd2\xcd\x31\x05\x05"]
)
def test_what_is_no_image_is_said(image: bytes) -> None:
    with pytest.raises(FileProblem):
        list(romfs.files(image))


def test_micropython_mounts_it(tmp_path: Path) -> None:
    tree: romfs.Tree = {
        "a.py": b"ANSWER = 6 * 7\n",
        "p": {"__init__.py": b"", "b.txt": bytes(range(256))},
    }
    (tmp_path / "x.romfs").write_bytes(romfs.pack(tree))
    script = (
        "import os, sys, vfs\n"
        f"vfs.mount(vfs.VfsRom(open('{tmp_path}/x.romfs', 'rb').read()), '/slot')\n"
        "sys.path[:] = ['/slot']\n"
        "import a\n"
        "print(sorted(os.listdir('/slot')), a.ANSWER, open('/slot/p/b.txt', 'rb').read().hex())\n"
    )
    run = subprocess.run([MICROPYTHON, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == f"['a.py', 'p'] 42 {bytes(range(256)).hex()}\n"
