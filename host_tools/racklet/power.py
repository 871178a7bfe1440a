"""Power commands as the client runs them: idempotent, closed loop, each wait with a limit.

A command carries a random transaction id and the boot generation that it is meant for, so
that a repetition after a lost reply cannot run it twice, nor hit a BMC that restarted since.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from racklet_wire import power

from racklet.bus import Clock
from racklet.bus.smbus import LOCKED
from racklet.client import Client
from racklet.errors import Absent, Busy, RackletError, Refused, standing_still
from racklet.records import PowerState, text_of


class PowerCommand(IntEnum):
    """What can be asked of a unit's power."""

    ON = power.COMMAND_ON
    OFF = power.COMMAND_OFF  # at once
    SHUTDOWN = power.COMMAND_SHUTDOWN  # the compute unit halts first
    CYCLE = power.COMMAND_CYCLE


# The state each command ends in, and how long that may take. A compute unit may need 90 s for
# one service to stop (systemd's DefaultTimeoutStopSec); the BMC waits so long, or what its
# setting shutdown_limit_ms says (600 s at most), and cuts the power then.
_GOAL = {
    PowerCommand.ON: power.ON,
    PowerCommand.OFF: power.OFF,
    PowerCommand.SHUTDOWN: power.OFF,
    PowerCommand.CYCLE: power.ON,
}
_LIMIT_S = {
    PowerCommand.ON: 20.0,
    PowerCommand.OFF: 20.0,
    PowerCommand.SHUTDOWN: 620.0,
    PowerCommand.CYCLE: 640.0,
}
_TAKEN_S = 2.0  # until the BMC must have taken a command that it acknowledged
_SEATING_S = 3.0  # for the contacts of a unit that was just inserted to settle
_SEATING = (power.ABSENT, power.SETTLING)  # states in which a BMC takes no command yet


@dataclass(frozen=True)
class PowerOutcome:
    """How a command ended. `changed` is False when the unit was in that state already."""

    slot: int
    command: PowerCommand
    state: PowerState
    changed: bool


class PowerTask:
    """One command on its way. Creating it sends the command, unless the unit is just being
    seated; `poll` until it returns."""

    PAUSE_S = 0.05  # between two polls

    def __init__(
        self,
        bmc: Client,
        command: PowerCommand,
        clock: Clock,
        on_change: Callable[[PowerState], None] | None = None,
    ) -> None:
        self._bmc = bmc
        self._command = command
        self._clock = clock
        self._on_change = on_change
        self._began = clock.monotonic()
        self._seen: PowerState | None = None
        self._id = 0  # none was needed, or none was sent yet
        self._is_taken = False
        state = bmc.power_state()
        self._generation = state.generation
        self._first_uptime_ms = state.uptime_ms
        self._note(state)
        self._is_waiting = state.state in _SEATING
        if not self._is_waiting:
            self._send(state)

    def _send(self, state: PowerState) -> None:
        if state.state == power.SHUTTING_DOWN and self._command != PowerCommand.OFF:
            raise self._busy(state)
        self._is_waiting = False
        self._began = self._clock.monotonic()
        self._generation = state.generation
        if self._command == PowerCommand.CYCLE or state.state != _GOAL[self._command]:
            self._id = 1 + secrets.randbelow(0xFFFF_FFFF)
            self._bmc.send_power_command(self._command, self._id, self._generation)

    def poll(self) -> PowerOutcome | None:
        """The outcome, or None while the command runs.

        Raises `Refused` with the BMC's reason, `Absent` when the unit was removed meanwhile,
        `Busy` when another command took over, `RackletError` when nothing ends in time.
        """
        try:
            state = self._bmc.power_state()
        except Absent:
            raise Absent(
                f"slot {self._bmc.slot} stopped answering while its power {self._name} ran",
                hint="was the unit removed? insert it and see racklet status",
            ) from None
        self._note(state)
        if self._is_waiting:
            is_over = self._clock.monotonic() - self._began > _SEATING_S
            if state.state not in _SEATING or is_over:  # then the BMC says why not
                self._send(state)
            return None
        if not self._id:
            return PowerOutcome(self._bmc.slot, self._command, state, changed=False)
        if state.generation != self._generation:
            raise RackletError(
                f"the BMC of slot {self._bmc.slot} restarted while its power {self._name} ran; "
                f"power is {state.state_text}",
                hint="see racklet log, then ask again",
                code="bmc_restarted",
            )
        waited_s = self._clock.monotonic() - self._began
        if state.transaction_id == self._id:
            self._is_taken = True
            return self._judge(state, waited_s)
        if self._is_taken:
            raise self._superseded(state)
        if waited_s > _TAKEN_S:
            if state.uptime_ms == self._first_uptime_ms:
                raise standing_still(self._bmc.slot)
            if state.state == power.SHUTTING_DOWN:
                raise self._busy(state)  # another client was quicker
            said = f"the BMC of slot {self._bmc.slot} did not take the command power {self._name}"
            if self._bmc.is_locked():
                raise Refused(said, hint=LOCKED)
            raise Busy(
                said,
                hint="another client may be commanding it; see racklet status",
            )
        return None

    def _judge(self, state: PowerState, waited_s: float) -> PowerOutcome | None:
        slot, goal = self._bmc.slot, _GOAL[self._command]
        match state.result:
            case power.DONE if state.state == goal:
                return PowerOutcome(slot, self._command, state, changed=True)
            case power.REFUSED:
                is_payload = state.reason == power.R_PAYLOAD_UNVERIFIED
                way = "racklet image verify-payload" if is_payload else "see racklet log"
                raise Refused(
                    f"slot {slot} refused power {self._name}: {state.reason_text}",
                    hint=f"power is {state.state_text}; {way} {slot}",
                )
            case power.DONE if state.state == power.FAULT:  # reached, and lost again at once
                raise Refused(
                    f"slot {slot} faulted after power {self._name}: {state.fault_text}",
                    hint=f"see racklet log {slot}",
                    code="failed",
                )
            case power.FAILED:
                raise Refused(
                    f"power {self._name} of slot {slot} failed: {state.reason_text}",
                    hint=f"power is {state.state_text}; see racklet log {slot}",
                    code="failed",
                )
            case power.SUPERSEDED:
                raise self._superseded(state)
        if waited_s > _LIMIT_S[self._command]:
            raise RackletError(
                f"power {self._name} of slot {slot} did not end within "
                f"{_LIMIT_S[self._command]:.0f} s; power is {state.state_text}",
                hint=f"see racklet log {slot}",
                code="too_slow",
            )
        return None

    def _superseded(self, state: PowerState) -> Busy:
        return Busy(
            f"another command took over while power {self._name} of slot {self._bmc.slot} ran",
            hint=f"power is {state.state_text}",
            code="superseded",
        )

    def _busy(self, state: PowerState) -> Busy:
        """What it waits for, since when, and the way past it."""
        slot, since_s = self._bmc.slot, (state.uptime_ms - state.changed_ms) // 1000
        running = text_of(power.COMMAND_TEXT, state.command)
        what = f"power {running}" if state.result == power.RUNNING else "a shutdown"
        return Busy(
            f"slot {slot} is busy with {what}: for {since_s} s it has been waiting for the "
            "compute unit to halt",
            hint=f"wait until the BMC cuts the power at its shutdown limit, or cut it now: "
            f"racklet power off {slot} --now",
        )

    def _note(self, state: PowerState) -> None:
        if self._on_change and self._seen and self._seen.state != state.state:
            self._on_change(state)
        self._seen = state

    @property
    def _name(self) -> str:
        return self._command.name.lower()
