"""The simulated bus as a service: whole transactions and single steps, one controller at a time.

A client that has started a transaction step by step owns the bus until its stop; the others
wait. If it goes silent for a second a stop is forced, and its next step answers `timeout`; if
it leaves, that is a stop. Time between steps is idle time of the bus.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from racklet.bus import Message
from racklet.errors import BusError, Nack
from racklet.virtual.lines import Client, Document
from racklet.virtual.requests import (
    BadLine,
    ReadByte,
    Start,
    Step,
    Stop,
    Transaction,
    WriteByte,
    parse,
)

SILENCE_S = 1.0


class Controller(Protocol):
    """The controller's end of the simulated bus: whole transactions and single steps.

    Every call may raise `Nack`, `BusTimeout` or `Arbitration` of `racklet.errors`; the bus is
    idle then.
    """

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        """Run one transaction; the bytes of each `Read`."""

    def start(self, address: int, read: bool) -> bool:
        """A start or repeated start; True when the address was acknowledged."""

    def write(self, byte: int) -> bool:
        """One byte to the target; True when it was acknowledged."""

    def read(self, acknowledge: bool) -> int:
        """One byte from the target, acknowledged or not."""

    def stop(self) -> None:
        """End the transaction."""


class BusService:
    """Shares one `Controller` among the clients of a socket. `monotonic` gives wall seconds."""

    def __init__(self, controller: Controller, monotonic: Callable[[], float]) -> None:
        self._controller = controller
        self._monotonic = monotonic
        self._owner: Client | None = None
        self._reading = False  # direction of the owner's running transaction
        self._silent_at = 0.0
        self._forced: set[Client] = set()  # their transaction was stopped for them

    def may_run(self, client: Client) -> bool:
        return self._owner in (None, client)

    def answer(self, client: Client, line: bytes) -> Document:
        self.expire()
        request = parse(line)
        was_forced = client in self._forced
        self._forced.discard(client)
        try:
            if isinstance(request, Transaction):
                if self._owner is client:
                    raise BadLine("a transaction of single steps is running: stop it first")
                reads = self._controller.transfer(request.messages)
                return {"reads": [data.hex() for data in reads]}
            if was_forced:
                return {"error": "timeout"}
            reply = self._step(client, request)
        except BusError as error:
            self._owner = None
            return _document(error)
        self._silent_at = self._monotonic() + SILENCE_S
        return reply

    def left(self, client: Client) -> None:
        self._forced.discard(client)
        if self._owner is client:
            self._stop()

    def silence_s(self) -> float | None:
        """Seconds until `expire` has something to do, or None."""
        return None if self._owner is None else max(0.0, self._silent_at - self._monotonic())

    def expire(self) -> None:
        """Force a stop on an owner that was silent for too long."""
        if self._owner is not None and self._monotonic() >= self._silent_at:
            self._forced.add(self._owner)
            self._stop()

    def _step(self, client: Client, step: Step) -> Document:
        match step:
            case Start(address, read):
                self._owner, self._reading = client, read
                return {"ack": self._controller.start(address, read)}
            case Stop():
                self._stop()
                return {}
            case _ if self._owner is None:
                raise BadLine("no transaction is running: start first")
            case WriteByte(byte) if not self._reading:
                return {"ack": self._controller.write(byte)}
            case ReadByte(acknowledge) if self._reading:
                return {"byte": self._controller.read(acknowledge)}
            case _:
                raise BadLine("wrong direction: start again first")

    def _stop(self) -> None:
        if self._owner is not None:
            self._owner = None
            with suppress(BusError):  # the bus is let go of all the same
                self._controller.stop()


def _document(error: BusError) -> Document:
    return {"error": "nack", "msg": error.msg} if isinstance(error, Nack) else {"error": error.code}
