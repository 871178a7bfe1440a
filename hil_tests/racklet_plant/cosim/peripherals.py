"""What a BMC process asks of its board: each operation of `boards/virtual` is one method."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from racklet_plant.errors import Nack
from racklet_plant.unit import Unit
from racklet_plant.world import World

from .target import BusTarget

_RISING = 8
_FALLING = 4
_WDT_RESET = 3
_REASON_TIMER = 1
_REASON_FORCED = 2
_SCRATCH_SIZE = 32  # bytes: eight words of the watchdog
_SAMPLED = (0, 1, 2)  # channels of the converter that the board's recorder.py takes in turn


class Processor(Protocol):
    """The simulated chip around its peripherals."""

    target: BusTarget

    def interrupt(self, source: str, *arguments: Any) -> None:
        """Run the handler of that source."""

    def reset(self, cause: int) -> None:
        """Restart the chip."""


class Peripherals:
    """The simulated chip's registers, timers and pads. Survives a reset as the chip does."""

    def __init__(self, world: World, unit: Unit, bmc: Processor, folder: Path) -> None:
        self._world = world
        self._unit = unit
        self._bmc = bmc
        self._flash_file = folder / f"unit-{unit.serial}.flash"
        self._scratch_file = folder / f"unit-{unit.serial}.scratch"
        self._cause = 1
        self._reason = 0
        self._timers: dict[int, Any] = {}
        self._watchdog: Any = None
        self.watchdog_deadline_ns: int | None = None
        self._pin_irqs: dict[int, int] = {}
        self._watched: set[int] = set()
        self._operations: dict[str, Callable[..., Any]] = {
            name[4:]: getattr(self, name) for name in dir(self) if name.startswith("_op_")
        }
        unit.flash.attach_file(self._flash_file)
        unit.console.on_receive(self._uart_received)

    def request(self, operation: str, arguments: list[Any]) -> Any:
        try:
            handler = self._operations[operation]
        except KeyError:
            raise LookupError("no such operation") from None
        return handler(*arguments)

    # --- power and reset ---------------------------------------------------------

    def cold(self) -> None:
        """Power-on clears what a reset keeps."""
        self._scratch_file.write_bytes(bytes(_SCRATCH_SIZE))
        self._reason = 0

    def reset(self, cause: int) -> None:
        self._cause = cause
        self._watched.clear()
        self._unit.reset_bmc()

    def stop(self) -> None:
        """The clocks of a chip in reset or without power stand still."""
        for handle in self._timers.values():
            self._world.cancel(handle)
        self._timers.clear()
        self._pin_irqs.clear()
        self._stop_watchdog()

    def _stop_watchdog(self) -> None:
        if self._watchdog is not None:
            self._world.cancel(self._watchdog)
        self._watchdog = None
        self.watchdog_deadline_ns = None

    # --- system --------------------------------------------------------------------

    def _op_hello(self) -> dict[str, Any]:
        return {
            "unique_id": self._unit.unique_id.hex(),
            "reset_cause": self._cause,
            "flash": str(self._flash_file),
            "scratch": str(self._scratch_file),
        }

    def _op_reset(self) -> None:
        self._reason = _REASON_FORCED
        self._bmc.reset(_WDT_RESET)

    def _op_watchdog_reason(self) -> int:
        return self._reason

    def _op_watchdog(self, timeout_ms: int) -> None:
        self._stop_watchdog()
        self.watchdog_deadline_ns = self._world.now_ns + timeout_ms * 1_000_000
        self._watchdog = self._world.at(self.watchdog_deadline_ns, self._bite)

    def _bite(self) -> None:
        self._watchdog = None
        self.note_bite()
        self._bmc.reset(_WDT_RESET)

    def note_bite(self) -> None:
        """What the chip remembers of a watchdog that ran out."""
        self._reason = _REASON_TIMER

    def _op_timer(self, number: int, period_us: int, periodic: bool) -> None:
        if number in self._timers:
            self._world.cancel(self._timers.pop(number))
        if period_us > 0:
            self._arm_timer(number, period_us, periodic)

    def _arm_timer(self, number: int, period_us: int, periodic: bool) -> None:
        def expire() -> None:
            del self._timers[number]
            if periodic:
                self._arm_timer(number, period_us, periodic)
            self._bmc.interrupt("timer", number)

        self._timers[number] = self._world.after(period_us * 1000, expire)

    # --- pins and converters ---------------------------------------------------------

    def _op_drive(self, gpio: int, out: int | None, pull: str | None) -> None:
        self._unit.port.drive(gpio, out, pull)

    def _op_pin_irq(self, gpio: int, trigger: int) -> None:
        self._pin_irqs[gpio] = trigger
        if gpio not in self._watched:
            self._watched.add(gpio)
            self._unit.port.on_change(gpio, lambda level: self._edge(gpio, level))

    def _edge(self, gpio: int, level: int) -> None:
        if self._pin_irqs.get(gpio, 0) & (_RISING if level else _FALLING):
            self._raise("pin", gpio, level)

    def _op_adc(self, *channels: int) -> list[int]:
        return [self._unit.port.adc_u12(channel) for channel in channels]

    def _op_adc_samples(self, first_us: int, frame_us: int, frames: int) -> list[int]:
        """Round robin over the first channels, so many frames of them from an instant on."""
        period_ns = frame_us * 1000 // len(_SAMPLED)
        begin = first_us * 1000
        takes = [
            (begin + k * period_ns, _SAMPLED[k % len(_SAMPLED)])
            for k in range(frames * len(_SAMPLED))
        ]
        return self._unit.port.adc_samples(takes)

    # --- buses -------------------------------------------------------------------------

    def _op_i2c(self, block: int, address: int, write: str, n_read: int) -> str | None:
        if block != 1:
            raise ValueError(f"I2C{block} is not wired as a controller")
        try:
            return self._unit.port.i2c_transfer(address, bytes.fromhex(write), n_read).hex()
        except Nack:
            return None

    def _op_i2c_target(self, block: int, address: int | None) -> None:
        if block != 0:
            raise ValueError(f"I2C{block} is not wired as a target")
        self._bmc.target.configure(address)

    def _op_i2c_target_active(self, block: int) -> bool:
        return self._bmc.target.is_active

    def _op_i2c_target_tx(self, block: int, data: str) -> None:
        self._bmc.target.transmit(bytes.fromhex(data))

    def _op_uart(self, number: int, baudrate: int) -> None:
        if baudrate != 115_200:
            raise ValueError(f"the compute unit's console runs at 115,200 baud, not {baudrate}")

    def _op_uart_write(self, number: int, data: str) -> None:
        if number == 1:  # UART0 is the debug header: nobody listens there
            self._unit.console.write(bytes.fromhex(data))

    def _uart_received(self) -> None:
        console = self._unit.console
        self._raise("uart", 1, console.read(console.any()).hex())

    def _raise(self, source: str, *arguments: Any) -> None:
        """An interrupt out of the middle of a change of the plant: once that is complete."""
        self._world.after(0, lambda: self._bmc.interrupt(source, *arguments))

    # --- flash and protection ------------------------------------------------------------

    def _op_flash_erase(self, offset: int) -> None:
        self._spend(self._unit.flash.erase(offset))

    def _op_flash_program(self, offset: int, data: str) -> None:
        self._spend(self._unit.flash.program(offset, bytes.fromhex(data)))

    def _spend(self, ns: int) -> None:
        """Code in flash stands still meanwhile; the rest of the world does not."""
        self._world.advance_to(self._world.now_ns + ns)

    def _op_protect(self, armed: bool) -> None:
        if armed:
            self._unit.protection.arm()
        else:
            self._unit.protection.disarm()

    def _op_protection_clear(self) -> None:
        self._unit.protection.trip()

    def _op_protection_tripped(self) -> str:
        """The net that tripped it, "firmware", or nothing."""
        return self._unit.protection.tripped
