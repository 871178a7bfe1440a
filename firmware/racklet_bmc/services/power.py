"""Power commands, faults and status on top of the sequencer.

Commands are serialised. One with the transaction id of an earlier one runs no second time and
answers that one's result. A later command takes over from one that still runs.
"""

from racklet_wire import events, power, status

from .diagnosis import STATUS_BITS
from .sequencer import Sequencer
from .settings_schema import RESTORE_LAST, RESTORE_ON

_REMEMBERED = 4  # earlier commands whose results answer a repeated transaction id

_EVENT = {
    power.COMMAND_ON: "on",
    power.COMMAND_OFF: "off",
    power.COMMAND_SHUTDOWN: "shutdown",
    power.COMMAND_CYCLE: "shutdown",
}


class Power(Sequencer):
    """Of the sequencer: `state`, `fault`, `changed_ms`, `rise_ms`, `fall_ms`. Of the last command:
    `command`, `transaction_id`, `result`, `reason`.

    `store.values["wanted"]` keeps what the rail was told to be, for the restore policy.
    """

    limit_ms = 1_000

    def __init__(
        self,
        clock: object,
        settings: object,
        *,
        rail: object,
        hotplug: object,
        monitors: "tuple[object, object]",
        log: object,
        store: object,
        slot: int = 0,
    ) -> None:
        super().__init__(clock, settings, rail, hotplug, monitors)
        self._log = log
        self._store = store
        self._slot = slot
        self.command = power.NONE
        self.transaction_id = 0
        self.result = power.IDLE
        self.reason = power.R_NONE
        self._earlier = []  # (transaction id, result)
        self._then_on = False  # a command wants the rail on once it is measured off
        self._bits = {}  # latched status bits by register
        self.begin()

    # --- commands ------------------------------------------------------------------------

    def request(self, command: int, transaction_id: int = 0) -> int:
        """Start a command; its result so far. `result` and `reason` tell its course.

        A repeated transaction id changes nothing and answers the result of the first time.
        Id 0 is never a repetition.
        """
        if transaction_id:
            if transaction_id == self.transaction_id:
                return self.result
            for known, result in self._earlier:
                if known == transaction_id:
                    return result
        self.step()  # decide on what is, not on what was at the last look
        if self.result == power.RUNNING:
            self._finish(power.SUPERSEDED, power.R_SUPERSEDED)
        self._earlier = self._earlier[1 - _REMEMBERED :] + [(self.transaction_id, self.result)]
        self.command, self.transaction_id = command, transaction_id
        self.result, self.reason = power.RUNNING, power.R_NONE
        refusal = self._refusal(command)
        self._log.append(
            events.COMMAND, command=command, transaction=transaction_id, reason=refusal
        )
        if refusal:
            self._finish(power.REFUSED, refusal)
        else:
            self._start(command)
        return self.result

    def admit(self) -> None:
        """The RMC takes the unit into the rack: PROBATION ends. A command does so too."""
        if self._fire("admitted"):
            self.step()

    def _refusal(self, command: int) -> int:
        if command not in _EVENT:
            return power.R_UNKNOWN_COMMAND
        if self.state == power.ABSENT:
            return power.R_ABSENT
        if self.state == power.SETTLING:
            return power.R_NOT_ADMITTED
        if command in (power.COMMAND_ON, power.COMMAND_CYCLE) and self.state != power.ON:
            get = self._settings.get
            if self._rail.vin_mv < get("vin_uv_fault_limit_mv"):
                return power.R_INPUT_UNDERVOLTAGE
            if self._rail.vin_mv > get("vin_ov_fault_limit_mv"):
                return power.R_INPUT_OVERVOLTAGE
        return power.R_NONE

    def _start(self, command: int) -> None:
        wants_on = command in (power.COMMAND_ON, power.COMMAND_CYCLE)
        self._want(wants_on)
        self.admit()
        self._then_on = wants_on and self.state in (power.SHUTTING_DOWN, power.TURNING_OFF)
        if command == power.COMMAND_CYCLE and self.state in (power.ON, power.TURNING_ON):
            self._then_on = True
        elif self._reached():
            self._finish(power.DONE)
            return
        if self.state in (power.OFF, power.FAULT) and wants_on:
            self._fire("on")
        elif not self._then_on or command == power.COMMAND_CYCLE:
            self._fire(_EVENT[command])
        self.step()

    def _reached(self) -> bool:
        """Whether the rail is where the command wants it."""
        if self.command in (power.COMMAND_ON, power.COMMAND_CYCLE):
            return self.state == power.ON and not self._then_on
        return self.state == power.OFF

    def _finish(self, result: int, reason: int = power.R_NONE) -> None:
        self.result = result
        self.reason = reason or self.reason
        self._then_on = False

    def _want(self, wanted: bool) -> None:
        if self._store.values.get("wanted") != wanted:
            self._store.values["wanted"] = wanted
            self._store.save()

    # --- what the sequencer reports --------------------------------------------------------

    def _entered(self, before: int, state: int) -> None:
        self._log.append(
            events.STATE,
            state=state,
            before=before,
            reason=self.fault,
            vout_mv=self._rail.mv,
            vin_mv=self._rail.vin_mv,
            last_gasp=state == power.ABSENT,
        )
        if state == power.TURNING_ON:
            self._bits.clear()  # PMBus: switching the output on clears its latched bits
        if state == power.FAULT:
            self._want(False)
        if self.result == power.RUNNING:
            self._judge(state)
        if state == power.OFF:
            self._after_off()

    def _judge(self, state: int) -> None:
        """What a new state means for the command that runs."""
        if state == power.FAULT:
            self._finish(power.FAILED, self.fault)
        elif state == power.ABSENT:
            self._finish(power.FAILED, power.R_REMOVED)
        elif self._reached():
            self._finish(power.DONE)

    def _after_off(self) -> None:
        now = self._clock.ms()
        if self._then_on:
            self._then_on = False
            self._due_ms = now
        elif self._alone:
            self._alone = False
            policy = self._settings.get("restore_policy")
            wanted = policy == RESTORE_LAST and self._store.values.get("wanted")
            if policy == RESTORE_ON or wanted:
                self._due_ms = now + self._slot * self._settings.get("restore_delay_ms")

    def _note(self, reason: int) -> None:
        for register, bits in STATUS_BITS.get(reason, ()):
            self._bits[register] = self._bits.get(register, 0) | bits
        if reason == power.R_SHUTDOWN_TIMEOUT:
            self.reason = reason
        self._log.append(
            events.FAULT if self.fault else events.WARNING,
            reason=reason,
            vout_mv=self._rail.mv,
            vin_mv=self._rail.vin_mv,
        )

    # --- status ----------------------------------------------------------------------------

    def clear_faults(self) -> None:
        """Forget latched status bits. Moves nothing, touches no log."""
        self._bits.clear()

    def clear_status(self, register: int, bits: int) -> None:
        """Forget some latched bits of one status register."""
        self._bits[register] = self._bits.get(register, 0) & ~bits

    def status_bits(self) -> "dict[int, int]":
        """Latched bits by register code, and the live OFF and POWER_GOOD# of STATUS_WORD."""
        bits = dict(self._bits)
        on = self.state in (power.ON, power.SHUTTING_DOWN)
        bits[status.STATUS_WORD] = 0 if on else status.WORD_OFF | status.WORD_POWER_GOOD_N
        return bits

    @property
    def flags(self) -> "tuple[bool, bool, bool, bool]":
        """Presence, power good, latch, halted, as sampled last."""
        rail = self._rail
        return rail.seated, rail.pin_good, rail.latched, rail.halted

    @property
    def vout_mv(self) -> int:
        """The rail as the ADC measured it last."""
        return self._rail.mv
