"""The virtual board's link to the plant: one socket that carries everything outside the CPU.

The process runs until it would wait, says until when, and blocks here while the plant moves
time. Every message is a little-endian length (4 bytes) and a JSON array:

    to the plant    [sequence, now_us, operation, argument ...]     expects a reply
                    [0, now_us, "done", result, wake]               after an interrupt
    from the plant  [sequence, now_us, levels, result] or [sequence, now_us, levels, null, error]
                    [0, now_us, levels, source, argument ...]       an interrupt

`levels` are those of all pins, bit n of GPIO n: nothing moves while the process runs.

Interrupts arrive only while the process is blocked in a request, which is where time passes;
their handlers may make requests of their own. A read of the clock costs a microsecond, so
that a loop that polls the clock ends.
"""

import json

_handlers = {}  # interrupt source -> function(arguments) -> result for the plant
_pollers = []  # functions that say whether the waiting event loop has something to do


class Link:
    """Requests to the plant over an inherited file descriptor."""

    def __init__(self) -> None:
        self._in = None
        self._out = None
        self._sequence = 0
        self._base_us = 0  # plant time of the last message
        self._ahead_us = 0  # what this process has spent since
        self.levels = 0  # of the pins
        self._length = None  # of a message whose header has been read

    def connect(self, fd: int) -> None:
        """Done once, by run.py, before anything of the firmware is imported."""
        self._in = open(fd, "rb")
        self._out = open(fd, "wb")

    def now_us(self) -> int:
        self._ahead_us += 1
        return self._base_us + self._ahead_us

    def spend_us(self, us: int) -> None:
        """Time that a request took on the board, such as bytes on a bus."""
        self._ahead_us += us

    def call(self, operation: str, *arguments):
        """One request; the plant's answer. OSError where the plant refuses."""
        self._sequence = sequence = self._sequence + 1
        self._send([sequence, self._base_us + self._ahead_us, operation] + list(arguments))
        while True:
            message = self._receive()
            if message[0] == 0:
                self._interrupt(message)
            elif message[0] == sequence:  # else: answers a request that Ctrl-C abandoned
                if len(message) > 4:
                    raise OSError(message[4])
                return message[3]

    def _interrupt(self, message) -> None:
        result = None
        wake = 2  # an exception ends what was waiting
        try:
            result = _handlers[message[3]](*message[4:])
            wake = 0
            for poller in _pollers:
                if poller():
                    wake = 1
        finally:
            self._send([0, self._base_us + self._ahead_us, "done", result, wake])

    def _send(self, message) -> None:
        data = json.dumps(message).encode()
        self._out.write(len(data).to_bytes(4, "little") + data)

    def _receive(self):
        # In two steps that remember where they were: Ctrl-C may come between them.
        if self._length is None:
            header = self._in.read(4)
            if len(header) < 4:
                raise SystemExit  # the plant is gone, and with it the power
            self._length = int.from_bytes(header, "little")
        data = self._in.read(self._length)
        self._length = None
        message = json.loads(data)
        self.levels = message[2]
        if message[1] > self._base_us + self._ahead_us:
            self._base_us = message[1]
            self._ahead_us = 0
        return message


link = Link()


def on_interrupt(source: str, handler) -> None:
    """Call `handler(*arguments)` when the plant raises `source`."""
    _handlers[source] = handler


def on_poll(poller) -> None:
    """Ask `poller()` after each interrupt whether a waiting event loop must run."""
    _pollers.append(poller)
