"""A controller and the byte mover of an rp2 between it and an engine, for tests.

Receives in batches of at most 16 bytes, sends what `take` gives, and asks once more after the
last byte, as the rp2 port's READ_REQ does.
"""

from racklet_base.target.engine import Engine
from racklet_base.target.registers import Registers
from racklet_wire.pec import crc8

ADDRESS = 0x40


class Controller:
    def __init__(self, address=ADDRESS):
        self.address = address
        self.registers = Registers(address)
        self.now_ms = 0
        self.engine = Engine(self.registers, self.ticks_us)
        self._fifo = bytearray(16)

    def ticks_us(self):
        return self.now_ms * 1_000 & (1 << 30) - 1

    def take(self):
        """What the engine puts into the transmit FIFO at READ_REQ."""
        return bytes(self._fifo[: self.engine.take(self._fifo)])

    def put(self, *data, stop=True):
        """A write message of these bytes."""
        self.engine.on_write()
        buffer = bytearray(16)
        for start in range(0, len(data), 16):
            piece = bytes(data[start : start + 16])
            buffer[: len(piece)] = piece
            self.engine.on_bytes(buffer, len(piece))
        self.engine.on_end_write(not stop)

    def put_with_pec(self, *data):
        self.put(*data, crc8(bytes((self.address << 1,) + data)))

    def get(self, size):
        """A read message of `size` bytes."""
        engine = self.engine
        engine.on_read()
        received = bytearray()
        while len(received) < size:
            piece = self.take()
            received.extend(piece[: size - len(received)])
        self.take()
        engine.on_end_read()
        return bytes(received)

    def get_counted(self, extra):
        """A read message whose first byte says how many follow, besides `extra` bytes."""
        received = bytearray()
        size = extra
        self.engine.on_read()
        while len(received) < size:
            piece = self.take()
            if not received:
                size += piece[0]
            received.extend(piece[: size - len(received)])
        self.take()
        self.engine.on_end_read()
        return bytes(received)

    def ask(self, size, *data):
        """Write, repeated START, read."""
        self.put(*data, stop=False)
        return self.get(size)

    def cml(self):
        """STATUS_CML, as a controller reads it."""
        return self.ask(1, 0x7E)[0]
