"""SMBus with PEC to one target: commands out, checked bytes back, and patience with it.

A BMC that writes its flash leaves the bus for a moment and is not acknowledged, as an EEPROM
in its write cycle; so what was not acknowledged is tried again for a while. That is safe: a
command runs only when its last byte, the PEC, has arrived. A command that may have run (a
timeout after the bytes went out) is never repeated here: the caller asks the BMC, by
transaction id, what became of it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from racklet_wire import blocks, values
from racklet_wire.commands import code_of, lookup
from racklet_wire.pec import crc8
from racklet_wire.status import WORD_BUSY

from racklet.bus import stuck
from racklet.bus.base import Bus, Clock, Message, Read, Write
from racklet.errors import Arbitration, BadReply, BusError, BusTimeout, Nack

_STATUS_BYTE = bytes([code_of("STATUS_BYTE")])


@dataclass(frozen=True)
class Patience:
    """How long a target may stay silent, and how often a damaged read is read again."""

    nack_s: float = 0.15  # a 4 KiB sector takes 45 ms to erase
    pause_s: float = 0.01
    repeats: int = 3
    busy_s: float = 3.0  # a BMC that starts answers before its application does


ERASING = Patience(nack_s=1.0, pause_s=0.004)  # the slowest sector takes 400 ms
LOCKED = "its WRITE_PROTECT is set; write 0 to it first"  # what to do when it is
NONE = Patience(nack_s=0.0, repeats=0, busy_s=0.0)  # for a scan: who does not answer is not there


class Target:
    """One address of a bus. Every read is checked and every write carries its PEC."""

    def __init__(
        self, bus: Bus, address: int, clock: Clock = time, patience: Patience | None = None
    ) -> None:
        self.bus = bus
        self.address = address
        self._clock = clock
        self._patience = patience or Patience()

    # --- by name, in values -------------------------------------------------------

    def read(self, name: str) -> int:
        """The value of a byte or word command of the table, in thousandths or plain."""
        code = code_of(name)
        return values.decode(code, self.read_bytes(code, _size(code)))

    def write(self, name: str, value: int) -> None:
        """Write the value of a byte or word command of the table."""
        code = code_of(name)
        self.write_bytes(code, values.encode(code, value))

    def send(self, name: str) -> None:
        """A Send Byte, such as CLEAR_FAULTS."""
        self.write_bytes(code_of(name), b"")

    def block(self, name: str) -> dict[str, int | bytes]:
        """The fields of a manufacturer block."""
        return blocks.unpack(name, self.read_block(code_of(name), blocks.size(name)))

    def write_fields(
        self, name: str, patience: Patience | None = None, **fields: int | bytes
    ) -> None:
        """Write a manufacturer block."""
        self.write_block(code_of(name), blocks.pack(name, **fields), patience)

    def text(self, name: str) -> str:
        """A text block such as MFR_MODEL, whose size only the target knows."""
        code = code_of(name)
        return self.read_block(code).decode("ascii", "replace")

    def is_locked(self) -> bool:
        """Whether it ignores writes because WRITE_PROTECT says so."""
        try:
            return bool(self.read("WRITE_PROTECT"))
        except BadReply:  # it has none
            return False

    def query(self, code: int) -> int:
        """What QUERY says about a command code."""
        return self.process(code_of("QUERY"), bytes([code]))[0]

    # --- by code, in bytes --------------------------------------------------------

    def read_bytes(self, code: int, size: int) -> bytes:
        """Read Byte, Word, 32 or 64."""
        return self._checked(bytes([code]), size, False)

    def read_block(self, code: int, size: int | None = None) -> bytes:
        """Block Read; with `size` for a block that has exactly so many bytes."""
        if size is None:
            return self._checked(bytes([code]), 1, True)[1:]
        data = self._checked(bytes([code]), size + 1, False)
        if data[0] != size:
            raise BadReply(f"{self._name(code)} has {data[0]} bytes, not {size}")
        return data[1:]

    def process(self, code: int, arguments: bytes) -> bytes:
        """Block Write - Block Read Process Call."""
        return self._checked(bytes([code, len(arguments)]) + arguments, 1, True)[1:]

    def write_bytes(self, code: int, data: bytes, patience: Patience | None = None) -> None:
        """Send Byte, Write Byte, Word, 32 or 64."""
        message = bytes([code]) + data
        pec = crc8(bytes([self.address << 1]) + message)
        write = Write(self.address, message + bytes([pec]))
        self._patiently(lambda: self.bus.transfer([write]), code, patience)

    def write_block(self, code: int, data: bytes, patience: Patience | None = None) -> None:
        """Block Write."""
        self.write_bytes(code, bytes([len(data)]) + data, patience)

    # --- how --------------------------------------------------------------------------

    def _checked(self, head: bytes, size: int, counted: bool) -> bytes:
        """Write `head`, read `size` bytes and their PEC; again when they came damaged."""
        messages: list[Message] = [Write(self.address, head), Read(self.address, size + 1, counted)]
        start = crc8(bytes([self.address << 1]) + head + bytes([self.address << 1 | 1]))
        attempt, busy_until = 0, self._clock.monotonic() + self._patience.busy_s
        was_held = False
        while attempt <= self._patience.repeats:
            try:
                data = self._patiently(lambda: self.bus.transfer(messages), head[0])[0]
            except BusTimeout:  # `_explained` has waited for the bus to be let go
                was_held = True
                if attempt == self._patience.repeats:
                    raise
                attempt += 1
                continue  # a read changes nothing, so it may be repeated
            except Nack as error:
                if was_held:
                    error.hint = stuck.CUT_OFF
                raise
            if len(data) > size and crc8(data, start) == 0:
                return data[:-1]
            if self._clock.monotonic() < busy_until and self._has_no_value_yet(data):
                self._clock.sleep(self._patience.pause_s)
            else:
                attempt += 1
        raise BadReply(
            f"{self._name(head[0])} came damaged {self._patience.repeats + 1} times (PEC)",
            hint="check the pull-ups, the length of the bus and its ground, or lower its clock",
        )

    def _has_no_value_yet(self, data: bytes) -> bool:
        """Whether these bytes, instead of a reply, say that the BMC is busy (PMBus Part II,
        section 10.9: what cannot be answered reads as ones)."""
        if data.count(0xFF) != len(data):
            return False
        ask: list[Message] = [Write(self.address, _STATUS_BYTE), Read(self.address, 2)]
        status = self._patiently(lambda: self.bus.transfer(ask), _STATUS_BYTE[0])[0]
        return bool(status[0] & WORD_BUSY) and status[0] != 0xFF

    def _patiently(
        self,
        transfer: Callable[[], list[bytes]],
        code: int,
        patience: Patience | None = None,
    ) -> list[bytes]:
        patience = patience or self._patience
        end = self._clock.monotonic() + patience.nack_s
        while True:
            try:
                return transfer()
            except (Nack, Arbitration) as error:
                if self._clock.monotonic() >= end:
                    raise self._explained(error, code) from None
            except BusError as error:
                raise self._explained(error, code) from None
            self._clock.sleep(patience.pause_s)

    def _explained(self, error: BusError, code: int) -> BusError:
        """The same error, naming bus, address, command and what to check."""
        hint = error.hint
        if isinstance(error, Nack):
            hint = hint or "is a unit in that slot, seated and powered?"
        elif isinstance(error, BusTimeout):
            found = stuck.look(self.bus, self._clock)
            hint = f"{hint}; {found}" if hint else found
        error.message = f"{self.bus.describe()}, {self._name(code)}: {error.message}"
        error.args = (error.message,)
        error.hint = hint
        return error

    def _name(self, code: int) -> str:
        row = lookup(code)
        return f"address 0x{self.address:02X}, {row[1] if row else f'command 0x{code:02X}'}"


def _size(code: int) -> int:
    row = lookup(code)
    assert row is not None
    return row[5]
