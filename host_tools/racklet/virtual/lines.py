"""Newline-delimited JSON over a Unix socket: framing, several clients, back-pressure.

A service answers one line with one document. A client whose replies pile up is not read
further, a line too long is refused and skipped, and bad clients harm nobody but themselves.
"""

import json
import selectors
import socket
from collections.abc import Mapping
from typing import Any, Protocol

from racklet.virtual.requests import MAX_LINE, BadLine

Document = Mapping[str, Any]


class Client:
    """One connection: bytes in, lines out; documents in, bytes out."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.connection = connection
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._skipping = False  # inside a line that was refused for its length
        self._ended = False  # the client has closed its writing half

    @property
    def events(self) -> int:
        """What to wait for: reading stops while a line waits or a reply is not taken."""
        full = len(self._incoming) > MAX_LINE
        wants_read = not (full or self._outgoing or self._ended)
        return (selectors.EVENT_READ if wants_read else 0) | (
            selectors.EVENT_WRITE if self._outgoing else 0
        )

    @property
    def is_finished(self) -> bool:
        return self._ended and not self._outgoing and b"\n" not in self._incoming

    @property
    def has_line(self) -> bool:
        """A line (or one too long) waits, and the last reply has been taken."""
        waits = b"\n" in self._incoming or len(self._incoming) > MAX_LINE
        return waits and not self._outgoing

    def receive(self) -> None:
        """Take what has arrived. Raises OSError when the connection is broken."""
        try:
            data = self.connection.recv(MAX_LINE)
        except BlockingIOError:
            return
        self._ended = not data
        if self._skipping:
            _, newline, data = data.partition(b"\n")
            self._skipping = not newline
        self._incoming += data

    def next_line(self) -> bytes:
        """The next line without its newline; raises `BadLine` for one that is too long."""
        end = self._incoming.find(b"\n")
        if end > MAX_LINE or (end < 0 and len(self._incoming) > MAX_LINE):
            self._skipping = end < 0
            del self._incoming[: end + 1 if end >= 0 else None]
            raise BadLine(f"line longer than {MAX_LINE} bytes")
        line = bytes(self._incoming[:end])
        del self._incoming[: end + 1]
        return line

    def send(self, document: Document) -> None:
        self._outgoing += json.dumps(document, separators=(",", ":")).encode() + b"\n"
        self.flush()

    def flush(self) -> None:
        """Send what the client takes now. Raises OSError when the connection is broken."""
        try:
            while self._outgoing:
                del self._outgoing[: self.connection.send(self._outgoing)]
        except BlockingIOError:
            pass


class Service(Protocol):
    """What is behind a socket."""

    def may_run(self, client: Client) -> bool:
        """Whether this client's next line may run now; it waits its turn otherwise."""

    def answer(self, client: Client, line: bytes) -> Document:
        """The reply to one line. Raises `BadLine` for what is no request."""

    def left(self, client: Client) -> None:
        """The client's connection is gone."""


class LineServer:
    """Serves one listening socket within someone else's selector loop."""

    def __init__(
        self, selector: selectors.BaseSelector, listener: socket.socket, service: Service
    ) -> None:
        self._selector = selector
        self._listener = listener
        self._service = service
        self._clients: list[Client] = []
        selector.register(listener, selectors.EVENT_READ, self._accept)

    def serve(self) -> bool:
        """Answer one waiting line of each client that may run; True when any was answered."""
        answered = False
        for client in list(self._clients):
            if client.has_line and self._service.may_run(client):
                self._answer(client)
                answered = True
            self._watch(client)
        return answered

    def close(self) -> None:
        for client in list(self._clients):
            self._drop(client)
        self._selector.unregister(self._listener)
        self._listener.close()

    def _answer(self, client: Client) -> None:
        try:
            reply = self._service.answer(client, client.next_line())
        except BadLine as error:
            reply = {"error": f"bad request: {error}"}
        try:
            client.send(reply)
        except OSError:
            self._drop(client)

    def _accept(self, _events: int) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # it left before we came
            return
        client = Client(connection)
        self._clients.append(client)
        self._selector.register(
            connection, selectors.EVENT_READ, lambda events: self._moved(client, events)
        )

    def _moved(self, client: Client, events: int) -> None:
        try:
            if events & selectors.EVENT_READ:
                client.receive()
            if events & selectors.EVENT_WRITE:
                client.flush()
        except OSError:
            self._drop(client)

    def _watch(self, client: Client) -> None:
        """Tell the selector what this client waits for, or let go of one that has left."""
        if client not in self._clients:
            return
        if client.is_finished:
            self._drop(client)
            return
        registered = self._selector.get_map().get(client.connection)
        if registered is None:
            if client.events:
                self._selector.register(
                    client.connection,
                    client.events,
                    lambda events: self._moved(client, events),
                )
        elif not client.events:
            self._selector.unregister(client.connection)
        elif registered.events != client.events:
            self._selector.modify(client.connection, client.events, registered.data)

    def _drop(self, client: Client) -> None:
        if client in self._clients:
            self._clients.remove(client)
            if client.connection in self._selector.get_map():
                self._selector.unregister(client.connection)
            client.connection.close()
            self._service.left(client)
