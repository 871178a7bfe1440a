"""The few values that must outlive a power cut: energy totals, what the rail was told to be.

Each save() writes all values as one record of a flash ring; the newest whole record counts.
Sixteen sectors hold 256 records. At one record every 35 s (28 W reach 1 kJ by then) a sector is
erased 35,000 times in ten years, of the 100,000 that the flash is made for.
"""

from racklet_base.services.ring import Ring
from racklet_wire import cbor


class Store:
    """A map of small values (text keys; integers and lists) kept in a ring."""

    def __init__(self, flash: object) -> None:
        self._ring = Ring(flash)
        payload = self._ring.read(self._ring.last)
        self.values = {} if payload is None else cbor.decode(payload)

    def save(self, last_gasp: bool = False) -> None:
        """Write all values down. With `last_gasp` it takes one page program, never an erase."""
        self._ring.append(cbor.encode(self.values), last_gasp)

    def maintain(self) -> bool:
        """Keep a sector erased ahead; whether that took an erase."""
        return self._ring.maintain()
