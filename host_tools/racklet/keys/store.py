"""The user's keys: one folder, NAME.pem encrypted and NAME.pub, both 0600."""

import os
import re
from pathlib import Path

import platformdirs

from racklet.errors import FileProblem, UsageError
from racklet.keys.key import PublicKey, SigningKey

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class KeyStore:
    """Keys by name, NAME.pem and NAME.pub being its halves. A name with a `/` is a path instead,
    or one that only a file here has: a file that came along with an image does not take the place
    of a key that is kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or platformdirs.user_data_path("racklet", appauthor=False) / "keys"

    def names(self) -> list[str]:
        """The keys there are, private or only public ones."""
        return sorted({path.stem for path in self.folder.glob("*.p[eu][mb]")})

    def has_private(self, name: str) -> bool:
        return self._file(name, ".pem").exists()

    def check_free(self, name: str) -> None:
        """UsageError unless a new key may have this name."""
        if not _NAME.fullmatch(name) or name.endswith((".pem", ".pub")):
            raise UsageError(
                f"{name!r} is no name for a key", hint="letters, digits, dot, dash, underscore"
            )
        if self.has_private(name) or self._file(name, ".pub").exists():
            raise FileProblem(
                f"there is a key {name} already", hint="choose another name", code="exists"
            )

    def add(self, name: str, key: SigningKey, passphrase: bytes) -> Path:
        """Keep a new key, encrypted, under a free name. Returns the folder."""
        self.check_free(name)
        private = key.pem(passphrase)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(self._file(name, ".pem"), private)
            _create(self._file(name, ".pub"), key.public.pem())
        except OSError as error:
            raise FileProblem(f"cannot write to {self.folder}: {error.strerror}") from error
        return self.folder

    def private_pem(self, name: str) -> tuple[bytes, str]:
        """(PEM, what to call it) of a private key, still encrypted."""
        return self._read(name, ".pem")

    def public(self, name: str) -> PublicKey:
        """A public key, by name, `NAME.pub` or path."""
        pem, shown = self._read(name, ".pub")
        return PublicKey.from_pem(pem, shown)

    def _file(self, name: str, suffix: str) -> Path:
        return self.folder / _half(name, suffix)

    def _read(self, name: str, suffix: str) -> tuple[bytes, str]:
        kept, here = self._file(name, suffix), Path(_half(name, suffix))
        path = here if here.is_file() else Path(name)
        if "/" not in name and (kept.exists() or not path.is_file()):
            path = kept
            if not path.exists():
                raise FileProblem(
                    f"no key {name.removesuffix(suffix)} in {self.folder}",
                    hint="racklet key show lists the keys there are",
                    code="no_such_key",
                )
        try:
            return path.read_bytes(), str(path)
        except OSError as error:
            raise FileProblem(f"cannot read {path}: {error.strerror}") from error


def _half(name: str, suffix: str) -> str:
    """The file of one half of a key, whichever half is named."""
    return name.removesuffix(".pem").removesuffix(".pub") + suffix


def _create(path: Path, data: bytes) -> None:
    """A new file that only its owner may read, from its first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
