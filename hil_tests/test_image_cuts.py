"""A BMC that dies at any byte of the transactions of an update: it starts what was verified,
never what is too old, says what it knows, and does again what was cut short.

One unit goes from number to number, so that each death meets the traces of those before it.
`RACKLET_SOAK=1` takes every byte, else one in RACKLET_CUT_STRIDE of them. Here it is reset; on
the chip `chip_tests/test_image_cuts.py` takes its power away, in a copy of the bench each time.
"""

import os
from collections.abc import Callable, Sequence

import pytest
from racklet.bmc import Bmc
from racklet.bus import Message, Write
from racklet.errors import Absent, BusError
from racklet.images import read_image, romfs, sign_image
from racklet.images.key_manifest import sign_keys
from racklet.keys import SigningKey
from racklet_bench.bench import HANDS, RESET, SLOTS, Bench
from racklet_wire import image
from racklet_wire.commands import code_of

pytestmark = [pytest.mark.needs(HANDS, RESET, SLOTS), pytest.mark.long("rp2040")]

STRIDE = 1 if os.environ.get("RACKLET_SOAK") else int(os.environ.get("RACKLET_CUT_STRIDE", "19"))
ADDRESS = 0x11
BEGIN, CHUNK, COMMAND = (code_of(f"IMAGE_{name}") for name in ("BEGIN", "CHUNK", "COMMAND"))
_COMMAND_AT = 2  # in the bytes of IMAGE_COMMAND: code, count, command
# What the recovery service does is all that is asked of an application here; two sectors.
TREE: romfs.Tree = {
    "racklet_bmc": {"__init__.py": b"", "app.py": b"from racklet_base.recovery import run"},
    "filler": bytes(range(256)) * 20,
}


class Died(Exception):
    """The BMC was reset, or lost its power, in the middle of a transaction."""


class CuttingBus:
    """A bus on which the BMC dies after `left` more bytes once `is_due(message)`."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._bus = bench.bus
        self._left: int | None = None
        self._is_due: Callable[[bytes], bool] = lambda data: False
        self.deaths = 0

    def arm(self, is_due: Callable[[bytes], bool], after: int) -> None:
        self._is_due, self._left = is_due, after

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        first = messages[0]
        if self._left is None or not isinstance(first, Write) or not self._is_due(first.data):
            return self._bus.transfer(messages)
        bus, left, self._left = self._bus, self._left, None
        if left > len(first.data):
            bus.transfer(messages)  # it has arrived; whatever it leads to has not happened
        elif bus.start(first.address, read=False):  # type: ignore[attr-defined]
            for byte in first.data[:left]:
                bus.write(byte)  # type: ignore[attr-defined]
        self._bench.reset_bmc(1)
        bus.stop()  # type: ignore[attr-defined]
        self.deaths += 1
        raise Died

    def describe(self) -> str:
        return self._bus.describe()

    def close(self) -> None:
        self._bus.close()


class Life:
    """The unit in slot 1, from one confirmed number to the next."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._payload = romfs.pack(TREE)
        bench.ship(self.envelope(1))
        bench.insert(1)
        self.bus = CuttingBus(bench)
        self.bmc = Bmc(self.bus, 1, bench.clock)
        self.sequence = 1
        self.settle()

    def envelope(self, sequence: int) -> bytes:
        return sign_image(self._payload, self._bench.signing_key, sequence, self._bench.board)

    def settle(self, other_than: int = 0) -> None:
        """Wait until it serves, in another generation than that."""
        end = self._bench.clock.monotonic() + 20
        while self._bench.clock.monotonic() < end:
            try:
                identity = self.bmc.identify()
                if not identity.is_starting and identity.generation != other_than:
                    return
            except (Absent, BusError):
                pass
            self._bench.clock.sleep(0.020)
        raise AssertionError("a brick: it does not serve any more")

    def send(self) -> None:
        read = read_image(self.envelope(self.sequence + 1))
        result = self.bmc.send_image(image.FIRMWARE, read.head, read.payload)
        assert result.is_accepted, result.reason

    def command(self, command: int) -> None:
        status = self.bmc.image_status()
        self.bmc.image_command(command, status.transfer_id, self.bmc.identify().generation)

    def activate(self) -> None:
        generation = self.bmc.identify().generation
        self.command(image.COMMAND_ACTIVATE)
        self.settle(generation)

    def update(self) -> None:
        """The next number, confirmed."""
        self.send()
        self.activate()
        self.confirm()

    def confirm(self) -> None:
        assert self.bmc.image_status().is_trial
        self.command(image.COMMAND_CONFIRM)
        self._until(lambda: not self.bmc.image_status().is_trial)

    def send_back(self) -> None:
        """The next number on trial, and back again."""
        self.send()
        self.activate()
        generation = self.bmc.identify().generation
        self.command(image.COMMAND_REVERT)
        self.settle(generation)

    def resume(self) -> None:
        """A transfer that a reset cut short, then all of it."""
        read = read_image(self.envelope(self.sequence + 1))

        def stop(received: int, _size: int) -> None:
            if received > len(read.head) + 4500:
                raise Died

        with pytest.raises(Died):
            self.bmc.send_image(image.FIRMWARE, read.head, read.payload, stop)
        generation = self.bmc.identify().generation
        self._bench.reset_bmc(1)
        self.settle(generation)
        self.update()

    def keys(self) -> None:
        """The next key manifest."""
        ours = self._bench.signing_key.public
        other = SigningKey.from_seed(bytes([1]) * 32).public
        data = sign_keys(
            self._bench.signing_key,
            self.sequence + 1,
            self._bench.board,
            trusted=[ours, other],
        )
        read = read_image(data)
        result = self.bmc.send_image(image.KEYS, read.head, read.payload)
        assert result.is_accepted, result.reason
        self.update()  # so that the next round has a new number

    def check(self) -> None:
        """After a death: what runs is verified and not too old; then the next number goes in."""
        self.settle()
        status = self.bmc.image_status()
        assert self.sequence <= status.active_sequence <= self.sequence + 1
        assert status.minimum_sequence <= status.active_sequence
        assert status.minimum_sequence >= self.sequence
        if status.minimum_sequence > self.sequence:  # the confirmation had arrived after all
            self.sequence += 1
        elif status.is_trial:
            generation = self.bmc.identify().generation
            self.command(image.COMMAND_REVERT)
            self.settle(generation)
        self.update()
        self.sequence += 1
        status = self.bmc.image_status()
        assert status.active_sequence == status.minimum_sequence == self.sequence

    def _until(self, condition: Callable[[], bool]) -> None:
        end = self._bench.clock.monotonic() + 3
        while not condition():
            assert self._bench.clock.monotonic() < end
            self._bench.clock.sleep(0.020)


def nth(code: int, number: int) -> Callable[[bytes], bool]:
    """The message with that code that comes as that one, from 0."""
    seen = -1

    def is_due(data: bytes) -> bool:
        nonlocal seen
        seen += data[0] == code
        return data[0] == code and seen == number

    return is_due


def command(which: int) -> Callable[[bytes], bool]:
    return lambda data: data[0] == COMMAND and data[_COMMAND_AT] == which


def beyond(chunk: int, begun: int) -> Callable[[bytes], bool]:
    """The first chunk from that number on, after so many beginnings."""
    begins = 0

    def is_due(data: bytes) -> bool:
        nonlocal begins
        begins += data[0] == BEGIN
        number = int.from_bytes(data[2:4], "little")
        return data[0] == CHUNK and begins >= begun and number >= chunk

    return is_due


_HEAD = 260  # bytes of a head, about; a chunk carries 30
_LAST = (_HEAD + 5200) // 30  # one of the last chunks
# (what, how the life goes, which message, its bytes besides the address)
KINDS = (
    ("begin", Life.update, lambda: nth(BEGIN, 0), 19),
    ("first chunk", Life.update, lambda: nth(CHUNK, 0), 35),
    ("middle chunk", Life.update, lambda: beyond(90, 1), 35),
    ("last chunk", Life.update, lambda: beyond(_LAST, 1), 35),
    ("resumed chunk", Life.resume, lambda: beyond(20, 2), 35),
    ("finish", Life.update, lambda: command(image.COMMAND_FINISH), 15),
    ("activate", Life.update, lambda: command(image.COMMAND_ACTIVATE), 15),
    ("confirm", Life.update, lambda: command(image.COMMAND_CONFIRM), 15),
    ("revert", Life.send_back, lambda: command(image.COMMAND_REVERT), 15),
    ("keys: begin", Life.keys, lambda: nth(BEGIN, 0), 19),
    ("keys: chunk", Life.keys, lambda: nth(CHUNK, 5), 35),
    ("keys: finish", Life.keys, lambda: command(image.COMMAND_FINISH), 15),
)


@pytest.mark.parametrize(("name", "live", "message", "size"), KINDS, ids=[k[0] for k in KINDS])
def test_it_survives_a_death_at_any_byte(
    bench: Bench,
    name: str,
    live: Callable[[Life], None],
    message: Callable[[], Callable[[bytes], bool]],
    size: int,
) -> None:
    life = Life(bench)
    deaths = range(0, size + 2, STRIDE)  # the last one when all has arrived
    for after in deaths:
        life.bus.arm(message(), after)
        generation = life.bmc.identify().generation
        with pytest.raises(Died):
            live(life)
        life.settle(generation)
        life.check()
    assert life.bus.deaths == len(deaths), name
    print(f"{name}: {life.bus.deaths} deaths")
