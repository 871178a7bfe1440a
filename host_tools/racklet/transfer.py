"""Sending an image to a BMC in numbered chunks, and waiting for its verdict."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from racklet_wire import image

from racklet.bus import Clock, Target
from racklet.bus.smbus import ERASING, LOCKED
from racklet.errors import Busy, RackletError, Refused
from racklet.records import text_of

_AHEAD = 46  # chunks that may be on their way: the BMC keeps 48 messages until it has time
_BURST = 23  # chunks between two looks at what has arrived
_UNDER_WAY = (image.RECEIVING, image.VERIFYING)
_PAUSE_S = 0.006
_JUDGE_PAUSE_S = 0.03  # a signature takes 60 ms, a digest of 128 KiB 170
_LOST_S = 0.1  # without progress: what is on its way was not taken
_HEAD_LOST_S = 0.4  # the same of the head: the BMC may show how much it has when it has judged it
_TAKEN_LIMIT_S = 1.0  # until the BMC must have begun what it acknowledged
_AGAIN_S = 0.3  # until it is asked again to begin
_VERIFY_LIMIT_S = 30.0
_STALLED_LIMIT_S = 5.0  # without progress; a sector erase takes 0.4 s at worst


@dataclass(frozen=True)
class TransferResult:
    """The BMC's verdict over an image."""

    is_accepted: bool
    state: str
    reason: str
    sequence: int


def transfer_id(stream: bytes) -> int:
    """The same stream has the same id, so that a transfer which a restart of either side cut
    short goes on where it was."""
    return int.from_bytes(sha256(stream).digest()[:4], "little") or 1


class ImageTransfer:
    """One transfer of `envelope`, then `payload`, to one target."""

    def __init__(
        self, target: Target, clock: Clock, component: int, envelope: bytes, payload: bytes
    ) -> None:
        self._target = Target(target.bus, target.address, clock, ERASING)
        self._clock = clock
        self._component = component
        self._envelope_size = len(envelope)
        self._stream = envelope + payload
        self._id = transfer_id(self._stream)
        self._generation = 0

    def run(
        self, generation: int, on_progress: Callable[[int, int], None] | None = None
    ) -> TransferResult:
        """Send everything and have it verified. Raises `Busy` when the BMC serves another
        transfer, and `RackletError` when it stalls."""
        self._generation = generation
        self._put_aside_an_earlier_verdict()
        self._begin()
        self._send(on_progress)
        return self._verdict()

    def _put_aside_an_earlier_verdict(self) -> None:
        """It may have been given under other keys, or by a BMC that has changed since."""
        give_up = self._clock.monotonic() + _TAKEN_LIMIT_S
        while (status := self._read())["transfer_id"] == self._id and status["state"] in (
            image.VERIFIED,
            image.REFUSED,
        ):
            self._write("IMAGE_COMMAND", command=image.COMMAND_ABORT)
            if self._clock.monotonic() > give_up:
                raise Busy("the BMC does not let go of the last transfer", hint="try again later")
            self._clock.sleep(_PAUSE_S)

    def _begin(self) -> None:
        """Requests are carried out a moment after they were acknowledged.

        A BMC that has just started shows its status before it takes what is written. So the
        request is repeated; one that it has got already changes nothing.
        """
        give_up = self._clock.monotonic() + _TAKEN_LIMIT_S
        again = 0.0
        while True:
            if self._clock.monotonic() >= again:
                self._write(
                    "IMAGE_BEGIN",
                    component=self._component,
                    flags=0,
                    envelope_size=self._envelope_size,
                    size=len(self._stream),
                )
                again = self._clock.monotonic() + _AGAIN_S
            status = self._read()
            if status["transfer_id"] == self._id and status["state"] != image.IDLE:
                return
            if self._clock.monotonic() > give_up:
                if self._target.is_locked():
                    raise Refused("the BMC takes no images", hint=LOCKED)
                reason = text_of(image.REASON_TEXT, status["reason"])
                raise Busy(f"the BMC did not begin the transfer: {reason}", hint="try again later")
            self._clock.sleep(_PAUSE_S)

    def _send(self, on_progress: Callable[[int, int], None] | None) -> None:
        """Send what is missing until the BMC has everything, or has seen enough to refuse."""
        tell = on_progress or (lambda done, total: None)
        self._send_to(self._envelope_size, tell, _JUDGE_PAUSE_S, _HEAD_LOST_S)
        self._await_judged()
        if self._send_to(len(self._stream), tell, _PAUSE_S, _LOST_S) == image.RECEIVING:
            self._write("IMAGE_COMMAND", command=image.COMMAND_FINISH)

    def _send_to(
        self, end: int, tell: Callable[[int, int], None], pause_s: float, lost_s: float
    ) -> int:
        """Send until the BMC has taken everything before `end`, or takes no more; its state.

        As much is on its way as the BMC has room for. What is lost all the same is sent again
        from where it took the last, when it has taken nothing for `lost_s`.
        """
        state, received = self._status()
        number, numbers = received // image.CHUNK, -(-end // image.CHUNK)
        moved_at = sent_at = self._clock.monotonic()
        while state == image.RECEIVING and received < end:
            until = min(number + _BURST, received // image.CHUNK + _AHEAD, numbers)
            if number < until:
                self._send_chunks(number, until)
                number, sent_at = until, self._clock.monotonic()
            else:
                self._clock.sleep(pause_s)
            state, now = self._progress()
            if now > received:
                received, moved_at = now, self._clock.monotonic()
                number = max(number, received // image.CHUNK)
                tell(received, len(self._stream))
            elif self._clock.monotonic() - moved_at > _STALLED_LIMIT_S:
                raise RackletError(
                    f"the BMC took {received} of {len(self._stream)} bytes and no more",
                    hint="see racklet log",
                    code="stalled",
                )
            elif self._clock.monotonic() - max(moved_at, sent_at) > lost_s:
                state, received = self._status()
                number = received // image.CHUNK
        return state

    def _send_chunks(self, number: int, until: int) -> None:
        for index in range(number, until):
            data = self._stream[index * image.CHUNK : (index + 1) * image.CHUNK]
            self._target.write_fields(
                "IMAGE_CHUNK",
                number=index & 0xFFFF,
                data=data.ljust(image.CHUNK, b"\x00"),
            )

    def _await_judged(self) -> None:
        """The BMC takes nothing while it judges the head; then it says which number it has."""
        give_up = self._clock.monotonic() + _TAKEN_LIMIT_S
        while (status := self._own())["state"] == image.RECEIVING and not status["sequence"]:
            if self._clock.monotonic() > give_up:
                return  # its number is 0, or it is slow: what comes too early is sent again
            self._clock.sleep(_JUDGE_PAUSE_S)

    def _verdict(self) -> TransferResult:
        give_up = self._clock.monotonic() + _VERIFY_LIMIT_S
        while (
            self._progress()[0] in _UNDER_WAY
            or (status := self._own())["state"] in _UNDER_WAY  # it may be shown a moment later
        ):
            if self._clock.monotonic() > give_up:
                raise RackletError(
                    "the BMC did not finish the verification",
                    hint="see racklet log",
                    code="too_slow",
                )
            self._clock.sleep(_JUDGE_PAUSE_S)
        return TransferResult(
            is_accepted=status["state"] == image.VERIFIED,
            state=text_of(image.STATE_TEXT, status["state"]),
            reason=text_of(image.REASON_TEXT, status["reason"]),
            sequence=status["sequence"],
        )

    def _progress(self) -> tuple[int, int]:
        """State and bytes received, of whatever transfer there is."""
        fields = self._target.block("IMAGE_PROGRESS")
        state, received = fields["state"], fields["received"]
        assert isinstance(state, int) and isinstance(received, int)
        return state, received

    def _status(self) -> tuple[int, int]:
        """The same of this transfer."""
        status = self._own()
        return status["state"], status["received"]

    def _own(self) -> dict[str, int]:
        status = self._read()
        if status["transfer_id"] != self._id:
            raise Busy("another image transfer took over", hint="try again when it has ended")
        return status

    def _read(self) -> dict[str, int]:
        return {k: v for k, v in self._target.block("IMAGE_STATUS").items() if type(v) is int}

    def _write(self, name: str, **values: int) -> None:
        stamp = {"transfer_id": self._id, "generation": self._generation}
        self._target.write_fields(name, None, **stamp, **values)
