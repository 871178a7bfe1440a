"""The event log in a window of 24 bytes, notes of clients in it, and its time of day."""

from racklet_wire import blocks, events
from racklet_wire.commands import code_of

from .family import Family

_STATUS, _WINDOW = code_of("LOG_STATUS"), code_of("LOG_WINDOW")
_SELECT, _ACKNOWLEDGE = code_of("LOG_SELECT"), code_of("LOG_ACKNOWLEDGE")
_NOTE = code_of("LOG_NOTE")
_TIME, _TIME_SET = code_of("TIME"), code_of("TIME_SET")

_PIECE = 24
_NOTE_SIZE = 28


class Log(Family):
    reads = (_STATUS, _WINDOW, _TIME)
    writes = (_SELECT, _ACKNOWLEDGE, _NOTE, _TIME_SET)

    def __init__(self, registers: object, log: object, clock: object) -> None:
        self._registers = registers
        self._log = log
        self._clock = clock
        self._shown = None

    def start(self) -> None:
        self._show(0, 0)

    def refresh(self) -> None:
        log = self._log
        status = (log.first, log.last, log.acknowledged, log.lost)
        if status != self._shown:
            self._shown = status
            block = blocks.pack(
                "LOG_STATUS",
                first=log.first,
                last=log.last,
                acknowledged=log.acknowledged,
                generation=log.generation,
                lost=log.lost,
                boot_first=log.boot_first,
            )
            self._registers.publish(_STATUS, block)
        times = log.unix_ms() or 0, self._clock.ms()
        block = blocks.pack_known("TIME", *times, log.generation)
        self._registers.publish(_TIME, block)

    def write(self, code: int, data: bytes) -> None:
        if code == _SELECT:
            fields = blocks.unpack("LOG_SELECT", data)
            self._show(fields["sequence"], fields["offset"])
        elif code == _ACKNOWLEDGE:
            self._acknowledge(blocks.unpack("LOG_ACKNOWLEDGE", data)["sequence"])
        elif code == _NOTE:
            self._note(blocks.unpack("LOG_NOTE", data))
        else:
            self._log.set_time(blocks.unpack("TIME_SET", data)["unix_ms"])

    def _show(self, sequence: int, offset: int) -> None:
        """Size 0 says that there is no such record."""
        record = self._log.read(sequence) or b""
        block = blocks.pack(
            "LOG_WINDOW",
            sequence=sequence,
            offset=offset,
            size=len(record),
            data=record[offset : offset + _PIECE],
        )
        self._registers.publish(_WINDOW, block)

    def _acknowledge(self, sequence: int) -> None:
        if sequence > self._log.acknowledged and not self._log.acknowledge(sequence):
            raise ValueError("no such record")

    def _note(self, fields: dict) -> None:
        """A line of text from a client, of a kind that the BMC never writes itself."""
        text = fields["text"][: fields["size"]]
        if fields["kind"] not in events.HOST_KINDS or not 0 < fields["size"] <= _NOTE_SIZE:
            raise ValueError("no such note")
        if min(text) < 0x20 or max(text) > 0x7E:
            raise ValueError("not ASCII")  # it ends on somebody's terminal
        self._log.append(fields["kind"], text=text.decode())
