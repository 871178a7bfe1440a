"""The two sockets of a virtual rack in the file system: PATH for the bus, PATH.sim for controls.

A path belongs to the rack that holds the lock on PATH.lock: two racks started at the same
moment cannot both win, and what a killed rack left behind is recognised as stale.
"""

import fcntl
import os
import socket
import stat
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from racklet.errors import AlreadyRunning, FileProblem
from racklet.where import sim_path

# sockaddr_un.sun_path with its terminating zero: unix(7), macOS <sys/un.h>.
_MAX_PATH = (104 if sys.platform == "darwin" else 108) - 1
_LONGEST_SUFFIX = len(".sim")


class SocketPlace:
    """The right to serve at `path`, taken on entry and given back, files removed, on exit.

    Raises `AlreadyRunning` when a live rack has it and `FileProblem` when the path cannot be
    used at all; a stale socket is replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock_path = path.with_name(path.name + ".lock")
        self._lock: int | None = None
        self._made: list[Path] = []

    def __enter__(self) -> "SocketPlace":
        longest = _MAX_PATH - _LONGEST_SUFFIX
        if len(os.fsencode(self.path)) > longest:
            raise FileProblem(
                f"the socket path is {len(os.fsencode(self.path))} bytes long",
                hint=f"this system allows {longest}: name a shorter one with --socket PATH",
            )
        try:
            self._take_lock()
            try:
                for path in (self.path, sim_path(self.path)):
                    _remove_stale(path)
            except BaseException:
                self._drop_lock()
                raise
        except OSError as error:
            raise FileProblem(
                f"cannot serve at {self.path}: {error.strerror}",
                hint="name another place with --socket PATH",
            ) from None
        return self

    def listen(self) -> tuple[socket.socket, socket.socket]:
        """Both listening sockets, mode 0600: the bus first, the controls second.

        Each is renamed into place when it already listens, so that a client that sees the
        file can connect; the bus comes last, since people wait for it.
        """
        try:
            controls = self._listen_at(sim_path(self.path))
            return self._listen_at(self.path), controls
        except OSError as error:
            raise FileProblem(
                f"cannot serve at {self.path}: {error.strerror}",
                hint="name another place with --socket PATH",
            ) from None

    def _listen_at(self, path: Path) -> socket.socket:
        fresh = self.path.with_name(self.path.name + ".new")
        with suppress(FileNotFoundError):
            fresh.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)  # the mode is right from the first moment
        try:
            listener.bind(str(fresh))
        finally:
            os.umask(mask)
        self._made.append(fresh)
        listener.listen(16)
        listener.setblocking(False)
        fresh.rename(path)
        self._made[-1] = path
        return listener

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for path in self._made:
            with suppress(FileNotFoundError):
                path.unlink()
        self._drop_lock()

    def _take_lock(self) -> None:
        while True:
            lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                raise AlreadyRunning(
                    f"a rack is already running at {self.path}",
                    hint="use it, stop it, or name another place with --socket PATH",
                ) from None
            # The holder before us may have unlinked the file between our open and our lock.
            with suppress(FileNotFoundError):
                if _same_file(lock, self._lock_path):
                    self._lock = lock
                    return
            os.close(lock)

    def _drop_lock(self) -> None:
        if self._lock is not None:
            with suppress(FileNotFoundError):
                self._lock_path.unlink()
            os.close(self._lock)
            self._lock = None


def _same_file(descriptor: int, path: Path) -> bool:
    return os.path.samestat(os.fstat(descriptor), path.stat())


def _remove_stale(path: Path) -> None:
    """Remove the socket file of a rack that is gone; leave anything else alone."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(status.st_mode):
        raise FileProblem(
            f"{path} exists and is not a socket",
            hint="it is left alone; name another place with --socket PATH",
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            with suppress(FileNotFoundError):
                path.unlink()
            return
    raise AlreadyRunning(
        f"something is already listening at {path}",
        hint="use it, stop it, or name another place with --socket PATH",
    )
