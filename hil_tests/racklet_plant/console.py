"""The serial console between BMC and compute unit, 115200 baud, both ways."""

from collections.abc import Callable

from .world import World

BYTE_NS = 10 * 10**9 // 115_200  # start, 8 data, stop
_CHUNK = 16  # half of the RP2040's receive FIFO


class Console:
    """The BMC's end is `write`, `read`, `any`; the compute unit's is `send` and `on_line`.

    Bytes arrive at line speed. What arrives while the BMC is down is lost.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._outgoing = bytearray()
        self._received = bytearray()
        self._line = bytearray()
        self._sending = False
        self._on_receive: Callable[[], None] | None = None
        self.on_line: Callable[[str], None] = lambda line: None
        self.echo = False  # the compute unit listens
        self.limit = 4096  # bytes kept for the BMC; older ones are lost

    # --- the BMC's end -----------------------------------------------------------

    def write(self, data: bytes) -> int:
        """Type to the compute unit. Returns how many bytes were taken (all)."""
        for k, byte in enumerate(data):
            self._world.after((k + 1) * BYTE_NS, lambda byte=byte: self._typed(byte))  # type: ignore[misc]
        return len(data)

    def read(self, count: int) -> bytes:
        data = bytes(self._received[:count])
        del self._received[:count]
        return data

    def any(self) -> int:
        return len(self._received)

    def on_receive(self, fn: Callable[[], None] | None) -> None:
        self._on_receive = fn

    def bmc_down(self) -> None:
        """The UART's FIFO is gone with the power."""
        self._received.clear()

    # --- the compute unit's end ----------------------------------------------------

    def send(self, text: str) -> None:
        self._outgoing += text.encode("utf-8", "replace")
        if not self._sending and self._outgoing:
            self._start()

    def stop(self) -> None:
        """The compute unit lost its power: what was not sent never will be."""
        self._outgoing.clear()
        self._line.clear()
        self.echo = False

    def _start(self) -> None:
        self._sending = True
        count = min(len(self._outgoing), _CHUNK)
        self._world.after(count * BYTE_NS, lambda: self._deliver(count))

    def _deliver(self, count: int) -> None:
        self._received += self._outgoing[:count]
        del self._outgoing[:count]
        del self._received[: max(len(self._received) - self.limit, 0)]
        if self._on_receive is not None:
            self._on_receive()
        self._sending = False
        if self._outgoing:
            self._start()

    def _typed(self, byte: int) -> None:
        if not self.echo:
            return
        if byte in (0x0D, 0x0A):
            self.send("\r\n")
            line = self._line.decode("utf-8", "replace")
            self._line.clear()
            self.on_line(line)
        elif byte in (0x08, 0x7F):
            del self._line[-1:]
        else:
            self._line.append(byte)
            self.send(chr(byte))
