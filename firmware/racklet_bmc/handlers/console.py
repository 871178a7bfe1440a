"""The compute unit's serial console: a ring with absolute offsets, and numbered input."""

from racklet_base.handlers.family import Family
from racklet_wire import blocks
from racklet_wire.commands import code_of

_STATUS, _SELECT = code_of("CONSOLE_STATUS"), code_of("CONSOLE_SELECT")
_WINDOW, _INPUT = code_of("CONSOLE_WINDOW"), code_of("CONSOLE_INPUT")

_PIECE = 27


class Console(Family):
    """The window follows the output: what is selected is shown as it comes."""

    reads = (_STATUS, _WINDOW)
    writes = (_SELECT, _INPUT)

    def __init__(self, registers: object, console: object) -> None:
        self._registers = registers
        self._console = console
        self._offset = 0
        self._shown = None

    def refresh(self) -> None:
        console = self._console
        status = (console.first, console.end, console.input_end, console.input_room, console.lost)
        if (status, self._offset) == self._shown:
            return
        self._shown = (status, self._offset)
        first, end, input_end, input_room, lost = status
        block = blocks.pack(
            "CONSOLE_STATUS",
            first=first,
            end=end,
            input_end=input_end,
            input_room=input_room,
            lost=lost,
        )
        self._registers.publish(_STATUS, block)
        offset = max(self._offset, first)
        data = console.read(offset, _PIECE)
        block = blocks.pack("CONSOLE_WINDOW", offset=offset & 0xFFFFFFFF, size=len(data), data=data)
        self._registers.publish(_WINDOW, block)

    def write(self, code: int, data: bytes) -> None:
        if code == _SELECT:
            self._offset = blocks.unpack("CONSOLE_SELECT", data)["offset"]
        else:
            self._input(blocks.unpack("CONSOLE_INPUT", data))

    def _input(self, fields: dict) -> None:
        """Input names its offset, so that a repeated message is typed once."""
        if fields["size"] > _PIECE:
            raise ValueError("more than a window")
        known = self._console.input_end - fields["offset"] & 0xFFFFFFFF
        if known > fields["size"]:
            raise ValueError("a gap in the input")
        self._console.write(fields["data"][known : fields["size"]])
