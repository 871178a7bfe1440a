"""`racklet image` and `racklet key`, as a person or a script meets them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from racklet.cli import main
from racklet.images import romfs
from racklet_wire import cbor, suit
from racklet_wire import image as wire

PAYLOAD = romfs.pack({"image.json": b'{"base": 3, "board": "virtual"}', "main.py": b"print()\n"})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with nothing yet, in a folder with a payload and a passphrase."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.romfs").write_bytes(PAYLOAD)
    (tmp_path / "pass").write_text("secret\n")
    return tmp_path


def racklet(words: str, code: int = 0) -> None:
    assert main(words.split()) == code


def signed(capsys: pytest.CaptureFixture[str]) -> None:
    racklet("key new release --passphrase-file pass")
    racklet("image sign x.romfs --key release --sequence 7 -o x.suit --passphrase-file pass")
    capsys.readouterr()


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_from_key_to_verified_image(capsys: pytest.CaptureFixture[str]) -> None:
    signed(capsys)
    racklet("image verify x.suit --key release.pub")
    assert "good, sequence 7, for virtual" in capsys.readouterr().out


def test_a_tampered_image_is_a_no_with_its_reason(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed(capsys)
    data = bytearray((folder / "x.suit").read_bytes())
    data[-1] ^= 1
    (folder / "x.suit").write_bytes(data)
    racklet("image verify x.suit --key release.pub", 1)
    assert "digest mismatch" in capsys.readouterr().err
    racklet("image verify x.suit --key release.pub --json", 1)
    assert document(capsys)["error"]["code"] == "digest_mismatch"


def test_inspect_shows_manifest_and_notation(capsys: pytest.CaptureFixture[str]) -> None:
    signed(capsys)
    racklet("image inspect x.suit")
    shown = capsys.readouterr().out
    assert "sequence   7" in shown
    assert "base       3" in shown
    assert "28: <<[2, [3]]>>" in shown
    assert '<<[20, {21: "#app"}, 21, 2, 3, 15]>>' in shown
    racklet("image inspect x.suit --json")
    found = document(capsys)["image"]
    assert (found["board"], found["sequence"], found["slot"]) == ("virtual", 7, None)
    assert found["base"] == 3
    assert found["size"] == len(PAYLOAD)


def test_keys_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    racklet("key show")
    assert "no keys" in capsys.readouterr().out
    signed(capsys)
    racklet("key show release --json")
    (key,) = document(capsys)["keys"]
    assert (key["name"], key["private"]) == ("release", True)
    assert key["pem"].startswith("-----BEGIN PUBLIC KEY-----")
    racklet("key show nobody", 2)
    assert "no key nobody" in capsys.readouterr().err


def test_a_payload_that_names_no_board_needs_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed(capsys)
    (folder / "raw").write_bytes(b"anything")
    sign = "image sign raw --key release --sequence 7 -o raw.suit --passphrase-file pass"
    racklet(sign, 2)
    assert "--board" in capsys.readouterr().err
    racklet(sign + " --board virtual --slot B")
    racklet("image inspect raw.suit --json")
    assert "B" in capsys.readouterr().out


def test_an_image_is_signed_once_and_for_its_board(capsys: pytest.CaptureFixture[str]) -> None:
    signed(capsys)
    rest = "--key release --sequence 8 -o y.suit --passphrase-file pass"
    racklet(f"image sign x.suit {rest} --board virtual", 2)
    assert "x.suit is signed already; sign the .romfs" in capsys.readouterr().err
    racklet(f"image sign x.romfs {rest} --board pico_breadboard", 2)
    assert "built for virtual, not for pico_breadboard" in capsys.readouterr().err
    racklet(f"image sign x.romfs {rest} --board virtual")


def test_a_virtual_rack_ships_firmware_for_its_boards_only(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    signed(capsys)
    (folder / "raw").write_bytes(b"anything")
    (folder / "empty").touch()
    rest = "--key release --passphrase-file pass --sequence 1"
    racklet(f"image sign raw --board pico_breadboard -o other.suit {rest}")
    racklet(f"image sign-payload raw --family virtual -o disk.suit {rest}")
    for file, code, says in (
        ("other.suit", 2, "other.suit is no firmware for a virtual rack; racklet image build"),
        ("disk.suit", 2, "disk.suit is no firmware for a virtual rack; racklet image build"),
        ("empty", 1, "no signed image"),
    ):
        racklet(f"rack --key release.pub --image {file}", code)
        assert says in capsys.readouterr().err


def test_what_is_no_image_and_what_is_cut_short_say_what_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed(capsys)
    for command in ("image verify x.romfs --key release.pub", "image inspect x.romfs"):
        racklet(command, 1)
        assert "no signed image; racklet image sign makes one" in capsys.readouterr().err
    data = (folder / "x.suit").read_bytes()
    for size in (100, len(data) - 1):
        (folder / "x.suit").write_bytes(data[:size])
        racklet("image verify x.suit --key release.pub", 1)
        assert "; copy the file again" in capsys.readouterr().err


def test_keys_are_rotated_and_revoked_by_signed_manifests(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed(capsys)
    racklet("key new next --passphrase-file pass")
    rest = "--board virtual --sequence 1 -o keys.suit --passphrase-file pass"
    racklet(f"key rotate release next {rest} --deny 2")
    racklet("image verify keys.suit --key release.pub")
    told = "boards virtual will trust release and next; denied numbers: 2; racklet update"
    assert told in capsys.readouterr().out
    racklet("image inspect keys.suit --json")
    found = document(capsys)["image"]
    assert found["component"] == "keys"
    racklet("image inspect keys.suit")
    assert "3: [2]" in capsys.readouterr().out
    racklet(f"key revoke release --key next --deny 3 {rest}")
    racklet("image verify keys.suit --key next.pub")
    capsys.readouterr()
    racklet("image inspect keys.suit")
    assert "3: [3]" in capsys.readouterr().out
    before = (folder / "keys.suit").read_bytes()
    for words, says in (
        ("revoke next --key next", "cannot be trusted and revoked"),
        ("rotate next next", "are one key"),
        ("rotate release next --deny 4294967296", "invalid value for '--deny'"),
        ("rotate release next" + " --deny 7" * 17, "more than 16"),
    ):
        racklet(f"key {words} {rest}", 2)
        assert says in capsys.readouterr().err
        assert (folder / "keys.suit").read_bytes() == before


def test_a_key_manifest_is_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    signed(capsys)
    racklet("key new next --passphrase-file pass --json")
    new = document(capsys)["key"]["id"]
    racklet("key show release --json")
    (old,) = (key["id"] for key in document(capsys)["keys"])
    rest = "--board virtual --sequence 5 -o keys.suit --passphrase-file pass --json"
    racklet(f"key rotate release next {rest} --deny 2 --family disks")
    said = {"file": "keys.suit", "board": "virtual", "sequence": 5}
    lists = {"trusted": [new, old], "revoked": [], "denied": [2], "families": ["disks"]}
    assert document(capsys) == {"key_manifest": said | lists}
    racklet(f"key revoke release --key next {rest}")
    lists = {"trusted": [new], "revoked": [old], "denied": [], "families": []}
    assert document(capsys) == {"key_manifest": said | lists}


def test_what_a_strange_file_says_is_no_command_to_the_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed(capsys)
    image = suit.split((folder / "x.suit").read_bytes())
    encoded = cbor.decode(image.manifest)
    assert isinstance(encoded, bytes)
    manifest = cbor.decode(encoded)
    assert isinstance(manifest, dict)
    manifest[20] = cbor.encode([20, {"\x1b[2J": 1}, 21, 2, 3, 15])
    (folder / "x.suit").write_bytes(suit.envelope(b"", cbor.encode(manifest), b""))
    racklet("image inspect x.suit", 1)
    said = capsys.readouterr().err
    assert "parameter \\x1b[2J" in said
    assert "\x1b" not in said


def test_an_image_goes_to_what_is_no_file_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed(capsys)
    os.mkfifo(folder / "pipe")
    ours = os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    racklet("key new next --passphrase-file pass")
    rest = "--board virtual --sequence 1 --passphrase-file pass"
    racklet(f"key rotate release next {rest} -o pipe")
    assert os.read(ours, 2) == b"\xd8\x6b"
    os.close(ours)
    assert (folder / "pipe").is_fifo()
    capsys.readouterr()
    for target in (".", "pass/keys.suit"):
        racklet(f"key rotate release next {rest} -o {target}", 2)
        assert f"cannot write {target}: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        "image verify none.suit --key release.pub",
        "image verify x.suit --key nobody.pub",
        "image inspect none.suit",
        "image sign none --key release --sequence 1 -o y --passphrase-file pass",
        "image sign x.romfs --key release --sequence 0 -o y --passphrase-file pass",
        "image sign x.romfs --key release --sequence 1 -o no/y --passphrase-file pass",
        "image sign x.romfs --key release --sequence 1 -o y --slot C --passphrase-file pass",
        "image sign x.romfs --key release --sequence 1 -o y --passphrase-file none",
        "image build --board nothing -o y",
        "key new release --passphrase-file pass",
    ],
)
def test_mistakes_are_usage_errors_and_change_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    signed(capsys)
    before = sorted(folder.rglob("*"))
    racklet(words, 2)
    assert capsys.readouterr().err.startswith("racklet: ")
    assert sorted(folder.rglob("*")) == before


def test_every_reason_of_the_wire_has_a_word() -> None:
    reasons = {value for name, value in vars(wire).items() if name.startswith("R_")}
    assert reasons == set(range(len(wire.REASON_TEXT)))
