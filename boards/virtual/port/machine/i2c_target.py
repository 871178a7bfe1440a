"""The I2C target with the event semantics of the rp2 port (extmod/machine_i2c_target.c).

Both FIFOs hold 16 bytes. READ_REQ comes once more after the controller's last NACK.
END_WRITE comes for STOP and for a repeated START alike; the RESTART_DET bit of
IC_RAW_INTR_STAT tells them apart. A handler that raises is printed and disabled.
"""

import sys

from link import link, on_interrupt

from . import registers

_FIFO = 16
_targets = {}  # block id -> I2CTarget


class _Irq:
    def __init__(self) -> None:
        self.event = 0

    def flags(self) -> int:
        return self.event


class I2CTarget:
    IRQ_ADDR_MATCH_READ = 1
    IRQ_ADDR_MATCH_WRITE = 2
    IRQ_READ_REQ = 4
    IRQ_WRITE_REQ = 8
    IRQ_END_READ = 16
    IRQ_END_WRITE = 32

    def __init__(self, id: int = 0, addr: int = 0, *, scl=None, sda=None) -> None:
        self._id = id
        self._rx = bytearray()
        self._tx = bytearray()
        self._space = _FIFO
        self._in_interrupt = False
        self._handler = None
        self._trigger = 0
        self._irq = _Irq()
        _targets[id] = self
        link.call("i2c_target", id, addr)

    def deinit(self) -> None:
        self._handler = None
        link.call("i2c_target", self._id, None)

    def irq(self, handler=None, trigger: int = 48, hard: bool = False) -> _Irq:
        if trigger & 15 and not hard:
            raise ValueError("hard IRQ required")
        self._handler = handler
        self._trigger = trigger
        return self._irq

    def readinto(self, buffer) -> int:
        count = min(len(buffer), len(self._rx))
        buffer[:count] = self._rx[:count]
        self._rx = self._rx[count:]
        return count

    def write(self, buffer) -> int:
        count = min(len(buffer), self._space)
        self._space -= count
        if self._in_interrupt:
            self._tx += buffer[:count]
        else:
            link.call("i2c_target_tx", self._id, bytes(buffer[:count]).hex())
        return count

    def _event(self, event: int) -> None:
        if self._handler is None or not event & self._trigger:
            return
        self._irq.event = event
        try:
            self._handler(self)
        except Exception as error:  # noqa: BLE001 - what the C driver does
            print("Uncaught exception in IRQ callback handler")
            sys.print_exception(error)
            self._handler = None

    def events(self, events) -> str:
        """Run a batch of [event, argument] in order; what was written for the controller, in hex.

        The argument is the received bytes in hex for WRITE_REQ and whether a repeated START
        ended the message for END_WRITE.
        """
        self._in_interrupt = True
        self._tx = bytearray()
        for event, argument in events:
            if event == I2CTarget.IRQ_WRITE_REQ:
                self._rx += bytes.fromhex(argument)
            elif event == I2CTarget.IRQ_END_WRITE and argument:
                registers.restart_detected[self._id] = True
            elif event == I2CTarget.IRQ_ADDR_MATCH_READ:
                self._tx = bytearray()  # what an earlier read left over is flushed
                self._space = _FIFO
            elif event == I2CTarget.IRQ_READ_REQ:
                self._space = _FIFO - len(self._tx)
            self._event(event)
        self._in_interrupt = False
        return bytes(self._tx).hex()


def _events(id: int, events) -> str:
    return _targets[id].events(events)


on_interrupt("i2c_target", _events)
