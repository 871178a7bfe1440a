"""The pads of the BMC's RP2040 as the rest of the board sees them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from .board import Board
from .errors import Nack

ADC_FULL_SCALE = 4095


class LocalDevice(Protocol):
    """A target on the local I2C bus."""

    def write(self, data: bytes) -> bool:
        """A write message without its address. False = not acknowledged."""

    def read(self, count: int) -> bytes | None:
        """A read message. None = not acknowledged."""


class Uart(Protocol):
    """What the BMC's UART1 is wired to; see `console.Console`."""

    def write(self, data: bytes) -> int: ...
    def read(self, count: int) -> bytes: ...
    def any(self) -> int: ...
    def on_receive(self, fn: Callable[[], None] | None) -> None: ...


class Port:
    """Pins by GPIO number. Levels are 0 or 1; with the BMC unpowered every pad is floating.

    A net's level is what the BMC drives, else what the board drives (`outside`), else the
    board's own resistor (`bias`), else the pad's pull, else 0.
    """

    def __init__(self, board: Board) -> None:
        self._net = {gpio: net for net, gpio in board.pins.items()}
        self._gpio = board.pins
        self._out: dict[int, int | None] = dict.fromkeys(self._net)
        self._pull: dict[int, str | None] = dict.fromkeys(self._net, "down")
        self._outside: dict[int, Callable[[], int | None]] = {}
        self._bias: dict[int, int] = {}
        self.levels = 0  # of all pins, bit n of GPIO n
        self._watchers: dict[int, list[Callable[[int], None]]] = {g: [] for g in self._net}
        self._listeners: dict[int, list[Callable[[int], None]]] = {g: [] for g in self._net}
        self._adc: dict[int, Callable[[], int]] = {}
        self._adc_scale = {ch: row["full_scale"] for ch, row in board.adc.items()}
        self.devices: dict[int, LocalDevice] = {}
        self.i2c_nacks = 0  # so many transfers to come are disturbed
        self.powered = False
        self.uart: Uart  # set by the unit, as is what was at the converter's inputs
        self.adc_past: Callable[[Sequence[tuple[int, int]]], list[int]]
        self.note: Callable[[str, int], None] = lambda net, level: None  # trace

    # --- the BMC's side --------------------------------------------------------

    def drive(self, gpio: int, out: int | None, pull: str | None = None) -> None:
        """What the pad does: drive 0 or 1, or (None) be an input with that pull (up or down)."""
        self._out[gpio] = out
        self._pull[gpio] = pull
        self.refresh(gpio)

    def level(self, gpio: int) -> int:
        """What the pin reads now."""
        return self.levels >> gpio & 1

    def reset_pads(self) -> None:
        """All pads as after a reset of the RP2040: inputs with pull-down, nobody listening."""
        for listeners in self._listeners.values():
            listeners.clear()
        for gpio in self._net:
            self._out[gpio], self._pull[gpio] = None, "down"
        for gpio in self._net:
            self.refresh(gpio)

    def on_change(self, gpio: int, fn: Callable[[int], None]) -> None:
        """Call `fn(level)` after every change of the pin, until the pads are reset."""
        self._listeners[gpio].append(fn)

    def adc_u12(self, channel: int) -> int:
        """One conversion: 0 to 4095, saturating."""
        return self._counts(channel, self._adc[channel]())

    def adc_samples(self, takes: Sequence[tuple[int, int]]) -> list[int]:
        """Conversions of the last half second, for each (ns, channel) in order of time."""
        values = zip(takes, self.adc_past(takes), strict=True)
        return [self._counts(channel, value) for (_, channel), value in values]

    def _counts(self, channel: int, value: int) -> int:
        counts: int = value * ADC_FULL_SCALE // self._adc_scale[channel]
        return min(max(counts, 0), ADC_FULL_SCALE)

    def i2c_transfer(self, address: int, writes: bytes = b"", n_read: int = 0) -> bytes:
        """A write, a read, or a write and a read with repeated start, on the local bus.

        With nothing to write and nothing to read the address alone is sent (a probe).
        Raises Nack: `msg` 0 is the write, 1 the read after it.
        """
        device = self.devices.get(address) if self.powered else None
        disturbed = self.i2c_nacks > 0
        self.i2c_nacks -= disturbed
        if device is None or disturbed:
            raise Nack(0)
        has_write = bool(writes) or not n_read
        if has_write and not device.write(writes):
            raise Nack(0)
        if not n_read:
            return b""
        if (data := device.read(n_read)) is None:
            raise Nack(int(has_write))
        return data

    # --- the board's side ------------------------------------------------------

    def outside(self, net: str, fn: Callable[[], int | None]) -> None:
        """What the board drives a net to; None = nothing just now."""
        self._outside[self._gpio[net]] = fn

    def bias(self, net: str, level: int) -> None:
        """A resistor on the board, stronger than the pad's own pull."""
        self._bias[self._gpio[net]] = level

    def watch(self, net: str, fn: Callable[[int], None]) -> None:
        """The board's circuits behind a net; unlike a listener it survives a reset."""
        self._watchers[self._gpio[net]].append(fn)

    def adc_source(self, channel: int, fn: Callable[[], int]) -> None:
        """What is measured, in the unit of the board's ADC table."""
        self._adc[channel] = fn

    def power(self, on: bool) -> None:
        self.powered = on
        self.reset_pads()

    def net_level(self, net: str) -> int:
        return self.level(self._gpio[net])

    def changed(self, net: str) -> None:
        """The board drives this net differently now."""
        self.refresh(self._gpio[net])

    def refresh(self, gpio: int) -> None:
        level = self._resolve(gpio)
        if level == self.level(gpio):
            return
        self.levels ^= 1 << gpio
        self.note(self._net[gpio], level)
        for fn in self._watchers[gpio]:
            fn(level)
        if self.powered:
            for fn in tuple(self._listeners[gpio]):
                fn(level)

    def _resolve(self, gpio: int) -> int:
        if not self.powered:
            return 0
        if (out := self._out[gpio]) is not None:
            return out
        if (fn := self._outside.get(gpio)) is not None and (level := fn()) is not None:
            return level
        if (bias := self._bias.get(gpio)) is not None:
            return bias
        return int(self._pull[gpio] == "up")
