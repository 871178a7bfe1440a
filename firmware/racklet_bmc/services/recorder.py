"""The waveform recorder: keeps what rail, input and eFuse did around a trigger.

The board's sampler (boards/rp2/recorder.py) fills a ring by itself, without end. A trigger
notes where the ring was; when the frames after it are there as well, the capture is copied out
of the ring, which goes on. So a fault is recorded whatever was kept before.
"""

from racklet_wire import waveform as w

BEFORE = 128  # frames: 32 ms at 4,000 a second
AFTER = 192  # the trigger's own frame is the first of these
_MARGIN = 4  # frames that the ring may overwrite while the capture is copied

# A fault is declared within a few looks at the first edge of it; an older edge is another matter.
EDGE_US = 100_000


def _nothing() -> None:
    pass


class Recorder:
    """`state`, `cause` and `reason` (of the fault) as racklet_wire.waveform names them.

    `number` counts the captures since the boot, `frames` and `before` are those of the one that
    is kept, `triggered_ms` its time. `missed` counts captures that the ring had lost when their
    turn came, because something held the CPU.

    `sampler` has FRAMES and FRAME_US of its ring, position() (the frame under way),
    copy(into, first, count) and in_step(), which is False after it had to begin anew.
    """

    limit_ms = 2_000

    def __init__(self, clock: object, sampler: object) -> None:
        self._clock = clock
        self._sampler = sampler
        self._since_us = clock.us()
        self._data = bytearray((BEFORE + AFTER) * w.WINDOW_BYTES // w.WINDOW)
        self._trigger = None  # the instant of the capture under way
        self._latch = self._edge = None  # instants left by interrupts
        self.wake = _nothing  # ends the pause of the task that serves this
        self.state = w.ARMED
        self.cause = w.NONE
        self.reason = self.number = self.frames = self.before = self.missed = 0
        self.triggered_ms = 0

    # --- from soft interrupts ------------------------------------------------------------

    def on_latch(self) -> None:
        """The enable latch was set: the rail comes up."""
        self._latch = self._instant()
        self.wake()

    def on_edge(self) -> None:
        """A fault pin or power good fell. Whether that is a fault, the sequencer decides.

        The first edge counts: what comes soon after it is its consequence.
        """
        instant = self._instant()
        if self._edge is None or instant[1] - self._edge[1] > EDGE_US:
            self._edge = instant

    def _instant(self) -> "tuple[int, int, int]":
        return self._sampler.position(), self._clock.us(), self._clock.ms()

    # --- triggers --------------------------------------------------------------------------

    def on_fault(self, reason: int) -> None:
        """The rail faulted: around the edge of its pin, or around now if there was none."""
        self._take_latch()
        edge, self._edge = self._edge, None
        if edge is not None and self._clock.us() - edge[1] > EDGE_US:
            edge = None
        self.trigger(w.FAULT, reason, edge)

    def trigger(self, cause: int, reason: int = 0, instant: "tuple | None" = None) -> bool:
        """Keep what is around now, or around an instant just past; whether that is taken."""
        if self.state != w.ARMED and self.cause == w.FAULT:
            return False
        if self.state == w.TRIGGERED and cause != w.FAULT:
            return False
        self._trigger = instant or self._instant()
        self.state, self.cause, self.reason = w.TRIGGERED, cause, reason
        self.triggered_ms = self._trigger[2]
        self.number += 1
        self.frames = self.before = 0
        self.wake()
        return True

    def arm(self, number: int) -> None:
        """Drop that capture. ValueError when another one is kept, or none."""
        if self.state == w.ARMED or number != self.number:
            raise ValueError("no such capture")
        self._clear()

    def _clear(self) -> None:
        self.state, self.cause = w.ARMED, w.NONE
        self.reason = self.frames = self.before = 0

    def _take_latch(self) -> None:
        latch, self._latch = self._latch, None
        if latch is not None:
            self.trigger(w.POWER_ON, 0, latch)

    # --- the capture -------------------------------------------------------------------------

    def read(self, first: int) -> bytes:
        """A window of packed samples from frame `first` on; empty past the end.

        ValueError for an odd frame, which begins in the middle of a byte.
        """
        if first & 1:
            raise ValueError("odd frame")
        at, end = (n * w.WINDOW_BYTES // w.WINDOW for n in (first, self.frames))
        return bytes(self._data[at : min(at + w.WINDOW_BYTES, end)])

    def period_ms(self) -> int:
        if self.state != w.TRIGGERED:
            return 1_000
        return max(self._left_us() // 1_000 + 1, 1)

    def is_called(self) -> bool:
        """Whether the rail comes up or a capture is whole: 47 ms later the ring takes it back."""
        if self._latch is not None:
            return True
        return self.state == w.TRIGGERED and self._left_us() <= 0

    def step(self) -> None:
        self._take_latch()
        if self.state == w.TRIGGERED and self._left_us() <= 0:
            self._keep()
        if not self._sampler.in_step():
            self._since_us = self._clock.us()
            if self.state == w.TRIGGERED:
                self._lose()

    def _left_us(self) -> int:
        """Until the last frame of the capture has been sampled."""
        end = self._trigger[1] + (AFTER + 1) * self._sampler.FRAME_US
        return end - self._clock.us()

    def _keep(self) -> None:
        sampler = self._sampler
        size, frame_us = sampler.FRAMES, sampler.FRAME_US
        begin, begin_us, _ = self._trigger
        passed = (self._clock.us() - begin_us) // frame_us
        # The two clocks' readings lie a little apart: what the ring says is exact.
        passed += (sampler.position() - begin - passed + size // 2) % size - size // 2
        sampled = max((begin_us - self._since_us) // frame_us - 1, 0)
        before = min(BEFORE, sampled, size - _MARGIN - passed) & ~1
        if before < 0:
            self._lose()
            return
        sampler.copy(self._data, (begin - before) % size, before + AFTER)
        self.before, self.frames = before, before + AFTER
        self.state = w.KEPT

    def _lose(self) -> None:
        self.missed = self.missed + 1 & 0xFF
        self._clear()
