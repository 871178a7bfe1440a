"""Take Debian source packages without touching the machine's own package lists.

apt runs with a root of its own in the cache: its lists, its cache, no installed packages. It
verifies the archive's signatures; the pins of `sources.toml` say which bytes we want.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from racklet_uf2 import BuildError

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_SUITES = ("sid", "trixie")  # bookworm's own sources are too old for the RP2040's I2C target


def fetch_all(cache: Path) -> dict[str, Path]:
    """Every package of sources.toml as a file in the cache: name -> tarball or .deb."""
    pins = tomllib.loads((Path(__file__).parent / "sources.toml").read_text())
    apt = _Apt(cache / "apt")
    return {name: _fetch(name, pin, cache / "packages", apt) for name, pin in pins.items()}


def newest(offered: list[str], fallback: str, below: str) -> str | None:
    """The newest offered version from `fallback` on and below `below`, as dpkg compares."""
    best = None
    for version in offered:
        if (
            _compare(version, "ge", fallback)
            and _compare(version, "lt", below)
            and (best is None or _compare(version, "gt", best))
        ):
            best = version
    return best


def _fetch(name: str, pin: dict[str, str], folder: Path, apt: "_Apt") -> Path:
    for file in folder.glob(f"{name}/*") if folder.exists() else ():
        if _digest(file) == pin["sha256"]:
            return file
    offered = apt.versions(name, pin["kind"])
    version: str | None = pin["version"]
    if version not in offered:
        version = newest(offered, pin["fallback"], pin["below"])
        if version is None:
            raise BuildError(
                f"Debian offers no {name} from {pin['fallback']} on (offered: {offered}); "
                "say MICROPYTHON=path/to/checkout to build from a clone of MicroPython"
            )
        print(
            f"*** {name} {pin['version']} is gone from Debian: building with {version} instead.\n"
            f"*** The UF2 will differ from the released one. Renew the pin in sources.toml.\n"
            f"*** If it does not build: make firmware MICROPYTHON=path/to/checkout",
            file=sys.stderr,
        )
    target = folder / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    file = apt.download(name, version, pin["kind"], target)
    if version == pin["version"] and _digest(file) != pin["sha256"]:
        file.rename(file.with_suffix(file.suffix + ".refused"))
        raise BuildError(f"{name} {version} is not the file that was pinned (SHA-256 differs)")
    return file


class _Apt:
    """apt-get and apt-cache under a root of their own."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._updated = False

    def versions(self, name: str, kind: str) -> list[str]:
        """The versions of a package that our suites offer now."""
        self._update()
        if kind == "binary":
            rows = self._run("apt-cache", "madison", name).splitlines()
            return [row.split("|")[1].strip() for row in rows if row.endswith("Packages")]
        stanzas = self._run("apt-cache", "showsrc", "--only-source", name).splitlines()
        return [row.split()[1] for row in stanzas if row.startswith("Version: ")]

    def download(self, name: str, version: str, kind: str, folder: Path) -> Path:
        """Fetch one package into a folder; of a source package the upstream tarball."""
        if kind == "binary":
            self._run("apt-get", "download", f"{name}={version}", cwd=folder)
            return next(folder.glob("*.deb"))
        self._run(
            "apt-get", "source", "--download-only", "--tar-only", f"{name}={version}", cwd=folder
        )
        return next(file for file in folder.iterdir() if ".orig.tar." in file.name)

    def _update(self) -> None:
        if self._updated:
            return
        if not shutil.which("apt-get") or not Path(_KEYRING).exists():
            raise BuildError(
                "this machine has no apt with Debian's keyring (package debian-archive-keyring); "
                "say MICROPYTHON=path/to/checkout to build from a clone of MicroPython"
            )
        for folder in ("lists/partial", "archives/partial"):
            (self._root / folder).mkdir(parents=True, exist_ok=True)
        source = f"[signed-by={_KEYRING}] http://deb.debian.org/debian"
        rows = [f"{kind} {source} {suite} main\n" for suite in _SUITES for kind in _KINDS]
        (self._root / "sources.list").write_text("".join(rows))
        (self._root / "apt.conf").write_text(
            f'Dir::State "{self._root}";\n'
            'Dir::State::status "/dev/null";\n'
            f'Dir::Cache "{self._root}";\n'
            f'Dir::Etc::SourceList "{self._root}/sources.list";\n'
            'Dir::Etc::SourceParts "/dev/null";\n'
            'Acquire::Languages "none";\n'
            'Acquire::Retries "3";\n'
            # A mirror that lags is good enough: the bytes that we want are pinned by SHA-256.
            'Acquire::Check-Valid-Until "false";\n'
            'APT::Sandbox::User "root";\n'
        )
        self._run("apt-get", "update", "-qq")
        self._updated = True

    def _run(self, *command: str, cwd: Path | None = None) -> str:
        environment = os.environ | {"APT_CONFIG": str(self._root / "apt.conf"), "LC_ALL": "C"}
        done = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BuildError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout


_KINDS = ("deb", "deb-src")


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _compare(one: str, relation: str, other: str) -> bool:
    command = ["dpkg", "--compare-versions", one, relation, other]
    return subprocess.run(command, check=False).returncode == 0
