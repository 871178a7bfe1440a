"""The settings of one BMC by name: read, set, and keep for good."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from racklet_wire import status
from racklet_wire.commands import code_of

from racklet.bus import Clock, Target
from racklet.bus.smbus import ERASING, LOCKED
from racklet.errors import BadReply, RackletError, Refused

_LOOKS = 20  # until the BMC shows what was selected or set
_PAUSE_S = 0.005
_STORE_S = 3.0  # the BMC erases a sector: 45 ms, 400 at worst


@dataclass(frozen=True)
class Setting:
    """One of them, in the unit that ends its name."""

    name: str
    value: int
    minimum: int
    maximum: int
    default: int


class Settings:
    """`set` is in force at once and until the next boot; `store` keeps it.

    `change` does both for several, or nothing."""

    def __init__(self, target: Target, clock: Clock) -> None:
        self._target = target
        self._clock = clock
        self._numbers: dict[str, int] = {}

    def show(self, names: Iterable[str] = ()) -> list[Setting]:
        """Those named, in that order, or all. `Refused` for one that this firmware lacks."""
        found = []
        for name in names or self._all_numbers():
            shown = self._select(self._number(name))
            bounds = shown["minimum"], shown["maximum"], shown["default"]
            found.append(Setting(name, shown["value"], *bounds))
        return found

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

    def change(self, values: Mapping[str, int], *, keep: bool = True) -> None:
        """Set all of these, and keep them unless told otherwise; `Refused` changes none.

        The order is found: of two limits that move together, one often has to go first."""
        before: list[tuple[str, int]] = []
        waiting = dict(values)
        try:
            while waiting:
                self._change_some(waiting, before)
        except BaseException:
            with suppress(RackletError):  # it is gone: what was refused says more
                for name, value in reversed(before):
                    self.set(name, value)
            raise
        if keep:
            self.store()

    def _change_some(self, waiting: dict[str, int], before: list[tuple[str, int]]) -> None:
        """Move what the BMC takes now from one to the other; `Refused` when it takes none."""
        tried = tuple(waiting)
        refusals = []
        for name in tried:
            was = self.get(name)
            try:
                self.set(name, waiting[name])
            except Refused as refusal:
                refusals.append(refusal)
            else:
                before.append((name, was))
                del waiting[name]
        if len(refusals) == len(tried):
            raise refusals[0]

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

    def _all_numbers(self) -> dict[str, int]:
        if not self._numbers:
            for number in range(self._select(0)["count"]):
                self._numbers[self._name(number)] = number
        return self._numbers

    def _number(self, name: str) -> int:
        if name not in self._all_numbers():
            raise Refused(
                f"the BMC has no setting {name}",
                hint="racklet settings shows those it has; in recovery it has none",
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
