"""UARTs as streams that asyncio can wait for."""

import io

from link import link, on_interrupt

_MP_STREAM_POLL = 3
_POLLIN = 1
_RX_LIMIT = 256  # bytes; the oldest are kept, as in the rp2 port's ring

_uarts = {}  # id -> UART


class UART(io.IOBase):
    def __init__(self, id: int, baudrate: int = 115_200, *, tx=None, rx=None, rxbuf=_RX_LIMIT):
        self._id = id
        self._rx = bytearray()
        self._limit = rxbuf
        _uarts[id] = self
        link.call("uart", id, baudrate)

    def any(self) -> int:
        return len(self._rx)

    def read(self, count: int = -1):
        if not self._rx:
            return None
        count = len(self._rx) if count < 0 else count
        data = bytes(self._rx[:count])
        self._rx = self._rx[count:]
        return data

    def readinto(self, buffer):
        data = self.read(len(buffer))
        if data is None:
            return None
        buffer[: len(data)] = data
        return len(data)

    def write(self, data) -> int:
        link.call("uart_write", self._id, bytes(data).hex())
        return len(data)

    def ioctl(self, request: int, flags: int) -> int:
        if request != _MP_STREAM_POLL:
            return 0
        return flags & ~_POLLIN | (flags & _POLLIN if self._rx else 0)

    def received(self, data: bytes) -> None:
        self._rx += data[: self._limit - len(self._rx)]


def _received(id: int, data: str) -> None:
    if id in _uarts:
        _uarts[id].received(bytes.fromhex(data))


on_interrupt("uart", _received)
