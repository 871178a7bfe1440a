"""What every transport offers, and the messages it carries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Write:
    """Bytes to a 7-bit address. Empty data is an SMBus Quick (write)."""

    address: int
    data: bytes = b""


@dataclass(frozen=True)
class Read:
    """`size` bytes from a 7-bit address. 0 is an SMBus Quick (read).

    With `counted` the first byte says how many data bytes follow, and `size` is the number of
    bytes besides those: 1 for the count itself, 2 with a PEC at the end. The reply holds all.
    """

    address: int
    size: int
    counted: bool = False


Message = Write | Read


class Bus(Protocol):
    """One controller of one bus. Not safe for use by several threads at once."""

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        """Run the messages as one transaction with repeated starts; the bytes of each `Read`.

        Raises `Nack` (with the index of the message), `BusTimeout`, `Arbitration`,
        `BadRequest` or `NotReachable`, and repeats nothing.
        """

    def describe(self) -> str:
        """The specification that opens this bus, such as `virtual:/run/.../rack.sock`."""

    def close(self) -> None:
        """Let go of the bus. A closed bus cannot be used again."""


class Clock(Protocol):
    """Time as the client sees it; the module `time` is one, a stepped bench another."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float, /) -> None:
        """Let that much time pass."""
