"""The local I2C bus and the serial console of the compute unit, from the board table."""

from board import BUSES, PINS
from machine import I2C, UART, Pin


def local_i2c() -> I2C:
    """The bus of the sensors; a part that does not answer raises OSError."""
    bus = BUSES["local"]
    return I2C(bus["id"], scl=Pin(PINS[bus["scl"]]), sda=Pin(PINS[bus["sda"]]), freq=bus["hz"])


CONSOLE_BUFFER = 2_048  # bytes: 177 ms at full speed, longer than a sector erase


def compute_console() -> UART:
    """115,200 8N1, as the Raspberry Pi's console has it."""
    pins = {"tx": Pin(PINS["PI_RXD"]), "rx": Pin(PINS["PI_TXD"])}
    return UART(1, 115_200, rxbuf=CONSOLE_BUFFER, **pins)
