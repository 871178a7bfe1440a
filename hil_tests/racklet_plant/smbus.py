"""The rack's SMBus: one controller, several targets, bit by bit in plant time.

Nine bit times a byte, one for each START, repeated START and STOP. A target may hold the
clock; after 35 ms of it the transaction ends with Timeout. Faults are injected by attributes.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from .errors import Arbitration, Nack, Timeout
from .world import MS, S, World

__all__ = ["Arbitration", "Message", "Nack", "Read", "SmbusModel", "Target", "Timeout", "Write"]

TIMEOUT_NS = 35 * MS
BITS_PER_BYTE = 9
_POLL_NS = 1_000


class Target(Protocol):
    """A device on the bus; the BMC's side of it. None from write or read = clock held."""

    def start(self, address: int, read: bool) -> bool:
        """START or repeated START with an address; seen by all. True = mine, acknowledged."""

    def write(self, byte: int) -> bool | None:
        """A byte for it. True = acknowledged. None = stretching: asked again when ready."""

    def read(self) -> int | None:
        """The byte it sends. None = stretching: asked again when ready."""

    def ready(self) -> bool:
        """After None: is it worth asking again?"""

    def ack(self, ack: bool) -> None:
        """How the controller answered the byte just read."""

    def stop(self) -> None:
        """STOP; seen by all."""


class Write(NamedTuple):
    """An empty one is an SMBus Quick."""

    address: int
    data: bytes


class Read(NamedTuple):
    """With `recv_len` the first byte says how many follow; `length` is 1, or 2 with PEC."""

    address: int
    length: int
    recv_len: bool = False


Message = Write | Read


class SmbusModel:
    """`transfer` for whole transactions, `start`/`write`/`read`/`stop` for single steps."""

    def __init__(self, world: World, targets: Callable[[], Sequence[Target | None]]) -> None:
        self._world = world
        self._targets = targets
        self.advance_to: Callable[[int], None] = world.advance_to
        self.hz = 100_000
        self.extra: list[Target] = []  # targets that are no unit: a duplicate, a test's own
        self.bits = 0  # clocked so far, for measurements
        self.longest_stretch_ns = 0
        # Faults.
        self.sda_low_until = 0  # ns of plant time
        self.scl_low_until = 0  # ns of plant time
        self.nacks = 0  # so many addresses to come find nobody
        self.flip_bits: list[int] = []  # masks XORed into the data bytes to come
        self.lose_arbitration = 0  # so many STARTs to come are lost
        self._addressed: list[Target] = []
        self._open = False

    # --- whole transactions ----------------------------------------------------------

    def transfer(self, msgs: Sequence[Message]) -> list[bytes]:
        """One transaction with repeated STARTs; the bytes of each Read.

        Raises Nack (with the message's index), Timeout or Arbitration; a STOP has been sent.
        """
        reads = []
        try:
            for index, msg in enumerate(msgs):
                is_read = isinstance(msg, Read)
                if not self.start(msg.address, is_read):
                    raise Nack(index)
                if isinstance(msg, Read):
                    reads.append(self._read_message(msg))
                    continue
                for byte in msg.data:
                    if not self.write(byte):
                        raise Nack(index)
        finally:
            self.stop()
        return reads

    def _read_message(self, msg: Read) -> bytes:
        data = bytearray()
        count = msg.length
        while len(data) < count:
            if msg.recv_len and not data:
                data.append(self.read(ack=True))
                count += min(data[0], 255)
            else:
                data.append(self.read(ack=len(data) + 1 < count))
        return bytes(data)

    # --- single steps ------------------------------------------------------------------

    def start(self, address: int, read: bool) -> bool:
        """START (or repeated START) and address byte. True = acknowledged."""
        self._wait_scl()
        if self.sda_low:
            self.advance_to(self._world.now_ns + TIMEOUT_NS)
            raise Timeout("SDA is held low")
        self._open = True
        self._clock(1)
        if self.lose_arbitration:
            self.lose_arbitration -= 1
            raise Arbitration("lost at the address")
        self._clock(BITS_PER_BYTE - 1)
        nobody = self.nacks > 0
        self.nacks -= nobody
        present = [*self._present(), *self.extra]
        if nobody:
            self._addressed = []
        else:
            self._addressed = [t for t in present if t.start(address, read)]
        self._clock(1)
        return bool(self._addressed)

    def write(self, byte: int) -> bool:
        """One byte to the addressed target. True = acknowledged."""
        self._wait_scl()
        self._clock(BITS_PER_BYTE - 1)
        byte ^= self._flip()
        answers = [bool(self._patiently(t, lambda t=t: t.write(byte))) for t in self._alive()]  # type: ignore[misc]
        self._clock(1)
        return any(answers)

    def read(self, ack: bool) -> int:
        """One byte from the addressed target (FF when nobody drives the line)."""
        self._wait_scl()
        byte = 0xFF
        for target in self._alive():  # several drive it: wired AND
            byte &= self._patiently(target, target.read)
        byte ^= self._flip()
        self._clock(BITS_PER_BYTE - 1)
        if self.sda_low:
            byte = 0
        for target in self._alive():
            target.ack(ack)
        self._clock(1)
        return byte

    def stop(self) -> None:
        """STOP. Harmless when nothing is open."""
        if not self._open:
            return
        self._open = False
        self._clock(1)
        for target in [*self._present(), *self.extra]:
            target.stop()
        self._addressed = []

    @property
    def sda_low(self) -> bool:
        return self._world.now_ns < self.sda_low_until

    @property
    def scl_low(self) -> bool:
        return self._world.now_ns < self.scl_low_until

    def let_go(self) -> None:
        """Nobody holds a line any more."""
        self.sda_low_until = self.scl_low_until = 0

    def heal(self) -> None:
        """Take all faults away."""
        self.let_go()
        self.nacks = self.lose_arbitration = 0
        self.flip_bits = []

    # --- lines and time --------------------------------------------------------------------

    @property
    def bit_ns(self) -> int:
        return S // self.hz

    def _clock(self, bits: int) -> None:
        self.bits += bits
        self.advance_to(self._world.now_ns + bits * self.bit_ns)

    def _present(self) -> list[Target]:
        return [t for t in self._targets() if t is not None]

    def _alive(self) -> list[Target]:
        """The addressed targets that are still there: one may be pulled in mid-transaction."""
        present = [*self._present(), *self.extra]
        return [t for t in self._addressed if any(t is p for p in present)]

    def _flip(self) -> int:
        return self.flip_bits.pop(0) if self.flip_bits else 0

    def _wait_scl(self) -> None:
        if (until := self.scl_low_until) > self._world.now_ns:
            limit = self._world.now_ns + TIMEOUT_NS
            self.advance_to(min(until, limit))
            if until > limit:
                raise Timeout("SCL is held low")

    def _patiently(self, target: Target, ask: Callable[[], int | None]) -> int:
        """Ask until the target lets go of the clock, for at most the SMBus timeout."""
        begin = self._world.now_ns
        while (answer := ask()) is None:
            while not target.ready():
                now, due = self._world.now_ns, self._world.next_ns()
                if now - begin >= TIMEOUT_NS:
                    raise Timeout("a target holds the clock")
                step = now + _POLL_NS if due is None else max(due, now + 1)
                self.advance_to(min(step, begin + TIMEOUT_NS))
                if not any(target is t for t in [*self._present(), *self.extra]):
                    return 0xFF
        self.longest_stretch_ns = max(self.longest_stretch_ns, self._world.now_ns - begin)
        return answer
