"""Power commands, faults and status on top of the sequencer.

Commands are serialised. One with the transaction id of an earlier one runs no second time and
answers that one's result. A later command takes over from one that still runs, but not while
the compute unit shuts down: that takes what it takes, and only "off" at once cuts it short.
"""

from racklet_wire import events, power, status

from . import responses
from .diagnosis import STATUS_BITS
from .power_table import START
from .sequencer import Sequencer
from .settings_schema import RESTORE_LAST, RESTORE_ON

_REMEMBERED = 4  # earlier commands whose results answer a repeated transaction id

_MOST_UNTOLD = 16

STABLE_MS = 10_000  # a rail that stayed on this long has used up none of its retries
GOING_MV = 9_900  # the input below which the eFuse is off (UVLO): the power is going

_EVENT = {
    power.COMMAND_ON: "on",
    power.COMMAND_OFF: "off",
    power.COMMAND_SHUTDOWN: "shutdown",
    power.COMMAND_CYCLE: "shutdown",
}


def _nothing() -> None:
    pass


class Power(Sequencer):
    """Of the sequencer: `state`, `fault`, `changed_ms`, `rise_ms`, `fall_ms`. Of the last command:
    `command`, `transaction_id`, `result`, `reason`.

    `on_change()` is called after every change of state, so that it is shown at once.
    `last_words.speak()`, when given, is called on removal and when the input power goes, and
    `recorder.on_fault(reason)` when a fault was latched.
    `store.values["wanted"]` keeps what the rail was told to be, for the restore policy.
    `payloads.verified` is None until the compute payload was verified, which the policy
    require_payload asks for.
    `has_power_returned` says that this start is no reset of the BMC alone, which moves no rail:
    only then, and after an insertion, the restore policy is asked.
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
        last_words: object = None,
        payloads: object = None,
        telemetry: object = None,
        recorder: object = None,
        has_power_returned: bool = True,
    ) -> None:
        super().__init__(clock, settings, rail, hotplug, monitors, telemetry=telemetry)
        self._log = log
        self._store = store
        self._slot = slot
        self._last_words = last_words
        self._recorder = recorder
        self._payloads = payloads
        self._restores = has_power_returned or not rail.seated
        self._going = self._rail.vin_mv < GOING_MV  # the input power
        self._retried = 0  # since the rail was last stable, or a command came
        self._tripped_for = power.R_NONE  # the limit that protection found violated
        self.command = power.NONE
        self.transaction_id = 0
        self.result = power.IDLE
        self.reason = power.R_NONE
        self._earlier = []  # (transaction id, result)
        self._then_on = False  # a command wants the rail on once it is measured off
        self._untold = []  # (kind, when, fields) that the log is yet to be told
        self._is_unsaved = False
        self._bits = {}  # latched status bits by register
        self.on_change = _nothing
        self.begin()

    def step(self) -> None:
        before = self.state
        self.look()
        if self.state == before and self.sag_ms is None:  # else the bus shows it, or a fault comes
            self._write_down()
        while len(self._untold) > _MOST_UNTOLD:  # a storm of commands
            self._write_down()

    def look(self) -> None:
        """A step without the flash: what it has to tell is written down in those that follow."""
        super().step()
        going = self._rail.vin_mv < GOING_MV
        if going and not self._going and self._last_words is not None:
            self._tell_all()
            self._last_words.speak(self._rail.vin_mv)
        self._going = going
        if self.state == power.FAULT and self._due_ms is None and not self._is_starved():
            self._want(False)

    def _is_starved(self) -> bool:
        """The input is at fault and still low: the power may be going, and then what was wanted is
        what the restore policy needs."""
        is_low = self._rail.vin_mv < self._settings.get("vin_uv_warn_limit_mv")
        return is_low and self.fault == power.R_INPUT_UNDERVOLTAGE

    def period_ms(self) -> int:
        return 1 if self._untold or self._is_unsaved else super().period_ms()

    # --- the log -------------------------------------------------------------------------

    # A record takes 9 ms on the chip. So the rail is moved first and the log told afterwards, a
    # record a step, with a look at the pins between two; only last words are written at once.

    def _tell(self, kind: int, **fields: "int | str") -> None:
        self._untold.append((kind, self._clock.ms(), fields))

    def _write_down(self) -> None:
        if self._untold:
            kind, at_ms, fields = self._untold.pop(0)
            self._log.append(kind, at_ms=at_ms, **fields)
        elif self._is_unsaved:
            self._is_unsaved = False
            self._store.save()

    def _prepare(self) -> None:
        # A reset right after the rise would take along what is untold of the fall before it.
        while any(kind == events.STATE for kind, _, _ in self._untold):
            self._write_down()
        super()._prepare()

    def _tell_all(self) -> None:
        """Now, since the power may be going. What finds no erased page is told if it stays."""
        untold = self._untold
        while untold:
            kind, at_ms, fields = untold[0]
            if not self._log.append(kind, last_gasp=True, at_ms=at_ms, **fields):
                break
            untold.pop(0)

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
        self.look()  # decide on what is, not on what was at the last look
        if self.state == power.SHUTTING_DOWN and command != power.COMMAND_OFF:
            return self._busy(command, transaction_id)
        if self.result == power.RUNNING:
            self._finish(power.SUPERSEDED, power.R_SUPERSEDED)
        self._earlier = self._earlier[1 - _REMEMBERED :] + [(self.transaction_id, self.result)]
        self.command, self.transaction_id = command, transaction_id
        self.result, self.reason = power.RUNNING, power.R_NONE
        self._retried = 0
        refusal = self._refusal(command)
        self._tell(events.COMMAND, command=command, transaction=transaction_id, reason=refusal)
        if refusal:
            self._finish(power.REFUSED, refusal)
        else:
            self._start(command)
            if self.result == power.RUNNING:
                self.look()
        return self.result

    def _busy(self, command: int, transaction_id: int) -> int:
        """Refused, and remembered so; the one that runs stays the one that is shown."""
        self._earlier = self._earlier[1 - _REMEMBERED :] + [(transaction_id, power.REFUSED)]
        self._tell(events.COMMAND, command=command, transaction=transaction_id, reason=power.R_BUSY)
        return power.REFUSED

    def admit(self) -> None:
        """The RMC takes the unit into the rack: PROBATION ends. A command does so too."""
        if self._fire("admitted"):
            self.look()

    def _refusal(self, command: int) -> int:
        if command not in _EVENT:
            return power.R_UNKNOWN_COMMAND
        if self.state == power.ABSENT:
            return power.R_ABSENT
        if self.state == power.SETTLING:
            return power.R_NOT_ADMITTED
        if command not in (power.COMMAND_ON, power.COMMAND_CYCLE):
            return power.R_NONE
        is_on = self.state == power.ON
        if not (self._may_boot() or (is_on and command == power.COMMAND_ON)):
            return power.R_PAYLOAD_UNVERIFIED
        return power.R_NONE if is_on else self._input_refusal()

    def _input_refusal(self) -> int:
        get = self._settings.get
        if self._rail.vin_mv < get("vin_uv_fault_limit_mv"):
            return power.R_INPUT_UNDERVOLTAGE
        if self._rail.vin_mv > get("vin_ov_fault_limit_mv"):
            return power.R_INPUT_OVERVOLTAGE
        return power.R_NONE

    def _may_boot(self) -> bool:
        """Policy: what the compute unit boots was verified, or need not be."""
        if not self._settings.get("require_payload") or self._payloads is None:
            return True
        return self._payloads.verified is not None

    def _start(self, command: int) -> None:
        wants_on = command in (power.COMMAND_ON, power.COMMAND_CYCLE)
        self._want(wants_on)
        self.admit()
        self._then_on = wants_on and self.state == power.TURNING_OFF
        if command == power.COMMAND_CYCLE and self.state in (power.ON, power.TURNING_ON):
            self._then_on = True
        elif self._reached():
            self._finish(power.DONE)
            return
        if self.state in (power.OFF, power.FAULT) and wants_on:
            self._fire("on")
        elif not self._then_on or command == power.COMMAND_CYCLE:
            self._fire(_EVENT[command])

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
            self._is_unsaved = True

    # --- from the protection -----------------------------------------------------------------

    def trip(self, reason: int) -> None:
        """A limit that firmware measures is violated: off, at once, unless the pins say more."""
        self.look()
        self._tripped_for = reason
        self._fire("limit")
        self._tripped_for = power.R_NONE

    def shed(self) -> None:
        """Shut down gracefully because the input cannot carry this unit too."""
        self._tell(events.BROWN_OUT, vin_mv=self._rail.vin_mv)
        self._fire("shutdown")

    def retry(self) -> None:
        """The cause of the latched fault is gone, and its response says to go on."""
        if self.state == power.FAULT:
            self._due_ms = self._clock.ms()

    # --- what the sequencer reports --------------------------------------------------------

    def _lose(self) -> None:
        self._restores = True
        super()._lose()

    def _diagnose(self, iout_ma: int) -> int:
        if self._tripped_for not in (power.R_NONE, power.R_UNDERVOLTAGE):
            return self._tripped_for
        return super()._diagnose(iout_ma)  # a missing voltage has a cause, mostly a short circuit

    def _entered(self, before: int, state: int) -> None:
        seen = {"vout_mv": self._rail.mv, "vin_mv": self._rail.vin_mv}
        if before != START:
            seen["before"] = before
        if self.fault:
            seen["reason"] = self.fault
        if state == power.ON and self.inrush_ma is not None:
            seen["inrush_ma"] = self.inrush_ma
        self._tell(events.STATE, state=state, **seen)
        if state == power.TURNING_ON:
            self._bits.clear()  # PMBus: switching the output on clears its latched bits
        elif state == power.FAULT:
            if self._recorder is not None:
                self._recorder.on_fault(self.fault)
            self._plan_retry()
        elif state == power.ON:
            self._want(True)
        elif state == power.ABSENT:
            if self._payloads is not None:
                self._payloads.forget()
            self._tell_all()
            if before != START and self._last_words is not None:
                self._last_words.speak()
        if self.result == power.RUNNING:
            self._judge(state)
        if state == power.OFF:
            self._after_off()
        self.on_change()

    def _judge(self, state: int) -> None:
        """What a new state means for the command that runs."""
        if state == power.FAULT and self._due_ms is None:
            self._finish(power.FAILED, self.fault)
        elif state == power.ABSENT:
            self._finish(power.FAILED, power.R_REMOVED)
        elif self._reached():
            self._finish(power.DONE)

    def _plan_retry(self) -> None:
        """Follow the response byte of the fault: retry after its delay, or stay off."""
        now = self._clock.ms()
        setting = responses.SETTING.get(self.fault)
        response = self._settings.get(setting) if setting else 0
        if self._on_since is not None and now - self._on_since >= STABLE_MS:
            self._retried = 0
        self._on_since = None
        allowed = responses.retries(response)
        again = allowed == responses.FOREVER or self._retried < allowed
        if again and responses.what(setting, response) != responses.WHILE:
            self._retried += 1
            self._due_ms = now + max(responses.delay_ms(response), responses.RETRY_MS)

    def _after_off(self) -> None:
        now = self._clock.ms()
        if self._then_on:
            self._then_on = False
            self._due_ms = now
        elif self._alone:
            self._alone = False
            policy = self._settings.get("restore_policy")
            wanted = policy == RESTORE_LAST and self._store.values.get("wanted")
            if self._restores and (policy == RESTORE_ON or wanted) and self._may_boot():
                self._due_ms = now + self._slot * self._settings.get("restore_delay_ms")

    def _note(self, reason: int) -> None:
        self.note_fault(reason)
        if reason == power.R_SHUTDOWN_TIMEOUT:
            self.reason = reason
        kind = events.FAULT if self.fault else events.WARNING
        self._tell(kind, reason=reason, vout_mv=self._rail.mv, vin_mv=self._rail.vin_mv)

    # --- status ----------------------------------------------------------------------------

    def note_fault(self, reason: int) -> None:
        """Latch the status bits of a fault."""
        bits = STATUS_BITS.get(reason)
        if bits is not None:
            self.set_bits(bits >> 8, bits & 0xFF)

    def set_bits(self, register: int, bits: int) -> None:
        """Latch status bits."""
        self._bits[register] = self._bits.get(register, 0) | bits

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
