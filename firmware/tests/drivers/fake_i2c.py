"""An I2C bus of registers: what was written, what will be read, and who does not answer."""


class FakeI2C:
    """`chips[address][register]` are the bytes of a register; a missing chip does not answer."""

    def __init__(self) -> None:
        self.chips = {}
        self.written = []

    def readfrom_mem_into(
        self, address: int, register: int, buffer: bytearray, addrsize: int = 8
    ) -> None:
        if address not in self.chips:
            raise OSError(5)
        content = self.chips[address]
        if addrsize == 16:  # a memory: bytes from an offset
            buffer[:] = content[register : register + len(buffer)]
        else:
            assert len(content[register]) == len(buffer), "width of the register"
            buffer[:] = content[register]

    def writeto_mem(self, address: int, register: int, data: bytes) -> None:
        if address not in self.chips:
            raise OSError(5)
        self.chips[address][register] = bytes(data)
        self.written.append((address, register, bytes(data).hex()))
