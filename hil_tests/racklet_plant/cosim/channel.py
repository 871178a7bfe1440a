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
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cpu_time import cpu_time_s

# Processor time after which a process that neither waits nor asks is taken to hang in a loop.
# Not wall time: on a busy computer what happens on the rack would depend on its load.
HANG_S = 5.0
_LOOK_S = 0.1  # wall time between two looks at it
_STARVED_S = 600.0  # wall time in which any computer finds a moment for the process

_MOST = 65_536  # bytes at a time
_encode = json.JSONEncoder(separators=(",", ":")).encode


def _timeval(seconds: float) -> bytes:
    """`struct timeval`, of two longs on all that the wheel of MicroPython runs on."""
    return struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))


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


class ProcessStarves(Exception):
    """The process got no processor time for minutes: the computer is overloaded, or stopped it."""


class Channel:
    """A BMC process in a process group of its own, and the socket to it."""

    def __init__(self, launch: Launch, slot: int, output: Path) -> None:
        ours, theirs = socket.socketpair()
        self.patience_s = HANG_S
        self._socket = ours
        self._received = bytearray()
        # By the kernel, and not by settimeout, which takes two more system calls a message.
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(_LOOK_S))
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(_STARVED_S))
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

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: list[Any]) -> None:
        data = _encode(message).encode()
        try:
            self._socket.sendall(struct.pack("<I", len(data)) + data)
        except OSError as error:
            raise ProcessDied from error

    def receive(self) -> list[Any]:
        received = self._received
        self._await(4)
        end = 4 + int.from_bytes(received[:4], "little")
        self._await(end)
        message: list[Any] = json.loads(received[4:end].decode())
        del received[:end]
        return message

    def _await(self, count: int) -> None:
        """Until so many bytes are there."""
        watch = None
        while len(self._received) < count:
            try:
                chunk = self._socket.recv(_MOST)
            except BlockingIOError:
                watch = watch or _Watch(self.pid)
                watch.check(self.patience_s)
                continue
            except OSError as error:
                raise ProcessDied from error
            if not chunk:
                raise ProcessDied
            self._received += chunk

    def kill(self) -> None:
        """End the whole process group, unsignalled as a power cut, and reap it."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        self._socket.close()


class _Watch:
    """Tells a process that loops from one that waits for its turn on the computer."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._begun_s = time.monotonic()
        self._had_s = cpu_time_s(pid)

    def check(self, patience_s: float) -> None:
        """Raises ProcessHangs or ProcessStarves."""
        if cpu_time_s(self._pid) - self._had_s >= patience_s:
            raise ProcessHangs
        if time.monotonic() - self._begun_s >= _STARVED_S:
            raise ProcessStarves(f"process {self._pid}: {_STARVED_S:.0f} s without an answer")
