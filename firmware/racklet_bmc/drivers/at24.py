"""AT24CS32 and other 24Cxx EEPROMs with a 16-bit address (Microchip DS20005461).

4 KiB in pages of 32 bytes. The CS types answer at address + 8 with a factory-set serial
number of 128 bits; plain ones do not answer there.
"""

_SERIAL_AT = 0x0800  # word address of the serial number


class AT24:
    """One EEPROM on a local bus; read-only here."""

    SIZE = 4096

    def __init__(self, i2c: object, address: int) -> None:
        self._i2c = i2c
        self.address = address

    def probe(self) -> bool:
        """Whether something answers; an EEPROM has no identity register."""
        self.read(0, 1)
        return True

    def read(self, offset: int, length: int) -> bytes:
        """`length` bytes from `offset`; OSError on a NACK, ValueError beyond the end."""
        if offset < 0 or length < 0 or offset + length > self.SIZE:
            raise ValueError("beyond the end of the EEPROM")
        buffer = bytearray(length)
        self._i2c.readfrom_mem_into(self.address, offset, buffer, addrsize=16)
        return bytes(buffer)

    def read_serial(self) -> bytes:
        """The 16 factory bytes; OSError on types without them."""
        buffer = bytearray(16)
        self._i2c.readfrom_mem_into(self.address | 8, _SERIAL_AT, buffer, addrsize=16)
        return bytes(buffer)
