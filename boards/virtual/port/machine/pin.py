"""GPIO pins: what they drive and pull goes to the plant, what they read comes from it."""

from link import link, on_interrupt

_irqs = {}  # GPIO number -> _Irq


class _Irq:
    def __init__(self, pin, handler, trigger: int) -> None:
        self._pin = pin
        self._handler = handler
        self._trigger = trigger
        self._flags = 0

    def flags(self) -> int:
        return self._flags

    def handle(self, level: int) -> None:
        self._flags = Pin.IRQ_RISING if level else Pin.IRQ_FALLING
        if self._handler and self._flags & self._trigger:
            self._handler(self._pin)


class Pin:
    IN = 0
    OUT = 1
    OPEN_DRAIN = 2
    PULL_UP = 1
    PULL_DOWN = 2
    IRQ_FALLING = 4
    IRQ_RISING = 8

    def __init__(self, id: int, mode: int = -1, pull: int = -1, *, value=None) -> None:
        self._id = id
        self._mode = Pin.IN
        self._pull = None
        self._out = 0
        if mode != -1 or pull != -1 or value is not None:
            self.init(mode, pull, value=value)

    def init(self, mode: int = -1, pull: int = -1, *, value=None) -> None:
        if mode != -1:
            self._mode = mode
        if pull != -1:
            self._pull = {Pin.PULL_UP: "up", Pin.PULL_DOWN: "down"}.get(pull)
        if value is not None:
            self._out = 1 if value else 0
        self._drive()

    def _drive(self) -> None:
        out = None
        if self._mode == Pin.OUT or (self._mode == Pin.OPEN_DRAIN and not self._out):
            out = self._out
        link.call("drive", self._id, out, self._pull)

    def value(self, value=None):
        if value is None:
            return link.levels >> self._id & 1
        self._out = 1 if value else 0
        self._drive()
        return None

    __call__ = value

    def on(self) -> None:
        self.value(1)

    def off(self) -> None:
        self.value(0)

    high = on
    low = off

    def irq(self, handler=None, trigger: int = 12, *, hard: bool = False) -> _Irq:
        """Soft and hard handlers are alike here: both run when the edge arrives."""
        _irqs[self._id] = irq = _Irq(self, handler, trigger)
        link.call("pin_irq", self._id, trigger if handler else 0)
        return irq


def _edge(gpio: int, level: int) -> None:
    if gpio in _irqs:
        _irqs[gpio].handle(level)


on_interrupt("pin", _edge)
