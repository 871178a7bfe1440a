"""The bus of real hardware: /dev/i2c-N through the ioctl I2C_RDWR (smbus2).

Plain write and read messages only, so that it works on every controller of a Raspberry Pi:
i2c-bcm2835 can do neither length-prefixed reads nor block process calls, and takes a read as
the last message only; i2c-designware has no Quick and no PEC. A counted read is therefore done
twice, first for its count and then whole; what is read that way changes nothing on the target.
"""

import errno
from collections.abc import Sequence
from pathlib import Path

from smbus2 import SMBus, i2c_msg

from racklet.bus.base import Message, Read, Write
from racklet.errors import (
    Arbitration,
    BadReply,
    BadRequest,
    BusError,
    BusTimeout,
    Nack,
    NotReachable,
)

_MAX_BLOCK = 32
_ADAPTERS = Path("/sys/bus/i2c/devices")

# What the controllers of Linux report (Documentation/i2c/fault-codes.rst, and the drivers).
_NACK = {errno.ENXIO, errno.EREMOTEIO, errno.ENODEV}
_TIMEOUT = {errno.ETIMEDOUT, errno.ETIME, errno.EBUSY}
_LOST = {errno.EAGAIN}
_FORM = {errno.EINVAL, errno.EOPNOTSUPP, errno.EPROTO, errno.EMSGSIZE}


class LinuxBus:
    """The adapter at `path`, such as /dev/i2c-1."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            self._bus = SMBus(path)
        except FileNotFoundError:
            raise NotReachable(
                f"there is no {path}",
                hint="is the controller enabled (raspi-config, or dtparam=i2c_arm=on)? "
                "ls /dev/i2c-* shows what there is",
            ) from None
        except PermissionError:
            raise NotReachable(
                f"{path} may not be opened",
                hint="add yourself to its group: sudo usermod -aG i2c $USER, then log in again",
            ) from None
        except OSError as error:
            raise NotReachable(f"{path} cannot be opened: {error.strerror}") from None

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        plain = [
            Read(message.address, self._counted(messages, index), False)
            if isinstance(message, Read) and message.counted
            else message
            for index, message in enumerate(messages)
        ]
        return self._run(plain)

    def describe(self) -> str:
        return f"i2c:{self._path}"

    def close(self) -> None:
        self._bus.close()

    def _counted(self, messages: Sequence[Message], index: int) -> int:
        """How many bytes the counted read at `index` has in all."""
        message = messages[index]
        if index != len(messages) - 1 or not isinstance(message, Read):
            raise BadRequest("a counted read must be the last message on this adapter")
        count = self._run([*messages[:index], Read(message.address, 1)])[-1][0]
        if count > _MAX_BLOCK:
            raise BadReply(f"0x{message.address:02X} announced a block of {count} bytes")
        return message.size + count

    def _run(self, messages: Sequence[Message]) -> list[bytes]:
        wire = [
            i2c_msg.write(message.address, message.data)
            if isinstance(message, Write)
            else i2c_msg.read(message.address, message.size)
            for message in messages
        ]
        try:
            self._bus.i2c_rdwr(*wire)
        except OSError as error:
            raise self._error(error) from None
        return [
            bytes(data.buf[: data.len])
            for data, message in zip(wire, messages, strict=True)
            if isinstance(message, Read)
        ]

    def _error(self, error: OSError) -> BusError:
        """Linux does not say which message was not acknowledged; the first is assumed."""
        path = self._path
        if error.errno in _NACK:
            return Nack(0)
        if error.errno in _TIMEOUT:
            adapter = _adapter(path)
            pulses = (
                "this adapter cannot pulse the clock to free it"
                if "bcm2835" in adapter
                else "the kernel pulses the clock nine times where the adapter can"
            )
            return BusTimeout(f"{path} ({adapter}) timed out", hint=f"a line was low; {pulses}")
        if error.errno in _LOST:
            return Arbitration(f"{path}: another controller won the bus")
        if error.errno in _FORM:
            return BadRequest(f"{path} cannot do this transaction: {error.strerror}")
        return BusError(f"{path}: {error.strerror or error}")


def _adapter(path: str) -> str:
    """What the kernel calls the adapter, such as `bcm2835 (i2c@7e804000)`."""
    try:
        return (_ADAPTERS / Path(path).name / "name").read_text().strip()
    except OSError:
        return "adapter unknown"
