"""The waveform recorder: where it stands, and a capture in windows of packed samples."""

from racklet_base.handlers.family import Family
from racklet_wire import blocks
from racklet_wire import waveform as w
from racklet_wire.commands import code_of

_STATUS, _SELECT = code_of("WAVEFORM_STATUS"), code_of("WAVEFORM_SELECT")
_WINDOW = code_of("WAVEFORM_WINDOW")


class Waveform(Family):
    """`scales` are the full scales of the channels, `frame_us` the time of a frame."""

    reads = (_STATUS, _WINDOW)
    writes = (_SELECT,)

    def __init__(
        self, registers: object, recorder: object, scales: "tuple", frame_us: int, generation: int
    ) -> None:
        self._registers = registers
        self._recorder = recorder
        self._facts = {
            "vout_scale": scales[0],
            "vin_scale": scales[1],
            "efuse_scale": scales[2],
            "frame_us": frame_us,
            "generation": generation,
        }
        self._shown = None
        self._first = 0

    def refresh(self) -> None:
        recorder = self._recorder
        status = (recorder.state, recorder.number, recorder.missed)
        if status == self._shown:
            return
        self._shown = status
        block = blocks.pack(
            "WAVEFORM_STATUS",
            state=recorder.state,
            cause=recorder.cause,
            reason=recorder.reason,
            missed=recorder.missed,
            frames=recorder.frames,
            before=recorder.before,
            number=recorder.number,
            triggered_ms=recorder.triggered_ms,
            **self._facts,
        )
        self._registers.publish(_STATUS, block)
        self._show(self._first)

    def _show(self, first: int) -> None:
        data = self._recorder.read(first)
        self._first = first
        block = blocks.pack(
            "WAVEFORM_WINDOW",
            first=first,
            number=self._recorder.number & 0xFFFF,
            count=len(data) * w.WINDOW // w.WINDOW_BYTES,
            data=data,
        )
        self._registers.publish(_WINDOW, block)

    def write(self, code: int, data: bytes) -> None:
        fields = blocks.unpack("WAVEFORM_SELECT", data)
        command = fields["command"]
        if command == w.SELECT:
            self._show(fields["first"])
        elif command == w.TRIGGER:
            if not self._recorder.trigger(w.COMMAND):
                raise ValueError("a capture is kept or under way")
        elif command == w.ARM:
            self._recorder.arm(fields["number"])
        else:
            raise ValueError("no such command")
