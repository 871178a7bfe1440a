"""An emulated chip on a plant's unit: pads, ADC, local bus, console, SMBus, flash, supply."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from racklet_plant.unit import Unit
from racklet_plant.world import World
from rp2040py.gpio_pin import GPIOPinState

from .chip import FLASH_SIZE, Chip
from .flash import Operation
from .i2c_controller import LocalBus

_PULLS: dict[Any, Literal["up", "down"]] = {
    GPIOPinState.INPUT_PULL_UP: "up",
    GPIOPinState.INPUT_PULL_DOWN: "down",
}
_TEMPERATURE_27C = 876  # 0.706 V of 3.3 V, RP2040 data sheet 4.9.5


class EmulatedBmc:
    """What the plant powers up and down as `unit.bmc`; also its target on the SMBus.

    `interfered` is called after the chip changed something in the plant: its next event may
    come sooner than was thought.
    """

    def __init__(
        self, world: World, unit: Unit, image: bytes, interfered: Callable[[], None], *, xip: bool
    ) -> None:
        self._world = world
        self._unit = unit
        self._interfered = interfered
        self._xip = xip
        self._origin_ns = 0
        self._powered_times = 0
        self._local: LocalBus | None = None
        self.chip: Chip | None = None
        # Called at the begin of each erase and page program, whatever chip is powered then.
        self.on_flash: Callable[[Operation], None] | None = None
        unit.flash[: len(image)] = image

    @property
    def bus_target(self) -> Any:
        return self.chip.smbus if self.chip is not None else None

    @property
    def answering(self) -> bool:
        """Whether the firmware has put itself on the bus."""
        return self.chip is not None and self.chip.smbus.attached

    # --- supply -------------------------------------------------------------------------

    def power_up(self) -> None:
        unit = self._unit
        self._origin_ns = self._world.now_ns
        self._powered_times += 1
        self.chip = chip = Chip(
            bytes(unit.flash[:FLASH_SIZE]),
            unique_id=unit.unique_id,
            seed=self._powered_times,
            xip=self._xip,
        )
        self._local = LocalBus(chip.mcu, unit.port, self._sync)
        chip.on_reset.append(self._was_reset)
        chip.flash.on_begin = self._flash_begins
        chip.mcu.adc.on_adc_read = self._convert
        chip.mcu.adc.on_samples = self._samples
        chip.mcu.uart[1].on_byte = self._console_out
        for gpio in unit.board.pins.values():
            self._wire(chip, gpio)
        self._listen()

    def power_down(self) -> None:
        """The supply is gone; an erase or a program under way is left half done."""
        chip = self.chip
        if chip is None:
            return
        self.chip = None
        chip.stop()
        flash = self._unit.flash
        flash[:FLASH_SIZE] = bytes(chip.mcu.flash[:FLASH_SIZE])
        if (operation := chip.flash.pending) is not None:
            now = self._world.now_ns - self._origin_ns
            share = (now - operation.begin_ns) / (operation.end_ns - operation.begin_ns)
            flash.tear(operation.offset, operation.data, min(max(share, 0.0), 1.0))

    def _flash_begins(self, operation: Operation) -> None:
        if self.on_flash is not None:
            self._sync()
            self.on_flash(operation)
            self._interfered()

    def reset(self) -> None:
        """Pull RUN low for a moment."""
        if self.chip is not None:
            self.chip.reset()

    def _was_reset(self) -> None:
        self._sync()
        self._unit.reset_bmc()
        if self._local is not None:
            self._local.reset()
        self._listen()
        self._interfered()

    # --- time ---------------------------------------------------------------------------

    def run_to(self, ns: int) -> None:
        """Run the chip until that instant of the plant, or until something calls `stop`."""
        if self.chip is not None and (left := ns - self.now_ns) > 0:
            self.chip.run(left)

    @property
    def now_ns(self) -> int:
        """The chip's instant in the plant's time."""
        return self._origin_ns + (self.chip.now_ns if self.chip is not None else 0)

    def _sync(self) -> None:
        """Bring the plant to the chip's instant, before it feels something from the chip."""
        if self.now_ns > self._world.now_ns:
            self._world.advance_to(self.now_ns)

    # --- pads, converter, console ---------------------------------------------------------

    def _wire(self, chip: Chip, gpio: int) -> None:
        port = self._unit.port

        def driven(state: Any) -> None:
            if self.chip is not chip:
                return
            self._sync()
            if state in (GPIOPinState.HIGH, GPIOPinState.LOW):
                port.drive(gpio, int(state == GPIOPinState.HIGH))
            else:
                port.drive(gpio, None, _PULLS.get(state))
            self._interfered()

        chip.on_pad(gpio, driven)

    def _listen(self) -> None:
        """Feel the board's levels from now on; a reset of the pads ends that."""
        chip, port = self.chip, self._unit.port
        if chip is None:
            return
        for gpio in self._unit.board.pins.values():
            pin = chip.mcu.gpio[gpio]

            def changed(level: int, pin: Any = pin) -> None:
                pin.set_input_value(bool(level))
                chip.pins_changed()

            pin.set_input_value(bool(port.level(gpio)))
            port.on_change(gpio, changed)
        port.uart.on_receive(self._console_in)

    def _convert(self, channel: int) -> None:
        chip = self.chip
        if chip is None:
            return
        self._sync()
        adc = chip.mcu.adc
        measured = channel < 4 and channel in self._unit.board.adc
        adc.channel_values[channel] = (
            self._unit.port.adc_u12(channel) if measured else _TEMPERATURE_27C
        )
        adc._default_on_adc_read(channel)

    def _samples(self, takes: Sequence[tuple[int, int]]) -> list[int]:
        """What the free-running converter saw at instants of the chip just past."""
        if self.chip is None:
            return [0] * len(takes)
        self._sync()
        moved = [(self._origin_ns + ns, channel) for ns, channel in takes]
        return self._unit.port.adc_samples(moved)

    def _console_out(self, byte: int) -> None:
        self._sync()
        self._unit.port.uart.write(bytes([byte]))
        self._interfered()

    def _console_in(self) -> None:
        if self.chip is None:
            return
        uart = self.chip.mcu.uart[1]
        for byte in self._unit.port.uart.read(self._unit.port.uart.any()):
            uart.feed_byte(byte)
