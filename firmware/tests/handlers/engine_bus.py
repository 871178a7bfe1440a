"""A host's bus on which BMCs of the tests answer: racklet.bus.Bus without any simulation."""

from collections.abc import Callable, Sequence

from racklet.bus import Message, Read, Write
from racklet.errors import Nack
from tests.target.controller import Controller


class EngineBus:
    """`after`, when given, runs after every transaction, as an event loop would."""

    def __init__(self, *targets: Controller, after: "Callable[[], None] | None" = None) -> None:
        self._targets = {target.address: target for target in targets}
        self._after = after

    def transfer(self, messages: "Sequence[Message]") -> "list[bytes]":
        reads = []
        for index, message in enumerate(messages):
            target = self._targets.get(message.address)
            if target is None:
                raise Nack(index)
            last = index == len(messages) - 1
            if isinstance(message, Write):
                target.put(*message.data, stop=last)
            else:
                reads.append(_read(target, message))
        if self._after is not None:
            self._after()
        return reads

    def describe(self) -> str:
        return "test"

    def close(self) -> None:
        self._targets.clear()


def _read(target: Controller, message: Read) -> bytes:
    return target.get_counted(message.size) if message.counted else target.get(message.size)
