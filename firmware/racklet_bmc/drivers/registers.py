"""Big-endian registers behind an 8-bit pointer, as the INA2xx and LM75 families have them."""


class Registers:
    """Reads and writes registers of one chip; buffers are allocated once."""

    def __init__(self, i2c: object, address: int) -> None:
        self._i2c = i2c
        self.address = address
        self._buffers = {width: bytearray(width) for width in (2, 3, 5)}

    def read(self, register: int, width: int = 2) -> int:
        """The unsigned value of a register of 2, 3 or 5 bytes; OSError on a NACK."""
        buffer = self._buffers[width]
        self._i2c.readfrom_mem_into(self.address, register, buffer)
        return int.from_bytes(buffer, "big")

    def write(self, register: int, value: int) -> None:
        """Set a 16-bit register; OSError on a NACK."""
        buffer = self._buffers[2]
        buffer[0], buffer[1] = value >> 8 & 0xFF, value & 0xFF
        self._i2c.writeto_mem(self.address, register, buffer)


def signed(value: int, bits: int) -> int:
    """Two's complement of `bits` bits as a signed integer."""
    return value - (1 << bits) if value >> (bits - 1) & 1 else value
