"""What a BMC tells about itself, as values: integers in the small unit, None for the unknown."""

from dataclasses import dataclass, fields
from typing import Any, Self

from racklet_wire import blocks, boot, image, power

Fields = dict[str, int | bytes]  # of a manufacturer block, by name


@dataclass(frozen=True)
class Identity:
    """Who answers, and what it speaks (block IDENTIFY)."""

    protocol_min: int
    protocol_current: int
    version: str
    build: str
    board: str
    slot: int
    serial: str
    generation: int
    is_developer: bool
    is_recovery: bool
    is_trial: bool
    is_starting: bool
    is_development_key: bool

    @classmethod
    def of(cls, block: Fields) -> Self:
        number = {name: value for name, value in block.items() if isinstance(value, int)}
        raw = {name: value for name, value in block.items() if isinstance(value, bytes)}
        board, flags = number["board"], number["flags"]
        return cls(
            protocol_min=number["protocol_min"],
            protocol_current=number["protocol_current"],
            version=f"{number['major']}.{number['minor']}.{number['patch']}",
            build=raw["build"].hex(),
            board=blocks.BOARDS.get(board, f"board {board}"),
            slot=number["slot"],
            serial=raw["serial"].hex(),
            generation=number["generation"],
            is_developer=bool(flags & blocks.IDENTIFY_DEVELOPER),
            is_recovery=bool(flags & blocks.IDENTIFY_RECOVERY),
            is_trial=bool(flags & blocks.IDENTIFY_TRIAL),
            is_starting=bool(flags & blocks.IDENTIFY_STARTING),
            is_development_key=bool(flags & blocks.IDENTIFY_DEVELOPMENT_KEY),
        )


@dataclass(frozen=True)
class Telemetry:
    """What the sensors measure (block TELEMETRY); `taken_ms` is the BMC's uptime then."""

    vin_mv: int | None
    iin_ma: int | None
    pin_mw: int | None
    vout_mv: int | None
    iout_ma: int | None
    pout_mw: int | None
    temperature_mc: int | None
    taken_ms: int

    @classmethod
    def of(cls, block: Fields) -> Self:
        known = {n: _int(v) for n, v in block.items() if v != blocks.UNKNOWN}
        return cls(**{f.name: known.get(f.name) for f in fields(cls)})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Energy:
    """Energy of the unit since `epoch` began (block ENERGY). It travels with the unit."""

    in_uj: int
    out_uj: int
    epoch: int
    generation: int
    taken_ms: int

    @classmethod
    def of(cls, block: Fields) -> Self:
        return cls(**{name: _int(value) for name, value in block.items()})


@dataclass(frozen=True)
class PowerState:
    """State of the compute unit's power and of the last command (block POWER_STATE)."""

    state: int
    fault: int
    command: int
    result: int
    reason: int
    flags: int
    vout_mv: int
    transaction_id: int
    generation: int
    changed_ms: int
    uptime_ms: int

    @classmethod
    def of(cls, block: Fields) -> Self:
        return cls(**{name: _int(value) for name, value in block.items()})

    @property
    def state_text(self) -> str:
        return text_of(power.STATE_TEXT, self.state)

    @property
    def fault_text(self) -> str | None:
        """The latched fault's name, None when there is none."""
        return text_of(power.REASON_TEXT, self.fault) if self.fault else None

    @property
    def reason_text(self) -> str:
        return text_of(power.REASON_TEXT, self.reason)


@dataclass(frozen=True)
class ImageStatus:
    """The latest image transfer, and which firmware runs (block IMAGE_STATUS).

    `active_sequence` is that of the firmware that runs, `minimum_sequence` the lowest that the
    BMC takes; `transfer_id` right after a start is that of the image that runs.
    """

    state: int
    reason: int
    component: int
    flags: int
    transfer_id: int
    received: int
    size: int
    sequence: int
    active_sequence: int
    minimum_sequence: int
    deadline_ms: int

    @classmethod
    def of(cls, block: Fields) -> Self:
        return cls(**{name: _int(value) for name, value in block.items()})

    @property
    def is_trial(self) -> bool:
        """Whether the firmware that runs awaits confirmation."""
        return bool(self.flags & blocks.IMAGE_TRIAL)

    @property
    def state_text(self) -> str:
        return text_of(image.STATE_TEXT, self.state)

    @property
    def reason_text(self) -> str:
        return text_of(image.REASON_TEXT, self.reason)


@dataclass(frozen=True)
class BootStatus:
    """How the BMC started (block BOOT_STATUS); slots are A, B or None.

    `sequence` is that of the firmware that runs and `key_id` who signed it; below
    `minimum_sequence` none is taken. `refused` says of a slot why it was not started, and
    `last_trial` why a trial ended without confirmation, None when none did.
    """

    mode: str
    running: str | None
    confirmed: str | None
    trial: str | None
    sequence: int | None
    minimum_sequence: int
    key_id: str | None
    last_trial: str | None
    refused: dict[str, str]

    @classmethod
    def of(cls, block: Fields) -> Self:
        number = {name: value for name, value in block.items() if isinstance(value, int)}
        key_id = block["key_id"]
        assert isinstance(key_id, bytes)
        running = _slot(number["running"])
        return cls(
            mode=text_of(boot.MODE_TEXT, number["mode"]),
            running=running,
            confirmed=_slot(number["confirmed"]),
            trial=_slot(number["trial"]),
            sequence=number["sequence"] if running else None,
            minimum_sequence=number["minimum"],
            key_id=key_id.hex() if running else None,
            last_trial=text_of(image.REASON_TEXT, number["reason"]) if number["reason"] else None,
            refused={
                slot: text_of(image.REASON_TEXT, reason)
                for slot, reason in (("A", number["reason_a"]), ("B", number["reason_b"]))
                if reason
            },
        )


@dataclass(frozen=True)
class SelfTest:
    """The power-on self-test (block SELF_TEST), by the names of its tests."""

    passed: frozenset[str]
    failed: frozenset[str]
    generation: int

    @classmethod
    def of(cls, block: Fields) -> Self:
        done, failed = _int(block["done"]), _int(block["failed"])
        names = list(enumerate(blocks.SELF_TESTS))
        return cls(
            passed=frozenset(name for bit, name in names if done & ~failed & 1 << bit),
            failed=frozenset(name for bit, name in names if failed & 1 << bit),
            generation=_int(block["generation"]),
        )


def text_of(names: "tuple[str, ...] | dict[int, str]", number: int) -> str:
    """The name of a number; a newer BMC may send one that this host does not know."""
    try:
        return names[number]
    except (KeyError, IndexError):
        return f"unknown ({number})"


def _slot(number: int) -> str | None:
    return "AB"[number] if number < 2 else None


def _int(value: int | bytes) -> int:
    assert isinstance(value, int)
    return value


def plain(record: Any) -> dict[str, Any]:
    """A record as JSON can say it."""
    return {f.name: getattr(record, f.name) for f in fields(record)}
