"""`machine` as the firmware uses it on an RP2040, every peripheral a thin remote of the plant."""

from link import link

from .adc import ADC
from .i2c import I2C
from .i2c_target import I2CTarget
from .pin import Pin
from .registers import mem32
from .system import (
    PWRON_RESET,
    WDT_RESET,
    disable_irq,
    enable_irq,
    freq,
    reset,
    reset_cause,
    soft_reset,
    unique_id,
)
from .timer import Timer
from .uart import UART
from .watchdog import WDT

__all__ = (
    "ADC",
    "I2C",
    "I2CTarget",
    "PWRON_RESET",
    "Pin",
    "Timer",
    "UART",
    "WDT",
    "WDT_RESET",
    "disable_irq",
    "enable_irq",
    "freq",
    "idle",
    "mem32",
    "reset",
    "reset_cause",
    "soft_reset",
    "unique_id",
)


def idle() -> None:
    """Wait for an interrupt; here at most a millisecond of plant time."""
    link.call("sleep", 1000)
