"""The transport over /dev/i2c-N: what it asks of the kernel, and what the kernel's errors mean."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from racklet.bus import Read, Write
from racklet.bus.linux import LinuxBus
from racklet.errors import (
    Arbitration,
    BadReply,
    BadRequest,
    BusError,
    BusTimeout,
    Nack,
    NotReachable,
)


class FakeSMBus:
    """Stands for smbus2.SMBus: answers reads from `replies`, or raises `error`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.asked: list[list[tuple[str, int, bytes | int]]] = []
        self.replies: list[bytes] = []
        self.error: OSError | None = None

    def i2c_rdwr(self, *messages):
        if self.error is not None:
            raise self.error
        asked: list[tuple[str, int, bytes | int]] = []
        for message in messages:
            if message.flags & 1:
                asked.append(("read", message.addr, message.len))
                for i, byte in enumerate(self.replies.pop(0)[: message.len]):
                    message.buf[i] = byte
            else:
                asked.append(("write", message.addr, message.buf[: message.len]))
        self.asked.append(asked)

    def close(self) -> None:
        pass


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSMBus]:
    made = FakeSMBus("/dev/i2c-1")
    monkeypatch.setattr("racklet.bus.linux.SMBus", lambda path: made)
    yield made


def test_a_transaction_is_one_call(fake: FakeSMBus) -> None:
    fake.replies = [b"\x8d\xca\x51"]
    bus = LinuxBus("/dev/i2c-1")
    assert bus.transfer([Write(17, b"\x88"), Read(17, 3)]) == [b"\x8d\xca\x51"]
    assert fake.asked == [[("write", 17, b"\x88"), ("read", 17, 3)]]
    assert bus.describe() == "i2c:/dev/i2c-1"


def test_a_counted_read_is_asked_twice(fake: FakeSMBus) -> None:
    fake.replies = [b"\x07", b"\x07RACKLET\x64"]
    reads = LinuxBus("/dev/i2c-1").transfer([Write(17, b"\x99"), Read(17, 2, counted=True)])
    assert reads == [b"\x07RACKLET\x64"]
    assert [call[-1] for call in fake.asked] == [("read", 17, 1), ("read", 17, 9)]


def test_a_count_beyond_a_block_is_refused(fake: FakeSMBus) -> None:
    fake.replies = [b"\xff"]
    with pytest.raises(BadReply):
        LinuxBus("/dev/i2c-1").transfer([Write(17, b"\x8a"), Read(17, 2, counted=True)])


def test_a_counted_read_must_come_last(fake: FakeSMBus) -> None:
    with pytest.raises(BadRequest):
        LinuxBus("/dev/i2c-1").transfer([Read(17, 1, counted=True), Read(17, 1)])


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENXIO, Nack),
        (errno.EREMOTEIO, Nack),
        (errno.ETIMEDOUT, BusTimeout),
        (errno.EAGAIN, Arbitration),
        (errno.EOPNOTSUPP, BadRequest),
        (errno.EIO, BusError),
    ],
)
def test_what_the_kernel_reports(fake: FakeSMBus, number: int, error: type[BusError]) -> None:
    fake.error = OSError(number, "reported")
    with pytest.raises(error) as caught:
        LinuxBus("/dev/i2c-1").transfer([Write(17)])
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("bcm2835 (i2c@7e804000)", "cannot pulse"),
        ("Synopsys DesignWare I2C adapter", "nine times where the adapter can"),
        (None, "nine times where the adapter can"),
    ],
)
def test_a_held_line_says_what_the_adapter_does_about_it(
    fake: FakeSMBus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str | None, says: str
) -> None:
    if name is not None:
        (tmp_path / "i2c-1").mkdir()
        (tmp_path / "i2c-1" / "name").write_text(name + "\n")
    monkeypatch.setattr("racklet.bus.linux._ADAPTERS", tmp_path)
    fake.error = OSError(errno.ETIMEDOUT, "reported")
    with pytest.raises(BusTimeout) as caught:
        LinuxBus("/dev/i2c-1").transfer([Write(17)])
    assert (name or "unknown") in caught.value.message
    assert says in caught.value.hint


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (FileNotFoundError(errno.ENOENT, "none"), "dtparam"),
        (PermissionError(errno.EACCES, "denied"), "usermod"),
        (OSError(errno.ENODEV, "no device"), ""),
    ],
)
def test_an_adapter_that_cannot_be_opened(
    monkeypatch: pytest.MonkeyPatch, error: OSError, hint: str
) -> None:
    def fail(path: str) -> None:
        raise error

    monkeypatch.setattr("racklet.bus.linux.SMBus", fail)
    with pytest.raises(NotReachable, match="/dev/i2c-7") as caught:
        LinuxBus("/dev/i2c-7")
    assert hint in caught.value.hint
