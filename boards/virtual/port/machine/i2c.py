"""The I2C controller. An address or byte that is not acknowledged raises OSError(EIO)."""

from link import link

_EIO = 5


class I2C:
    def __init__(self, id: int, *, scl=None, sda=None, freq: int = 400_000, timeout=50_000) -> None:
        self._id = id
        self._freq = freq

    def _transfer(self, address: int, write: bytes, n_read: int) -> bytes:
        answer = link.call("i2c", self._id, address, bytes(write).hex(), n_read)
        bits = 9 * (len(write) + n_read + 2) + 4
        link.spend_us(bits * 1_000_000 // self._freq)
        if answer is None:
            raise OSError(_EIO)
        return bytes.fromhex(answer)

    def writeto(self, address: int, data, stop: bool = True) -> int:
        self._transfer(address, data, 0)
        return len(data)

    def readfrom(self, address: int, count: int, stop: bool = True) -> bytes:
        return self._transfer(address, b"", count)

    def readfrom_into(self, address: int, buffer, stop: bool = True) -> None:
        buffer[:] = self._transfer(address, b"", len(buffer))

    def readfrom_mem(self, address: int, register: int, count: int, *, addrsize: int = 8) -> bytes:
        return self._transfer(address, register.to_bytes(addrsize // 8, "big"), count)

    def readfrom_mem_into(self, address: int, register: int, buffer, *, addrsize: int = 8) -> None:
        buffer[:] = self.readfrom_mem(address, register, len(buffer), addrsize=addrsize)

    def writeto_mem(self, address: int, register: int, data, *, addrsize: int = 8) -> None:
        self._transfer(address, register.to_bytes(addrsize // 8, "big") + bytes(data), 0)

    def scan(self):
        found = []
        for address in range(0x08, 0x78):
            try:
                self._transfer(address, b"", 1)
                found.append(address)
            except OSError:
                pass
        return found
