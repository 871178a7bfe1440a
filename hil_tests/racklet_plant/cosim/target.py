"""The BMC's end of the SMBus: turns bus phases into the events of the rp2 I2C target.

Bytes that the controller writes are handed over in one batch at the next STOP or START (the
FIFO is 16 deep, and its reader must drain it in bulk anyway); a batch is one message to the
process instead of one per byte.
"""

from collections.abc import Callable
from typing import Any

ADDR_MATCH_READ = 1
ADDR_MATCH_WRITE = 2
READ_REQ = 4
WRITE_REQ = 8
END_READ = 16
END_WRITE = 32

_FIFO = 16

Event = list[Any]  # [event, argument]
Deliver = Callable[[list[Event], Callable[[str], None]], None]


class BusTarget:
    """One I2C target block; `deliver(events, done)` runs the handlers in the process."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self.address: int | None = None
        self._phase: str | None = None  # "read" or "write" while addressed
        self._events: list[Event] = []
        self._received = bytearray()
        self._transmit = bytearray()
        self._requested = False

    @property
    def is_active(self) -> bool:
        """Whether a transaction addresses this target just now."""
        return self._phase is not None

    def reset(self) -> None:
        """As after a reset of the chip: no address, nothing pending."""
        self.address = None
        self._phase = None
        self._events.clear()
        self._received.clear()
        self._transmit.clear()
        self._requested = False

    def configure(self, address: int | None) -> None:
        self.reset()
        self.address = address

    def start(self, address: int, read: bool) -> bool:
        """START or repeated START with an address; whether it is acknowledged."""
        self._finish(restart=True)
        if self.address is None or address != self.address:
            self._flush()
            return False
        if read:
            self._phase = "read"
            self._events += [[ADDR_MATCH_READ, None], [READ_REQ, None]]
            self._transmit.clear()
            self._requested = True
            self._flush()
        else:
            self._phase = "write"
            self._events.append([ADDR_MATCH_WRITE, None])
        return True

    def write(self, byte: int) -> bool:
        """A byte from the controller; the hardware acknowledges every one."""
        if self._phase != "write":
            return False
        self._received.append(byte)
        if len(self._received) == _FIFO:
            self._take_received()
            self._flush()
        return True

    def read(self) -> int | None:
        """The next byte for the controller; None while the clock is stretched."""
        if self._phase != "read":
            return 0xFF
        if not self._transmit and not self._requested:
            self._requested = True
            self._events.append([READ_REQ, None])
            self._flush()
        if not self._transmit:
            return None
        self._requested = False
        return self._transmit.pop(0)

    def ready(self) -> bool:
        return bool(self._transmit) or self._phase != "read"

    def ack(self, acknowledged: bool) -> None:
        if not acknowledged and self._phase == "read":
            # RX_DONE: the rp2 driver asks once more after the controller's last NACK.
            self._events.append([READ_REQ, None])

    def stop(self) -> None:
        self._finish(restart=False)
        self._flush()

    def transmit(self, data: bytes) -> None:
        """Bytes that the firmware wrote outside an interrupt handler."""
        if self._phase == "read":
            self._transmit += data

    def _finish(self, restart: bool) -> None:
        if self._phase == "write":
            self._take_received()
            self._events.append([END_WRITE, restart])
        elif self._phase == "read":
            self._events.append([END_READ, None])
        self._phase = None

    def _take_received(self) -> None:
        if self._received:
            self._events.append([WRITE_REQ, self._received.hex()])
            self._received.clear()

    def _flush(self) -> None:
        if self._events:
            events = list(self._events)
            self._events.clear()
            self._deliver(events, lambda data: self.transmit(bytes.fromhex(data or "")))
