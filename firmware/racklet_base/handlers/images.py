"""Image transfer: begin, numbered chunks, commands, and where it stands."""

from racklet_wire import blocks
from racklet_wire import image as i
from racklet_wire.commands import code_of

from .family import Family

_BEGIN, _CHUNK = code_of("IMAGE_BEGIN"), code_of("IMAGE_CHUNK")
_COMMAND, _STATUS = code_of("IMAGE_COMMAND"), code_of("IMAGE_STATUS")

_SLOT_B = 1


def offset_of(number: int, received: int) -> int:
    """Where chunk `number`, known modulo 65,536, lies in the stream: nearest to `received`."""
    expected = received // i.CHUNK
    ahead = (number - expected + 0x8000 & 0xFFFF) - 0x8000
    return (expected + ahead) * i.CHUNK


class Images(Family):
    reads = (_STATUS,)
    writes = (_BEGIN, _CHUNK, _COMMAND)

    def __init__(self, registers: object, images: object, generation: int) -> None:
        self._registers = registers
        self._images = images
        self._generation = generation
        self._refused = i.R_NONE  # why the last request was not taken
        self._shown = None
        self._taking = False  # chunks: they come faster than each could be shown

    def refresh(self) -> None:
        if self._taking:
            self._taking = False  # the dispatcher asks again when it has taken all there are
            return
        images = self._images
        status = {
            "state": images.state,
            "reason": self._refused or images.reason,
            "component": images.component,
            "flags": (blocks.IMAGE_TRIAL if images.is_trial() else 0)
            | (blocks.IMAGE_SLOT_B if images.running == _SLOT_B else 0),
            "transfer_id": images.transfer_id,
            "received": images.received,
            "size": images.size,
            "sequence": images.sequence,
            "active_sequence": images.running_sequence,
            "minimum_sequence": images.minimum_sequence,
            "deadline_ms": images.deadline_ms & 0xFFFFFFFF,
        }
        if status != self._shown:
            self._shown = status
            self._registers.publish(_STATUS, blocks.pack("IMAGE_STATUS", **status))

    def write(self, code: int, data: bytes) -> None:
        if code == _CHUNK:
            self._chunk(data)
        elif code == _BEGIN:
            self._begin(data)
        else:
            self._command(data)

    def _begin(self, data: bytes) -> None:
        fields = blocks.unpack("IMAGE_BEGIN", data)
        self._refused = self._stale(fields) or self._images.begin(
            fields["component"],
            fields["envelope_size"],
            fields["size"],
            fields["transfer_id"],
        )

    def _chunk(self, data: bytes) -> None:
        # Not by `blocks`: 36 bytes at 400 kHz leave 0.8 ms for each.
        images = self._images
        offset = offset_of(data[0] | data[1] << 8, images.received)
        room = images.size - offset
        if offset >= 0 and room > 0:
            images.chunk(offset, memoryview(data)[2 : 2 + room])
        self._taking = True

    def _command(self, data: bytes) -> None:
        fields = blocks.unpack("IMAGE_COMMAND", data)
        self._refused = self._stale(fields) or self._images.command(
            fields["command"], fields["transfer_id"]
        )

    def _stale(self, fields: dict) -> int:
        return i.R_NONE if fields["generation"] == self._generation else i.R_STALE_GENERATION
