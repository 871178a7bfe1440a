"""Captures of a BMC's waveform recorder: fetching one in windows of the bus, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass

from racklet_wire import power, waveform
from racklet_wire.commands import code_of

from racklet.bus import Clock, Target
from racklet.errors import BadReply, Busy, Refused
from racklet.records import Fields, text_of

CHANNELS = waveform.CHANNELS

_TRIES = 3  # at a capture that another one replaced meanwhile
_LOOKS = 40  # until the BMC shows the window that was asked for
_PAUSE_S = 0.008  # what that takes an RP2040; looks that come sooner only hold it up
_POLL_S = 0.02
_CAPTURE_S = 2.0  # a capture takes 48 ms from its trigger


@dataclass(frozen=True)
class WaveformStatus:
    """Where the recorder stands (block WAVEFORM_STATUS); `scales` by channel, at full counts."""

    state: int
    cause: int
    reason: int
    missed: int
    frames: int
    before: int
    frame_us: int
    number: int
    generation: int
    triggered_ms: int
    scales: Mapping[str, int]

    @classmethod
    def of(cls, block: Fields) -> "WaveformStatus":
        number = {name: value for name, value in block.items() if isinstance(value, int)}
        scales = [number.pop(name) for name in ("vout_scale", "vin_scale", "efuse_scale")]
        return cls(**number, scales=dict(zip(CHANNELS, scales, strict=True)))

    @property
    def state_text(self) -> str:
        return text_of(waveform.STATE_TEXT, self.state)

    @property
    def cause_text(self) -> str:
        """What kind of trigger it was."""
        return text_of(waveform.CAUSE_TEXT, self.cause)

    @property
    def fault_text(self) -> str | None:
        """The fault that triggered it, None when that was something else."""
        return text_of(power.REASON_TEXT, self.reason) if self.cause == waveform.FAULT else None


@dataclass(frozen=True)
class Waveform:
    """One capture. `samples` has, by channel, mV or mA of each frame.

    Frame `status.before` holds the trigger. Within a frame the channels are sampled in turn:
    `delay_us` says how long after the frame's own time.
    """

    status: WaveformStatus
    samples: Mapping[str, tuple[int, ...]]

    @property
    def times_us(self) -> tuple[int, ...]:
        """The time of each frame, from the trigger."""
        status = self.status
        return tuple((k - status.before) * status.frame_us for k in range(status.frames))

    @property
    def delay_us(self) -> dict[str, int]:
        frame_us = self.status.frame_us
        return {name: k * frame_us // len(CHANNELS) for k, name in enumerate(CHANNELS)}


class WaveformReader:
    """The recorder of one target. Raises `Refused` where there is none."""

    def __init__(self, target: Target, clock: Clock) -> None:
        self._target = target
        self._clock = clock
        if not target.query(code_of("WAVEFORM_STATUS")):
            raise Refused(
                f"the BMC at 0x{target.address:02X} has no waveform recorder",
                hint="it runs older firmware, or its recovery service",
                code="unsupported",
            )

    def status(self) -> WaveformStatus:
        return WaveformStatus.of(self._target.block("WAVEFORM_STATUS"))

    def read(self) -> Waveform | None:
        """The capture that is kept, waiting for one under way; None when there is none.

        Raises `Busy` when others trigger again and again.
        """
        for _ in range(_TRIES):
            status = self._settled()
            if status.state != waveform.KEPT:
                return None
            packed = self._packed(status)
            if packed is not None:
                return assemble(status, packed)
        raise Busy(
            "new captures replaced the one being read, again and again",
            hint="another client triggers the recorder; try again",
        )

    def trigger(self) -> Waveform:
        """Record now, and read that. Raises `Refused` while the capture of a fault is kept."""
        before = self._settled()
        if before.state == waveform.KEPT and before.cause == waveform.FAULT:
            raise Refused(
                f"the recorder keeps capture {before.number} of a fault ({before.fault_text})",
                hint="read it, then let it go with --arm",
                code="waveform_kept",
            )
        self._target.write_fields("WAVEFORM_SELECT", command=waveform.TRIGGER, first=0, number=0)
        end = self._clock.monotonic() + _CAPTURE_S
        while self._clock.monotonic() < end:
            if self.status().number != before.number:
                capture = self.read()
                if capture is not None:
                    return capture
                break  # another client let it go at once
            self._clock.sleep(_POLL_S)
        raise Busy("the recorder took no trigger", hint="another client may be using it; try again")

    def arm(self, number: int) -> None:
        """Let capture `number` go. Raises `Refused` when the recorder holds another one by now."""
        self._target.write_fields("WAVEFORM_SELECT", command=waveform.ARM, first=0, number=number)
        end = self._clock.monotonic() + _CAPTURE_S
        while (status := self.status()).state != waveform.ARMED and status.number == number:
            if self._clock.monotonic() > end:
                raise Busy(f"the recorder still keeps capture {number}", hint="try again")
            self._clock.sleep(_POLL_S)
        if status.number != number:
            raise Refused(
                f"capture {number} is gone: the recorder holds capture {status.number}",
                hint="read that one first",
                code="waveform_replaced",
            )

    def _settled(self) -> WaveformStatus:
        """The status when no capture is under way."""
        end = self._clock.monotonic() + _CAPTURE_S
        while (status := self.status()).state == waveform.TRIGGERED:
            if self._clock.monotonic() > end:
                raise BadReply("a capture that was triggered does not come to its end")
            self._clock.sleep(_POLL_S)
        return status

    def _packed(self, status: WaveformStatus) -> bytes | None:
        """All windows of a capture in one; None when another capture took its place."""
        data = b""
        for first in range(0, status.frames, waveform.WINDOW):
            piece = self._window(status.number, first)
            if not piece:
                return None
            data += piece
        return data

    def _window(self, number: int, first: int) -> bytes:
        self._target.write_fields(
            "WAVEFORM_SELECT", command=waveform.SELECT, first=first, number=number
        )
        for _ in range(_LOOKS):
            self._clock.sleep(_PAUSE_S)
            window = self._target.block("WAVEFORM_WINDOW")
            if window["number"] != number & 0xFFFF:
                return b""
            if window["first"] == first:
                count, data = window["count"], window["data"]
                assert isinstance(count, int) and isinstance(data, bytes)
                return data[: count * waveform.WINDOW_BYTES // waveform.WINDOW]
        raise Busy(
            f"another client reads the waveform of 0x{self._target.address:02X} at the same time",
            hint="try again",
        )


def assemble(status: WaveformStatus, packed: bytes) -> Waveform:
    """The samples of all windows, one after the other. Raises `BadReply` when they do not fit."""
    try:
        raw = waveform.unpack(packed)
    except ValueError as error:
        raise BadReply(f"a capture is damaged: {error}") from None
    if len(raw) != status.frames * len(CHANNELS):
        raise BadReply(f"a capture of {status.frames} frames came with {len(raw)} samples")
    full, samples = waveform.FULL_COUNTS, {}
    for k, name in enumerate(CHANNELS):
        scale = status.scales[name]
        samples[name] = tuple((n * scale + full // 2) // full for n in raw[k :: len(CHANNELS)])
    return Waveform(status, samples)
