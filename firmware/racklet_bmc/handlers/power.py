"""The rail: OPERATION, ON_OFF_CONFIG, and the closed-loop command and state blocks."""

from racklet_base.handlers.family import Family
from racklet_base.target.guards import Allowed
from racklet_wire import blocks
from racklet_wire import power as p
from racklet_wire.commands import code_of

_OPERATION, _ON_OFF_CONFIG = code_of("OPERATION"), code_of("ON_OFF_CONFIG")
_STATE, _COMMAND = code_of("POWER_STATE"), code_of("POWER_COMMAND")

_FLAGS = (blocks.POWER_PRESENT, blocks.POWER_GOOD, blocks.POWER_LATCH, blocks.POWER_HALTED)

# OPERATION <-> command. The rail has no margins.
_ON, _OFF, _SOFT_OFF = 0x80, 0x00, 0x40
_OPERATIONS = {_ON: p.COMMAND_ON, _OFF: p.COMMAND_OFF, _SOFT_OFF: p.COMMAND_SHUTDOWN}
_SHOWN = {
    p.COMMAND_ON: _ON,
    p.COMMAND_CYCLE: _ON,
    p.COMMAND_OFF: _OFF,
    p.COMMAND_SHUTDOWN: _SOFT_OFF,
}

# ON_OFF_CONFIG: OPERATION decides, there is no CONTROL pin; the two low bits are about it.
_ON_OFF_CONFIGS = b"\x18\x19\x1a\x1b"


class Power(Family):
    """Also a source of status bits, those of the power service."""

    reads = (_OPERATION, _ON_OFF_CONFIG, _STATE)
    writes = (_OPERATION, _ON_OFF_CONFIG, _COMMAND)

    def __init__(self, registers: object, power: object, clock: object, generation: int) -> None:
        self._registers = registers
        self._power = power
        self._clock = clock
        self._generation = generation

    def start(self) -> None:
        self._registers.guards[_OPERATION] = Allowed(bytes(_OPERATIONS))
        self._registers.guards[_ON_OFF_CONFIG] = Allowed(_ON_OFF_CONFIGS)
        self._registers.publish(_ON_OFF_CONFIG, b"\x1a")

    def refresh(self) -> None:
        power = self._power
        flags = 0
        for flag, is_set in zip(_FLAGS, power.flags):  # noqa: B905
            if is_set:
                flags |= flag
        block = blocks.pack_known(
            "POWER_STATE",
            power.state,
            power.fault,
            power.command,
            power.result,
            power.reason,
            flags,
            max(0, min(power.vout_mv or 0, 0xFFFF)),
            power.transaction_id,
            self._generation,
            power.changed_ms,
            self._clock.ms(),
        )
        self._registers.publish(_STATE, block)
        shown = _SHOWN.get(power.command)
        if shown is None:
            shown = _ON if power.state in (p.TURNING_ON, p.ON) else _OFF
        self._registers.publish(_OPERATION, bytes([shown]))

    def status_bits(self) -> "dict[int, int]":
        return self._power.status_bits()

    def clear_status(self, code: int, bits: int) -> None:
        self._power.clear_status(code, bits)

    def write(self, code: int, data: bytes) -> None:
        if code == _OPERATION:
            self._request(_OPERATIONS[data[0]], 0)
        elif code == _COMMAND:
            self._command(blocks.unpack("POWER_COMMAND", data))
        else:
            self._registers.publish(_ON_OFF_CONFIG, data)

    def _command(self, fields: dict) -> None:
        if fields["generation"] != self._generation:
            raise ValueError("meant for an earlier boot")
        if not fields["transaction_id"]:
            raise ValueError("no transaction id")
        self._request(fields["command"], fields["transaction_id"])

    def _request(self, command: int, transaction_id: int) -> None:
        """A refusal that POWER_STATE does not show, as it shows what runs, counts as bad data."""
        is_refused = self._power.request(command, transaction_id) == p.REFUSED
        shown = self._power.transaction_id, self._power.result
        if is_refused and shown != (transaction_id, p.REFUSED):
            raise ValueError("busy")
