"""The update of one unit, from the first look to the confirmed image.

The new firmware is confirmed only after it has been watched for a while: it answers, its
self-test fails nothing that did not fail before, and the compute unit's power is as it was.
Otherwise it is sent back, and whoever dies meanwhile leaves that to the BMC: a trial that
nobody confirms ends by itself. A second run of the same update goes on where the first stopped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from racklet_wire import image, power

from racklet.bus import Clock
from racklet.client import Client
from racklet.errors import Absent, BusError, Busy, RackletError, Refused, Unreachable
from racklet.records import ImageStatus, PowerState, SelfTest
from racklet.transfer import TransferResult
from racklet.update.package import Package, code_of

WATCH_S = 10.0  # longer than the BMC's watchdog, which bites a hanging firmware after 8.4 s

_SILENT = (BusError, Absent)  # it may come back
_BEFORE_RESTART = (image.VERIFIED, image.ACTIVATING, image.TRIAL, image.REVERTED)
_PAUSE_S = 0.06
_CONFIRM_PAUSE_S = 0.02  # it is in the BMC's flash within 0.1 s
_TAKEN_LIMIT_S = 2.0  # until a command that was acknowledged must show
_RESTART_LIMIT_S = 90.0  # three crashes on trial, each seen by the watchdog, and the way back
_ANSWER_LIMIT_S = 15.0  # a BMC that does not answer for so long has been removed, or is dead


class Phase(Enum):
    """Where an update is."""

    SENDING = "sending"
    VERIFIED = "verified"
    RESTARTING = "restarting"
    TRIAL = "on trial"
    REVERTING = "going back"


@dataclass(frozen=True)
class Progress:
    """`done` of `total` bytes while it is SENDING, else both 0."""

    slot: int
    phase: Phase
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Updated:
    """How an update ended well. `before` is the number of the firmware that ran, None where
    new keys were put in force."""

    slot: int
    sequence: int
    before: int | None
    is_resumed: bool


class UnitUpdate:
    """One package into one unit; `run` returns when it is confirmed, or raises why not."""

    def __init__(
        self,
        bmc: Client,
        package: Package,
        clock: Clock,
        on_progress: Callable[[Progress], None] | None = None,
        watch_s: float = WATCH_S,
    ) -> None:
        self._bmc = bmc
        self._package = package
        self._clock = clock
        self._on_progress = on_progress or (lambda progress: None)
        self._watch_s = watch_s
        self._slot = bmc.slot

    def run(self) -> Updated:
        """Raises Refused with the reason when the BMC says no or the new firmware is not
        healthy, Busy when the BMC is at something else, Unreachable when it is gone."""
        package, bmc = self._package, self._bmc
        identity, status = bmc.identify(), bmc.image_status()
        package.check(self._slot, identity, status)
        is_resumed = False
        # The recovery service has neither a self-test nor power to look at.
        health = _Health() if identity.is_recovery else _Health.of(bmc)
        if status.is_trial:
            if not self._is_ours(status):
                raise Busy(
                    f"slot {self._slot} has another image on trial, number "
                    f"{status.active_sequence}",
                    hint="wait: unless it is confirmed, the BMC goes back within five minutes",
                )
            is_resumed, health = True, _Health()
        else:
            is_resumed = status.transfer_id == package.transfer_id and status.received > 0
            self._send()
            if not package.is_firmware:
                return Updated(self._slot, package.sequence, None, is_resumed)
            self._activate(bmc.identify().generation)
        self._watch(health)
        self._confirm()
        return Updated(self._slot, package.sequence, status.active_sequence, is_resumed)

    def _is_ours(self, status: ImageStatus) -> bool:
        return status.is_trial and status.transfer_id == self._package.transfer_id

    # --- steps ------------------------------------------------------------------------

    def _send(self) -> None:
        result = self._transfer()
        if result.reason == image.REASON_TEXT[image.R_DIGEST_MISMATCH]:
            # The file is whole, so it was what lay in the slot since an earlier transfer of it
            # and had rotted. The BMC has forgotten that: now it takes everything.
            result = self._transfer()
        if not result.is_accepted:
            what = "image" if self._package.is_firmware else "keys"
            raise Refused(
                f"slot {self._slot} refused the {what}: {result.reason}",
                hint=self._hint(result.reason),
                code=code_of(result.reason),
            )
        self._tell(Phase.VERIFIED)

    def _transfer(self) -> TransferResult:
        found = self._package.image
        self._tell(Phase.SENDING, 0, len(found.stream))
        return self._bmc.send_image(
            found.manifest.component,
            found.head,
            found.payload,
            lambda done, total: self._tell(Phase.SENDING, done, total),
        )

    def _hint(self, reason: str) -> str:
        """What to do after a refusal."""
        manifest = self._package.image.manifest
        if self._package.is_firmware:
            if reason == image.REASON_TEXT[image.R_BASE]:
                return f"it needs base {manifest.base}: flash the UF2 of its release first"
            return f"it runs what it ran before; see racklet log {self._slot}"
        if reason == image.REASON_TEXT[image.R_ROLLBACK]:
            return "the keys in force have that number or a later one: sign with a higher one"
        return "a key in force must sign them, and the firmware that runs be good under them"

    def _activate(self, generation: int) -> None:
        self._tell(Phase.RESTARTING)
        self._command(image.COMMAND_ACTIVATE, generation)
        self._await_restart(generation)

    def _await_restart(self, generation: int) -> None:
        give_up = self._clock.monotonic() + _ANSWER_LIMIT_S
        while True:
            try:
                if self._bmc.identify().generation != generation:
                    return
                status = self._bmc.image_status()
                if status.state not in _BEFORE_RESTART:
                    raise self._no(status, "did not restart")
            except _SILENT:
                pass  # it is off the bus while it starts
            if self._clock.monotonic() > give_up:
                raise Unreachable(
                    f"slot {self._slot} did not come back after its restart",
                    hint="if it comes, it goes back to the confirmed image; see racklet log",
                    code="no_restart",
                )
            self._clock.sleep(_PAUSE_S)

    def _watch(self, before: "_Health") -> None:
        """Until the image on trial has been healthy for a while in one piece."""
        self._tell(Phase.TRIAL)
        begin = answered = since = self._clock.monotonic()
        generation = 0
        while True:
            now = self._clock.monotonic()
            try:
                identity = self._bmc.identify()
                answered = now
                if not identity.is_starting:
                    if identity.generation != generation:  # (again) just started
                        generation, since = identity.generation, now
                    if problem := self._problem(before):
                        self._revert(generation, problem)
                    if now - since >= self._watch_s:
                        return
            except _SILENT:
                if now - answered > _ANSWER_LIMIT_S:
                    raise
            if now - begin > _RESTART_LIMIT_S + self._watch_s:
                self._revert(generation, "it keeps restarting")
            self._clock.sleep(_PAUSE_S)

    def _problem(self, before: "_Health") -> str:
        """What is wrong with the image on trial; Refused when it is not on trial any more."""
        status = self._bmc.image_status()
        if not self._is_ours(status):
            raise self._no(status, "went back to its earlier image")
        return _Health.of(self._bmc).worse_than(before)

    def _confirm(self) -> None:
        generation = self._bmc.identify().generation
        self._command(image.COMMAND_CONFIRM, generation)
        give_up = self._clock.monotonic() + _TAKEN_LIMIT_S
        while (status := self._bmc.image_status()).is_trial:
            if self._clock.monotonic() > give_up:
                raise self._no(status, "did not keep the image")
            self._clock.sleep(_CONFIRM_PAUSE_S)
        if status.active_sequence != self._package.sequence or status.reason:
            raise self._no(status, "went back to its earlier image")

    def _revert(self, generation: int, problem: str) -> None:
        """Send the image back, and say so; the BMC would do it by itself later."""
        self._tell(Phase.REVERTING)
        try:
            self._command(image.COMMAND_REVERT, generation)
            self._await_restart(generation)
        except RackletError:
            ending = "its BMC will go back to the earlier image when the trial ends"
        else:
            ending = "it runs its earlier image again"
        raise Refused(
            f"slot {self._slot} is not healthy with the new image: {problem}; {ending}",
            hint=f"see racklet log {self._slot}",
            code="unhealthy",
        )

    # --- how ---------------------------------------------------------------------------

    def _command(self, command: int, generation: int) -> None:
        self._bmc.image_command(command, self._package.transfer_id, generation)

    def _no(self, status: ImageStatus, what: str) -> Refused:
        return Refused(
            f"slot {self._slot} {what}: {status.reason_text}",
            hint=f"see racklet log {self._slot}",
            code=code_of(status.reason_text) if status.reason else "failed",
        )

    def _tell(self, phase: Phase, done: int = 0, total: int = 0) -> None:
        self._on_progress(Progress(self._slot, phase, done, total))


@dataclass(frozen=True)
class _Health:
    """What must not become worse with a new firmware; empty for what nobody saw before."""

    test: SelfTest | None = None
    state: PowerState | None = None

    @classmethod
    def of(cls, bmc: Client) -> "_Health":
        return cls(bmc.self_test(), bmc.power_state())

    def worse_than(self, before: "_Health") -> str:
        """What is wrong now and was not before, "" when nothing is."""
        assert self.test is not None and self.state is not None
        failed = self.test.failed - (before.test.failed if before.test else frozenset())
        if failed:
            return f"self-test failed: {', '.join(sorted(failed))}"
        fault = self.state.fault_text
        if fault and not (before.state and before.state.fault == self.state.fault):
            return f"power fault: {fault}"
        was_on = before.state is not None and before.state.state == power.ON
        if was_on and self.state.state in (power.OFF, power.FAULT):
            return f"its power went {self.state.state_text}"
        return ""
