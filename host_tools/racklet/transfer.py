"""Sending an image to a BMC in numbered chunks, and waiting for its verdict."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from racklet_wire import image

from racklet.bus import Clock, Target
from racklet.bus.smbus import ERASING
from racklet.errors import Busy, RackletError
from racklet.records import text_of

_WINDOW = 16  # chunks between two looks at what has arrived; twice as many when all had,
_WIDEST = 64  # up to this many: a look costs as much as a chunk
_PAUSE_S = 0.005
_TAKEN_LIMIT_S = 1.0  # until the BMC must have begun what it acknowledged
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
        self._target = target
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
        self._write(
            "IMAGE_BEGIN",
            component=self._component,
            flags=0,
            envelope_size=self._envelope_size,
            size=len(self._stream),
        )
        self._await_begin()
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

    def _await_begin(self) -> None:
        """Requests are carried out a moment after they were acknowledged."""
        give_up = self._clock.monotonic() + _TAKEN_LIMIT_S
        while (status := self._read())["transfer_id"] != self._id or status["state"] == image.IDLE:
            if self._clock.monotonic() > give_up:
                reason = text_of(image.REASON_TEXT, status["reason"])
                raise Busy(f"the BMC did not begin the transfer: {reason}", hint="try again later")
            self._clock.sleep(_PAUSE_S)

    def _send(self, on_progress: Callable[[int, int], None] | None) -> None:
        """Send what is missing until the BMC has everything, or has seen enough to refuse.

        It takes nothing while it judges the head or writes to flash, so after a look without
        progress it is asked with single chunks.
        """
        state, received = self._status()
        progress_at = self._clock.monotonic()
        window = _WINDOW
        while state == image.RECEIVING and received < len(self._stream):
            end = self._send_chunks(received, window)
            state, now = self._await_taken(end)
            if now > received:
                window = min(2 * window, _WIDEST) if now >= end else _WINDOW
                received, progress_at = now, self._clock.monotonic()
                if on_progress:
                    on_progress(received, len(self._stream))
            elif self._clock.monotonic() - progress_at < _STALLED_LIMIT_S:
                window = 1
                self._clock.sleep(_PAUSE_S)
            else:
                raise RackletError(
                    f"the BMC took {received} of {len(self._stream)} bytes and no more",
                    hint="see racklet log",
                    code="stalled",
                )
        if state == image.RECEIVING:
            self._write("IMAGE_COMMAND", command=image.COMMAND_FINISH)

    def _await_taken(self, end: int) -> tuple[int, int]:
        """State and bytes received once all up to `end` are, or no more come: what was
        acknowledged waits in the BMC for its turn."""
        state, received = self._status()
        while state == image.RECEIVING and received < end:
            self._clock.sleep(_PAUSE_S)
            state, now = self._status()
            if now == received:
                break
            received = now
        return state, received

    def _send_chunks(self, received: int, window: int) -> int:
        """Send so many chunks, from the one that is not all there; where they end."""
        first = received // image.CHUNK
        end = min((first + window) * image.CHUNK, len(self._stream))
        for number in range(first, -(-end // image.CHUNK)):
            data = self._stream[number * image.CHUNK : (number + 1) * image.CHUNK]
            self._target.write_fields(
                "IMAGE_CHUNK",
                ERASING,
                number=number & 0xFFFF,
                data=data.ljust(image.CHUNK, b"\x00"),
            )
        return end

    def _verdict(self) -> TransferResult:
        give_up = self._clock.monotonic() + _VERIFY_LIMIT_S
        while True:
            state, _ = self._status()
            if state not in (image.RECEIVING, image.VERIFYING):
                status = self._read()
                return TransferResult(
                    is_accepted=state == image.VERIFIED,
                    state=text_of(image.STATE_TEXT, state),
                    reason=text_of(image.REASON_TEXT, status["reason"]),
                    sequence=status["sequence"],
                )
            if self._clock.monotonic() > give_up:
                raise RackletError(
                    "the BMC did not finish the verification",
                    hint="see racklet log",
                    code="too_slow",
                )
            self._clock.sleep(_PAUSE_S)

    def _status(self) -> tuple[int, int]:
        status = self._read()
        if status["transfer_id"] != self._id:
            raise Busy("another image transfer took over", hint="try again when it has ended")
        return status["state"], status["received"]

    def _read(self) -> dict[str, int]:
        return {k: v for k, v in self._target.block("IMAGE_STATUS").items() if type(v) is int}

    def _write(self, name: str, **values: int) -> None:
        self._target.write_fields(
            name, ERASING, transfer_id=self._id, generation=self._generation, **values
        )
