"""I2C1 as the controller of the local bus, with the plant's parts on it, in bit times."""

from collections.abc import Callable
from typing import Any

from racklet_plant.errors import Nack
from racklet_plant.port import Port
from rp2040py.peripherals.i2c import R_TX_EMPTY, I2CMode

_BYTE_BITS = 9
# The part's answer is asked for when its address is read; no part here sends more in one
# message, and none minds being read further than the controller goes.
_READ_AHEAD = 64


class LocalBus:
    """Wired to the emulator's I2C block; `sync` brings the plant to the chip's instant."""

    def __init__(self, mcu: Any, port: Port, sync: Callable[[], None]) -> None:
        self._i2c = mcu.i2c[1]
        self._port = port
        self._sync = sync
        self._clock = mcu.clock
        self._address = 0
        self._written = bytearray()
        self._writing = False
        self._answer = b""
        self._then: Callable[[], None] = lambda: None
        self._alarm = mcu.clock.create_alarm(self._expired)
        self._i2c.on_start = self._start
        self._i2c.on_connect = self._connect
        self._i2c.on_write_byte = self._write
        self._i2c.on_read_byte = self._read
        self._i2c.on_stop = self._stop

    def reset(self) -> None:
        """The chip was reset in the middle of something."""
        self._alarm.cancel()
        self._written.clear()
        self._writing = False

    def _after(self, bits: int, then: Callable[[], None]) -> None:
        cycles = self._i2c.scl_low_period + self._i2c.scl_high_period
        self._then = then
        self._alarm.schedule(bits * cycles * 8.0)

    def _expired(self) -> None:
        self._then()

    def _start(self, repeated: bool) -> None:
        self._deliver()
        self._after(1, self._i2c.complete_start)

    def _connect(self, address: int, mode: int) -> None:
        self._address = address

        def connected() -> None:
            self._sync()
            try:
                if mode == I2CMode.READ:
                    self._answer = self._port.i2c_transfer(address, b"", _READ_AHEAD)
                else:
                    self._port.i2c_transfer(address)
                    self._writing = True
            except Nack:
                self._i2c.complete_connect(False)
                # An abort empties the FIFO, and TX_EMPTY says so (RP2040 data sheet 4.3.7);
                # rp2040py leaves it clear, and the driver waits for it for 50 ms.
                self._i2c._set_interrupts(R_TX_EMPTY)
            else:
                self._i2c.complete_connect(True)

        self._after(_BYTE_BITS, connected)

    def _write(self, byte: int) -> None:
        self._written.append(byte)
        self._after(_BYTE_BITS, lambda: self._i2c.complete_write(True))

    def _read(self, _ack: bool) -> None:
        byte = self._answer[0] if self._answer else 0xFF
        self._answer = self._answer[1:]
        self._after(_BYTE_BITS, lambda: self._i2c.complete_read(byte))

    def _stop(self) -> None:
        self._deliver()
        self._after(1, self._i2c.complete_stop)

    def _deliver(self) -> None:
        """The parts take a message as a whole, at its end."""
        if self._writing and self._written:
            self._sync()
            try:
                self._port.i2c_transfer(self._address, bytes(self._written))
            except Nack:
                pass  # the block has seen every byte acknowledged; the plant's parts do that
        self._writing = False
        self._written.clear()
