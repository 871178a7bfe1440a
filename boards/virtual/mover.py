"""The byte mover of the virtual board: feeds the target engine from a plain I2CTarget.

On the RP2040 its sibling works on the registers; both drive the same engine.
"""

from board import BUSES, PINS
from machine import I2CTarget, Pin, mem32
from micropython import const

_I2C0_RAW_INTR_STAT = const(0x40044034)  # RP2040 data sheet 4.3.17
_I2C0_STATUS = const(0x40044070)
_I2C0_CLR_RESTART_DET = const(0x400440A8)
_RESTART_DET = const(1 << 12)
_SLV_ACTIVITY = const(1 << 6)

_EVENTS = (
    I2CTarget.IRQ_ADDR_MATCH_READ
    | I2CTarget.IRQ_ADDR_MATCH_WRITE
    | I2CTarget.IRQ_READ_REQ
    | I2CTarget.IRQ_WRITE_REQ
    | I2CTarget.IRQ_END_READ
    | I2CTarget.IRQ_END_WRITE
)


class Mover:
    """The SMBus target block: on the bus after `attach`, NACK before it and after `detach`."""

    def __init__(self, engine, registers) -> None:
        self._engine = engine
        self._address = registers.address
        self._received = bytearray(16)
        self._sent = bytearray(16)
        whole = memoryview(self._sent)
        self._pieces = [whole[:n] for n in range(17)]  # slicing allocates
        self._target = None
        self._lines = [Pin(PINS[BUSES["smbus"][line]]) for line in ("scl", "sda")]

    def attach(self) -> None:
        bus = BUSES["smbus"]
        self._target = target = I2CTarget(
            bus["id"], self._address, scl=Pin(PINS[bus["scl"]]), sda=Pin(PINS[bus["sda"]])
        )
        self._irq = target.irq(self._on_event, _EVENTS, hard=True)

    @property
    def is_attached(self) -> bool:
        return self._target is not None

    def detach(self) -> None:
        self._target.deinit()
        self._target = None
        self._engine.abort()

    def is_busy(self) -> bool:
        """Whether a transaction addresses us just now."""
        return bool(mem32[_I2C0_STATUS] & _SLV_ACTIVITY)

    def is_deaf(self) -> bool:
        """Never: an exception in a handler ends the program here."""
        return False

    def is_bus_held(self) -> bool:
        """Whether SCL or SDA is low just now."""
        return not all(line.value() for line in self._lines)

    def reset(self) -> None:
        """Let go of a bus on which nothing moves any more, or come back to it."""
        if self._target is not None:
            self.detach()
        self.attach()

    def _on_event(self, target) -> None:
        event = self._irq.flags()
        engine = self._engine
        count = target.readinto(self._received)  # END_WRITE may overtake the last bytes
        if event == I2CTarget.IRQ_ADDR_MATCH_WRITE:
            engine.on_write()
        if count:
            engine.on_bytes(self._received, count)
        if event == I2CTarget.IRQ_END_WRITE:
            restarted = mem32[_I2C0_RAW_INTR_STAT] & _RESTART_DET
            if restarted:
                mem32[_I2C0_CLR_RESTART_DET]  # noqa: B018 - reading clears the bit
            engine.on_end_write(bool(restarted))
        elif event == I2CTarget.IRQ_ADDR_MATCH_READ:
            engine.on_read()
        elif event == I2CTarget.IRQ_READ_REQ:
            target.write(self._pieces[engine.take(self._sent)])
        elif event == I2CTarget.IRQ_END_READ:
            engine.on_end_read()
