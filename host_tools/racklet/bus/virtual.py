"""The bus of a virtual rack: a client of its Unix socket.

One JSON object a line each way, in the shape of the kernel's I2C_RDWR:
{"msgs": [{"addr": 17, "write": "88"}, {"addr": 17, "read": 3}]} -> {"reads": ["8dca51"]}.
"""

import json
import socket
from collections.abc import Sequence
from typing import Any

from racklet.bus.base import Message, Write
from racklet.errors import (
    Arbitration,
    BadReply,
    BadRequest,
    BusError,
    BusTimeout,
    Nack,
    NotReachable,
)

# A rack at wall speed answers within the length of a transaction; this long means it is dead.
_ANSWER_S = 10.0

_ERRORS: dict[str, type[BusError]] = {"timeout": BusTimeout, "arbitration": Arbitration}
_TEXT = {
    "timeout": "the bus was held longer than SMBus allows",
    "arbitration": "another controller won the bus",
}


class VirtualBus:
    """A connection to the socket at `path`; opened at once, so that a wrong path shows early."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(_ANSWER_S)
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise NotReachable(
                f"no virtual rack at {path}: {error.strerror or error}",
                hint="start one with: racklet rack",
            ) from None
        self._lines = self._socket.makefile("rb")

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        reply = self.request({"msgs": [_document(message) for message in messages]})
        if "error" in reply:
            raise _error(reply)
        try:
            return [bytes.fromhex(data) for data in reply["reads"]]
        except (KeyError, TypeError, ValueError):
            raise BadReply(f"the rack at {self._path} answered {str(reply)[:80]!r}") from None

    def request(self, document: dict[str, Any]) -> dict[str, Any]:
        """One line out, one line back: for the single steps of the contract too."""
        try:
            self._socket.sendall(json.dumps(document).encode() + b"\n")
            line = self._lines.readline()
        except OSError as error:
            raise self._gone(str(error)) from None
        if not line.endswith(b"\n"):
            raise self._gone("it closed the connection")
        try:
            reply = json.loads(line)
        except ValueError:
            reply = None
        if not isinstance(reply, dict):
            raise BadReply(f"the rack at {self._path} answered {line[:80]!r}")
        return reply

    def describe(self) -> str:
        return f"virtual:{self._path}"

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def _gone(self, why: str) -> NotReachable:
        return NotReachable(
            f"the virtual rack at {self._path} does not answer: {why}",
            hint="was it stopped? start one with: racklet rack",
        )


def _document(message: Message) -> dict[str, Any]:
    if isinstance(message, Write):
        return {"addr": message.address, "write": message.data.hex()}
    document: dict[str, Any] = {"addr": message.address, "read": message.size}
    if message.counted:
        document["recv_len"] = True
    return document


def _error(reply: dict[str, Any]) -> BusError:
    kind = str(reply["error"])
    if kind == "nack":
        return Nack(int(reply.get("msg", 0)))
    if kind in _ERRORS:
        return _ERRORS[kind](_TEXT[kind])
    return BadRequest(f"the bus refused the request: {kind.removeprefix('bad request: ')}")
