"""The settings of one BMC by name: read, set, and keep for good."""

from racklet_wire import status
from racklet_wire.commands import code_of

from racklet.bus import Clock, Target
from racklet.bus.smbus import ERASING, LOCKED
from racklet.errors import BadReply, Refused

_LOOKS = 20  # until the BMC shows what was selected or set
_PAUSE_S = 0.005
_STORE_S = 3.0  # the BMC erases a sector: 45 ms, 400 at worst


class Settings:
    """`set` is in force at once and until the next boot; `store` keeps it, `restore` forgets it."""

    def __init__(self, target: Target, clock: Clock) -> None:
        self._target = target
        self._clock = clock
        self._numbers: dict[str, int] = {}

    def get(self, name: str) -> int:
        """The value in force. `Refused` for a setting that this firmware does not have."""
        return self._select(self._number(name))["value"]

    def set(self, name: str, value: int) -> None:
        """Put a value in force. `Refused` when the BMC does not take it, and nothing changes."""
        number = self._number(name)
        shown = self._select(number)
        if not shown["minimum"] <= value <= shown["maximum"]:
            raise Refused(
                f"{name} cannot be {value}",
                hint=f"it must be between {shown['minimum']} and {shown['maximum']}",
            )
        self._target.write_fields("SETTING_WRITE", number=number, value=value)
        for _ in range(_LOOKS):
            shown = self._select(number)
            if shown["value"] == value:
                return
            self._clock.sleep(_PAUSE_S)
        raise Refused(
            f"the BMC does not take {value} for {name}, which stays {shown['value']}",
            hint=LOCKED
            if self._target.is_locked()
            else "it contradicts another: a warning comes before its fault, low is below high",
        )

    def store(self) -> None:
        """Keep what is in force. Returns when it is written."""
        # Both may still stand from something else; writing 1 clears.
        self._target.write("STATUS_CML", status.CML_MEMORY)
        self._target.write("STATUS_WORD", status.WORD_BUSY)
        self._target.write_bytes(code_of("STORE_USER_ALL"), b"", ERASING)
        give_up = self._clock.monotonic() + _STORE_S
        while self._target.read("STATUS_WORD") & status.WORD_BUSY:
            if self._clock.monotonic() >= give_up:
                raise Refused("the BMC did not finish storing its settings", hint="see racklet log")
            self._clock.sleep(_PAUSE_S)
        if self._target.read("STATUS_CML") & status.CML_MEMORY:
            raise Refused(
                "the BMC could not write its settings to flash",
                hint="they are in force until its next boot; see racklet log",
            )

    def restore(self) -> None:
        """Back to what was stored last."""
        self._target.write_bytes(code_of("RESTORE_USER_ALL"), b"", ERASING)

    def _number(self, name: str) -> int:
        if not self._numbers:
            for number in range(self._select(0)["count"]):
                self._numbers[self._name(number)] = number
        if name not in self._numbers:
            raise Refused(
                f"the BMC has no setting {name}",
                hint="it runs older firmware, or its recovery service",
                code="unsupported",
            )
        return self._numbers[name]

    def _name(self, number: int) -> str:
        for _ in range(_LOOKS):
            self._select(number)
            shown = self._target.block("SETTING_NAME")
            if shown["number"] == number:
                text = shown["name"]
                assert isinstance(text, bytes)
                return text.rstrip(b"\x00").decode("ascii", "replace")
        raise self._hidden(number)

    def _select(self, number: int) -> dict[str, int]:
        for attempt in range(_LOOKS):
            if attempt % (_LOOKS // 4) == 0:  # another client may have moved the window
                self._target.write("SETTING_SELECT", number)
            shown = self._target.block("SETTING")
            if shown["number"] == number:
                return {name: value for name, value in shown.items() if type(value) is int}
            self._clock.sleep(_PAUSE_S)
        raise self._hidden(number)

    def _hidden(self, number: int) -> BadReply:
        return BadReply(
            f"address 0x{self._target.address:02X} does not show setting {number}",
            hint="another client reads its settings at the same time: try again",
        )
