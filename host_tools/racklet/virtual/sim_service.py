"""The controls of the simulated world as a service: insert, remove, short, and so on.

One JSON object a line: `{"control":"insert","slot":1}`, further names are its arguments.
Answers `{"result":...}`, or `{"error":"..."}` when the world says no.
"""

from collections.abc import Callable
from typing import Any

from racklet.virtual.lines import Client, Document
from racklet.virtual.requests import BadLine, parse_object


class ControlRefused(Exception):
    """The simulated world does not do that; the text says why."""


class SimService:
    """`control(name, **arguments)` carries one out and returns what JSON can say."""

    def __init__(self, control: Callable[..., Any]) -> None:
        self._control = control

    def may_run(self, client: Client) -> bool:
        return True

    def answer(self, client: Client, line: bytes) -> Document:
        arguments = parse_object(line)
        name = arguments.pop("control", None)
        if not isinstance(name, str):
            raise BadLine("control must name one")
        try:
            return {"result": self._control(name, **arguments)}
        except ControlRefused as refusal:
            return {"error": str(refusal)}

    def left(self, client: Client) -> None:
        pass
