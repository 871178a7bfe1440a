"""Which bus a command talks to when nobody says, and where a virtual rack has its socket."""

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from racklet.errors import FileProblem

DEFAULT_I2C = "i2c:/dev/i2c-1"  # the bus on a Raspberry Pi's 40-pin header


def default_socket(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this user's virtual rack serves its bus, unless told otherwise.

    The XDG Base Directory Specification wants sockets in $XDG_RUNTIME_DIR; without it a
    folder of the user under the temporary directory stands in.
    """
    runtime = environ.get("XDG_RUNTIME_DIR")
    if runtime:
        return Path(runtime) / "racklet" / "rack.sock"
    return Path(tempfile.gettempdir()) / f"racklet-{os.getuid()}" / "rack.sock"


def sim_path(path: Path) -> Path:
    """Where the virtual rack whose bus is at `path` takes the controls of its world."""
    return path.with_name(path.name + ".sim")


def resolve_bus(option: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """The bus specification to open: the option, RACKLET_BUS, a running rack, the first I2C bus."""
    spec = option or environ.get("RACKLET_BUS")
    if spec:
        return spec
    socket = default_socket(environ)
    # A folder under /tmp that belongs to someone else is not trusted to be our rack.
    if _is_private(socket.parent) and socket.is_socket():
        return f"virtual:{socket}"
    return DEFAULT_I2C


def make_private_folder(folder: Path) -> None:
    """Make `folder` with mode 0700, or check that it is one; raises `FileProblem`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FileProblem(
            f"cannot make the folder {folder}: {error.strerror}",
            hint="name another place with --socket PATH",
        ) from None
    if not _is_private(folder):
        raise FileProblem(
            f"{folder} is open to other users",
            hint=f"it must be yours with mode 0700: chmod 700 {folder}",
        )


def _is_private(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(status.st_mode)
        and status.st_uid == os.getuid()
        and stat.S_IMODE(status.st_mode) & 0o077 == 0
    )
