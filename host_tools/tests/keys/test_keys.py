"""Keys: as OpenSSL keeps them, encrypted, for their owner's eyes only."""

import shutil
import subprocess
from pathlib import Path

import pytest
from racklet.errors import FileProblem, Refused, UsageError
from racklet.keys import KeyStore, PublicKey, SigningKey, passphrase

# RFC 8410 section 10.3 and 10.1: a private key and its public half, as OpenSSL writes them.
RFC_8410_PRIVATE = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
"""
RFC_8410_PUBLIC = b"""-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys")


def test_rfc_8410_example_is_read_and_written() -> None:
    key = SigningKey.from_pem(RFC_8410_PRIVATE, None)
    assert key.public.pem() == RFC_8410_PUBLIC
    assert PublicKey.from_pem(RFC_8410_PUBLIC) == key.public


def test_a_new_key_is_kept_encrypted_and_private(store: KeyStore) -> None:
    key = SigningKey.generate()
    store.add("release", key, b"secret")
    pem, _ = store.private_pem("release")
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in pem
    assert SigningKey.from_pem(pem, b"secret").public == key.public
    assert store.public("release") == store.public("release.pub") == key.public
    assert [path.stat().st_mode & 0o777 for path in store.folder.iterdir()] == [0o600, 0o600]
    assert store.folder.stat().st_mode & 0o777 == 0o700
    assert store.names() == ["release"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here to read it")
def test_openssl_opens_it(store: KeyStore, tmp_path: Path) -> None:
    key = SigningKey.generate()
    store.add("release", key, b"secret")
    (tmp_path / "pass").write_text("secret\n")
    command = ["openssl", "pkey", "-in", str(store.folder / "release.pem"), "-pubout"]
    run = subprocess.run(
        [*command, "-passin", f"file:{tmp_path}/pass"], capture_output=True, check=True
    )
    assert run.stdout == key.public.pem()


def test_a_wrong_passphrase_is_refused(store: KeyStore) -> None:
    store.add("release", SigningKey.generate(), b"secret")
    pem, name = store.private_pem("release")
    with pytest.raises(Refused, match="does not open") as caught:
        SigningKey.from_pem(pem, b"guess", name)
    assert caught.value.code == "wrong_passphrase"


def test_a_key_is_never_overwritten(store: KeyStore) -> None:
    store.add("release", SigningKey.generate(), b"secret")
    before = store.private_pem("release")
    with pytest.raises(FileProblem, match="already"):
        store.add("release", SigningKey.generate(), b"other")
    assert store.private_pem("release") == before


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "-x", "a" * 65, "x.pem", "ä"])
def test_bad_names_are_refused(store: KeyStore, name: str) -> None:
    with pytest.raises(UsageError):
        store.add(name, SigningKey.generate(), b"secret")
    assert not store.folder.exists()


def test_keys_are_never_kept_without_a_passphrase(store: KeyStore) -> None:
    with pytest.raises(ValueError, match="passphrase"):
        store.add("release", SigningKey.generate(), b"")
    assert not store.folder.exists()


@pytest.mark.parametrize("pem", [b"", b"no key", RFC_8410_PRIVATE])
def test_what_is_no_public_key_is_said(tmp_path: Path, store: KeyStore, pem: bytes) -> None:
    (tmp_path / "odd.pub").write_bytes(pem)
    with pytest.raises(FileProblem, match="no Ed25519 public key"):
        store.public(str(tmp_path / "odd.pub"))


def test_a_key_that_is_not_there_is_said(store: KeyStore) -> None:
    with pytest.raises(FileProblem, match="no key nobody"):
        store.public("nobody.pub")


def test_whichever_half_is_named_the_right_one_is_read(store: KeyStore, tmp_path: Path) -> None:
    key = SigningKey.generate()
    store.add("release", key, b"secret")
    elsewhere = tmp_path / "stick"
    shutil.copytree(store.folder, elsewhere)
    for name in ("release", f"{elsewhere}/release"):
        for half in ("", ".pem", ".pub"):
            assert store.public(name + half) == key.public
            pem, _ = store.private_pem(name + half)
            assert SigningKey.from_pem(pem, b"secret").public == key.public


def test_a_file_here_does_not_take_the_place_of_a_kept_key(
    store: KeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have come along with the image that is to be verified."""
    monkeypatch.chdir(tmp_path)
    kept, brought = SigningKey.generate(), SigningKey.generate()
    (tmp_path / "release.pub").write_bytes(brought.public.pem())
    (tmp_path / "release").write_bytes(brought.pem(b"secret"))
    assert store.public("release.pub") == brought.public
    store.add("release", kept, b"secret")
    assert store.public("release.pub") == store.public("release") == kept.public
    assert SigningKey.from_pem(store.private_pem("release")[0], b"secret").public == kept.public
    assert store.public("./release.pub") == brought.public


def test_the_passphrase_is_the_first_line_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "pass"
    file.write_bytes(b"two words\r\nand more\n")
    assert passphrase.read(file, prompt="") == b"two words"
    file.write_bytes(b"\n")
    with pytest.raises(FileProblem, match="empty"):
        passphrase.read(file, prompt="")
    with pytest.raises(FileProblem, match="cannot read"):
        passphrase.read(tmp_path / "none", prompt="")


def test_without_a_terminal_a_file_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UsageError, match="no terminal"):
        passphrase.read(None, prompt="passphrase")


def test_typed_twice_it_must_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["one", "two"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: next(typed))
    with pytest.raises(UsageError, match="differ"):
        passphrase.read(None, prompt="passphrase", twice=True)
