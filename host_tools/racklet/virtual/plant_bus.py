"""The SMBus of the simulated rack as a `racklet.bus.Bus`, and in single steps.

Both the server behind the socket and the demo in this process use it, so that the clients
above meet the same errors wherever the bus is.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from racklet_plant import errors as plant
from racklet_plant import smbus

from racklet.bus import Message, Read
from racklet.errors import Arbitration, BusTimeout, Nack


class PlantBus:
    """One controller of a simulated bus. Every transfer moves plant time by its own length."""

    def __init__(self, bus: smbus.SmbusModel) -> None:
        self._bus = bus

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        """One transaction; see `racklet.bus.Bus`."""
        with _our_errors():
            return self._bus.transfer([_to_plant(message) for message in messages])

    def start(self, address: int, read: bool) -> bool:
        """A start or repeated start; True when the address was acknowledged."""
        with _our_errors():
            return self._bus.start(address, read)

    def write(self, byte: int) -> bool:
        """One byte to the target; True when it was acknowledged."""
        with _our_errors():
            return self._bus.write(byte)

    def read(self, acknowledge: bool) -> int:
        """One byte from the target, acknowledged or not."""
        with _our_errors():
            return self._bus.read(acknowledge)

    def stop(self) -> None:
        """End the transaction."""
        with _our_errors():
            self._bus.stop()

    def describe(self) -> str:
        """There is no specification that opens a bus of this very process."""
        return "virtual rack"

    def close(self) -> None:
        """The rack owns the bus."""


def _to_plant(message: Message) -> smbus.Read | smbus.Write:
    if isinstance(message, Read):
        return smbus.Read(message.address, message.size, message.counted)
    return smbus.Write(message.address, message.data)


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except plant.Nack as error:
        raise Nack(error.msg) from None
    except plant.Timeout as error:
        raise BusTimeout(str(error)) from None
    except plant.Arbitration as error:
        raise Arbitration(str(error)) from None
