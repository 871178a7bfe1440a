"""One end of the link to a BMC process: framing, spawning, killing.

A message is a little-endian length (4 bytes) and a JSON array; `boards/virtual/link.py` is
the other end and describes the messages.
"""

import json
import os
import signal
import socket
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Wall time after which a process that neither waits nor asks is taken to hang in a loop.
HANG_S = 10.0


@dataclass(frozen=True)
class Launch:
    """How a BMC process is started: interpreter, script of the board, and the folder that stands
    for what is frozen."""

    micropython: Path
    script: Path
    firmware: Path


class ProcessDied(Exception):
    """The process closed the link: it was killed, or it crashed."""


class ProcessHangs(Exception):
    """The process computes without ever looking at the clock or at the world."""


class Channel:
    """A BMC process in a process group of its own, and the socket to it."""

    def __init__(self, launch: Launch, slot: int, output: Path) -> None:
        ours, theirs = socket.socketpair()
        self.patience_s = HANG_S
        self._socket = ours
        with theirs, output.open("ab") as sink:
            self._process = subprocess.Popen(
                [
                    launch.micropython,
                    launch.script,
                    str(slot),
                    str(theirs.fileno()),
                    launch.firmware,
                ],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: list[Any]) -> None:
        data = json.dumps(message, separators=(",", ":")).encode()
        try:
            self._socket.sendall(struct.pack("<I", len(data)) + data)
        except OSError as error:
            raise ProcessDied from error

    def receive(self) -> list[Any]:
        (length,) = struct.unpack("<I", self._exactly(4))
        message: list[Any] = json.loads(self._exactly(length))
        return message

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            self._socket.settimeout(self.patience_s)
            try:
                chunk = self._socket.recv(count - len(data))
            except TimeoutError as error:
                raise ProcessHangs from error
            except OSError as error:
                raise ProcessDied from error
            if not chunk:
                raise ProcessDied
            data += chunk
        return data

    def kill(self) -> None:
        """End the whole process group, unsignalled as a power cut, and reap it."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        self._socket.close()
