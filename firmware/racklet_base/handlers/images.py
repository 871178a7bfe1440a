"""Image transfer: begin, numbered chunks, commands, and where it stands."""

from racklet_wire import blocks
from racklet_wire import image as i
from racklet_wire.commands import code_of

from .family import Family

_BEGIN, _CHUNK = code_of("IMAGE_BEGIN"), code_of("IMAGE_CHUNK")
_COMMAND, _STATUS = code_of("IMAGE_COMMAND"), code_of("IMAGE_STATUS")
_PROGRESS = code_of("IMAGE_PROGRESS")

_SLOT_B = 1
_ROWS = 4  # taken at once; meanwhile others arrive
_OFTEN = 8 * i.CHUNK  # show the progress of a row after so many bytes; at its end anyway


def offset_of(number: int, received: int) -> int:
    """Where chunk `number`, known modulo 65,536, lies in the stream: nearest to `received`."""
    expected = received // i.CHUNK
    ahead = (number - expected + 0x8000 & 0xFFFF) - 0x8000
    return (expected + ahead) * i.CHUNK


class Images(Family):
    reads = (_STATUS, _PROGRESS)
    writes = (_BEGIN, _CHUNK, _COMMAND)
    stream = _CHUNK

    def __init__(self, registers: object, images: object, generation: int) -> None:
        self._registers = registers
        self._images = images
        self._generation = generation
        self._refused = i.R_NONE  # why the last request was not taken
        self._shown = None
        self._progress = (-1, 0)  # as shown

    def refresh(self) -> None:
        images = self._images
        status = (
            images.state,
            self._refused or images.reason,
            images.component,
            (blocks.IMAGE_TRIAL if images.is_trial() else 0)
            | (blocks.IMAGE_SLOT_B if images.running == _SLOT_B else 0),
            images.transfer_id,
            images.received,
            images.size,
            images.sequence,
            images.running_sequence,
            images.minimum_sequence,
            images.deadline_ms & 0xFFFFFFFF,
        )
        if status != self._shown:
            self._shown = status
            self._registers.publish(_STATUS, blocks.pack_known("IMAGE_STATUS", *status))
        self.progress()

    def progress(self) -> None:
        """Show how far the transfer is."""
        progress = self._images.state, self._images.received
        if progress != self._progress:
            self._progress = progress
            self._registers.publish(_PROGRESS, blocks.pack_known("IMAGE_PROGRESS", *progress))

    def drain(self, mailbox: object) -> bool:
        """Take whole chunks in their order, without a look at each: at 400 kHz one arrives every
        0.8 ms, of which the interrupts take 0.3 on an RP2040. Whether there were any."""
        images = self._images
        begin = images.received
        for _ in range(_ROWS):
            room, received = images.room, images.received
            if room < i.CHUNK or received % i.CHUNK:
                break
            number = received // i.CHUNK
            end = mailbox.take_row(_CHUNK, number, images.stage, images.staged, room)
            if not images.take(end):
                break
            if images.received - self._progress[1] >= _OFTEN:
                self.progress()
            images.store()
        return images.received > begin

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
        images = self._images
        offset = offset_of(data[0] | data[1] << 8, images.received)
        room = images.size - offset
        if offset >= 0 and room > 0:
            images.chunk(offset, memoryview(data)[2 : 2 + room])

    def _command(self, data: bytes) -> None:
        fields = blocks.unpack("IMAGE_COMMAND", data)
        self._refused = self._stale(fields) or self._images.command(
            fields["command"], fields["transfer_id"]
        )

    def _stale(self, fields: dict) -> int:
        return i.R_NONE if fields["generation"] == self._generation else i.R_STALE_GENERATION
