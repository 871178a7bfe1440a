"""Images from the bus: receive, verify, put on trial, confirm or revert.

A transfer is one stream: the head of a SUIT envelope, then its payload. The head is judged
(signature, vendor, class, slot, age) before anything is stored, so a stranger wears out no
flash and destroys no image. Firmware goes to the slot that neither runs nor is confirmed; a
key manifest and the measured digest of a compute payload stay in RAM.

`begin` and `command` take notes and return at once; `step` does the work. `chunk` programs a
page when it is whole. A chunk that comes while the head is judged is not taken, and `received`
says where to go on. A transfer that a restart cut short goes on behind the last whole sector when
`begin` names the same transfer id.
"""

import asyncio

from racklet_wire import events, image, suit
from racklet_wire.key_set import KeySet

from . import slots

TRIAL_MS = 300_000  # an image on trial is confirmed within this time, or reverted
_PAGE = 256
_NAMES = {image.FIRMWARE: "firmware", image.COMPUTE: "payload", image.KEYS: "keys"}
_PIECES = 3  # of 4 KiB, 5 ms each: others have their turn in between
_STAGE = 768  # bytes that stay in RAM: a key manifest has 640 at most; of firmware, a page


def _nothing() -> None:
    pass


class Images:
    """`state`, `reason`, `component`, `transfer_id`, `received`, `size` and `sequence` are
    those of the latest transfer, until an image on trial is confirmed or reverted. Before the
    first one `transfer_id` is that with which the image that runs came. In `stage` lie the
    `staged` bytes that are not programmed yet, or, of what is no firmware, all."""

    def __init__(self, clock, pair, verifier, running, restart, *, log) -> None:
        """`pair` are the two slots, `running` is (slot, sequence number) of the image that
        runs, or None; `restart()` resets the board; `log` is the event log."""
        self._clock = clock
        self._log = log
        self._slots = pair
        self._verifier = verifier
        self._boot = verifier.boot
        self._restart = restart
        self.running, self.running_sequence = running or (slots.NONE, 0)
        self.deadline_ms = clock.ms() + TRIAL_MS if self.is_trial() else 0
        self.state = image.TRIAL if self.is_trial() else image.IDLE
        self.reason = self._boot.reason
        self.component = self.received = self.size = self.sequence = 0
        stored = pair[self.running].head() if running else None
        # So that whoever lost sight of a trial knows whose it is.
        self.transfer_id = stored[1] if stored else 0
        self.on_change = _nothing  # called when `step` has changed what the bus shows
        self._work = asyncio.Event()
        self._head_size = 0
        self._forget()

    def _forget(self) -> None:
        self._active = False  # chunks are wanted
        self._head = self.stage = self._view = b""  # buffers, while a transfer needs them
        self._manifest = None  # of the transfer, once its head was judged
        self._command = 0  # accepted, not yet carried out
        self._proof = None  # what computes the payload's digest, piece by piece
        self.staged = 0
        self._programmed = 0  # payload bytes in the slot

    # --- what the bus asks -----------------------------------------------------

    def status(self) -> "tuple[int, int, int, int, int]":
        """(state, reason, received, size, sequence)"""
        return self.state, self.reason, self.received, self.size, self.sequence

    def is_trial(self) -> bool:
        """Whether the running image awaits confirmation."""
        return self.running != slots.NONE and self._boot.trial == self.running

    @property
    def minimum_sequence(self) -> int:
        """The lowest sequence number of firmware that is accepted."""
        return self._boot.minimum

    def target(self) -> int:
        """The slot an update goes to: never the one that runs or is confirmed."""
        keep = self.running if self.running != slots.NONE else self._boot.active
        return slots.B if keep == slots.A else slots.A

    def begin(self, component: int, head_size: int, size: int, transfer_id: int) -> int:
        """Start a transfer of `size` bytes, the first `head_size` of them the head, or go on
        with it. Returns a reason; with R_NONE, chunks from `received` on are wanted."""
        if self._active and (transfer_id, size) == (self.transfer_id, self.size):
            return image.R_NONE
        if self.is_trial() or self.state in (image.VERIFYING, image.ACTIVATING):
            return image.R_BUSY  # on trial the other slot holds the only confirmed image
        self._forget()
        self.component, self.transfer_id = component, transfer_id
        self.received, self.size, self.sequence = 0, size, 0
        self._head_size = head_size
        payload = size - head_size
        most = self._slots[self.target()].capacity if component == image.FIRMWARE else _STAGE
        if head_size > suit.HEAD_MAX or payload > most:
            return self._refuse(image.R_TOO_LARGE)
        if head_size < 1 or payload < 1 or component > image.KEYS or not transfer_id:
            return self._refuse(image.R_MALFORMED)
        try:
            self._head, self.stage = bytearray(head_size), bytearray(_STAGE)
            self._view = memoryview(self.stage)  # its slices cost no copy
        except MemoryError:
            return self._refuse(image.R_BUSY)
        if component == image.COMPUTE:
            self._verifier.payloads.forget()
        self._active = True
        self.state, self.reason = image.RECEIVING, image.R_NONE
        return image.R_NONE

    def chunk(self, offset: int, data) -> bool:
        """Take what is new of `data`, whose place in the stream is `offset`."""
        known = self.received - offset
        if not self._active or not 0 <= known < len(data):
            return False
        if self._manifest is not None:
            part = min(len(data) - known, self.room)
            end = self.staged + part
            self.stage[self.staged : end] = data[known : known + part]
            is_new = self.take(end)
            self.store()
            return is_new
        part = min(len(data) - known, self._head_size - self.received)
        if part <= 0:
            return False  # the head is being judged
        self._head[self.received : self.received + part] = data[known : known + part]
        self.received += part
        if self.received == self._head_size:
            self._work.set()
        return True

    @property
    def room(self) -> int:
        """How many bytes may be put into `stage` behind those that are `staged`."""
        if not self._active or self._manifest is None:
            return 0
        return min(len(self.stage) - self.staged, self.size - self.received)

    def take(self, end: int) -> bool:
        """`stage` is filled up to there; whether that was anything. `store` is to follow, which
        takes 50 ms at a new sector: so whoever sends may know before that there is room again."""
        new = end - self.staged
        self.staged = end
        self.received += new
        return new > 0

    def store(self) -> None:
        """Program the pages of firmware that are whole; the last one of all may be short."""
        if self.component != image.FIRMWARE:
            return
        view, end = self._view, self.staged
        rest = 0 if self.received == self.size else end % _PAGE
        slot = self._slots[self.target()]
        try:
            for at in range(0, end - rest, _PAGE):
                part = min(_PAGE, end - at)
                slot.write_page(self._programmed, view[at : at + part])
                self._programmed += part
        except OSError:
            self._refuse(image.R_FLASH)
            return
        self.staged = rest
        view[:rest] = view[end - rest : end]

    def command(self, command: int, transfer_id: int) -> int:
        """Finish, activate, confirm, revert or abort; returns why not, or R_NONE.

        Whether it was done is for `state` to say. What was done already is no error, so that
        a lost answer costs nothing.
        """
        if command not in _COMMANDS:
            return image.R_UNSUPPORTED
        needs_transfer, before, after = _COMMANDS[command]
        if needs_transfer and (not transfer_id or transfer_id != self.transfer_id):
            return image.R_NO_TRANSFER
        if self.state == after:
            return image.R_NONE
        possible = self.state in before
        if command == image.COMMAND_CONFIRM and self.state == image.VERIFIED:
            # What was verified and is not on trial: a compute payload only.
            possible = self.component == image.COMPUTE and transfer_id == self.transfer_id
        if not possible:
            return self.reason if self.state == image.REFUSED else image.R_BUSY
        if command == image.COMMAND_FINISH:
            if self.received < self.size:
                return image.R_INCOMPLETE
            self._active = False
            self.state = image.VERIFYING
        self._command = command
        self._work.set()
        return image.R_NONE

    # --- the work --------------------------------------------------------------

    limit_ms = 30_000

    def period_ms(self) -> int:
        """How long `step` may rest: not at all while there is work."""
        if self._is_busy():
            return 0
        return 1000 if self.is_trial() else 10_000

    async def pause(self, ms: int) -> None:
        """Rest for `ms`, or until the bus brings work."""
        if not self._work.is_set():
            try:
                await asyncio.wait_for(self._work.wait(), ms / 1000)
            except asyncio.TimeoutError:  # noqa: UP041 - MicroPython has only this one
                return
        self._work.clear()
        await self._clock.sleep_ms(0)  # one piece of work, then everybody else's turn

    def step(self) -> None:
        """Do one piece of the work that has come in: at most one signature or digest piece."""
        before = self.state, self.received, self.sequence
        try:
            if self._head_is_due():
                self._judge()
            elif self._command:
                command, self._command = self._command, 0
                self._carry_out(command)
            elif self._proof is not None:
                self._prove()
            elif self.is_trial() and self._clock.ms() >= self.deadline_ms:
                self._revert(image.R_TRIAL_EXPIRED)
        except suit.Refused as error:
            self._refuse(error.reason)
        except OSError:
            self._refuse(image.R_FLASH)
        if self._is_busy():
            self._work.set()
        if before != (self.state, self.received, self.sequence):
            self.on_change()

    def _is_busy(self) -> bool:
        return bool(self._command) or self._proof is not None or self._head_is_due()

    def _head_is_due(self) -> bool:
        return self._active and self._manifest is None and self.received >= self._head_size

    def _judge(self) -> None:
        head = bytes(self._head[: self._head_size])
        manifest = self._verifier.head(head, self.component, self.target())
        payload = self.size - self._head_size
        if payload != (32 if self.component == image.COMPUTE else manifest.size):
            raise suit.Refused(image.R_WRONG_SIZE, "stream is not as long as the manifest says")
        if self.component == image.FIRMWARE:
            slot = self._slots[self.target()]
            if slot.head() == (head, self.transfer_id):
                self._programmed = min(slot.written(), payload)
                self.received += self._programmed
            else:
                slot.open(head, self.transfer_id)
        self.sequence = manifest.sequence
        self._manifest = manifest

    def _finish(self) -> None:
        if self.component == image.FIRMWARE:
            self._proof = self._verifier.payload(self._slots[self.target()], self._manifest)
            return
        payload = bytes(self.stage[: self.staged])
        self._verifier.small_payload(payload, self._manifest)
        if self.component == image.KEYS:
            self._replace_keys(KeySet(self.sequence, payload))
        else:
            self._verifier.payloads.verified = self._manifest.class_id, self.sequence
        self._accept()

    def _replace_keys(self, proposed: KeySet) -> None:
        """A key set that refuses the image that runs would leave nothing to boot."""
        if self.running != slots.NONE:
            head, _ = self._slots[self.running].head()
            self._verifier.head(head, image.FIRMWARE, self.running, proposed)
        self._verifier.keys.replace(proposed)

    def _prove(self) -> None:
        """A few more pieces of the payload's digest."""
        try:
            for _ in range(_PIECES):
                next(self._proof)
        except StopIteration:
            self._proof = None
            self._accept()
        except suit.Refused:
            # Else the same transfer would go on with the same bytes.
            self._slots[self.target()].forget()
            raise

    def _accept(self) -> None:
        self._head = self.stage = self._view = b""
        self.state, self.reason = image.VERIFIED, image.R_NONE
        self._note(events.KEY if self.component == image.KEYS else events.IMAGE_ACCEPTED)

    def _note(self, kind: int, reason: int = image.R_NONE) -> None:
        """A record of the event log about this transfer."""
        fields = {"what": _NAMES.get(self.component, "?"), "number": self.sequence}
        if reason:
            fields["reason"] = image.REASON_TEXT[reason]
        self._log.append(kind, **fields)

    def _refuse(self, reason: int) -> int:
        self._note(events.IMAGE_REFUSED, reason)
        self._forget()
        self.state, self.reason = image.REFUSED, reason
        return reason

    def _carry_out(self, command: int) -> None:
        if command == image.COMMAND_FINISH:
            self._finish()
        elif command == image.COMMAND_ACTIVATE:
            if self.component != image.FIRMWARE:
                return  # a key manifest is in force already, a compute payload is not ours
            self._boot.start_trial(self.target())
            self.state = image.ACTIVATING
            self._note(events.IMAGE_ACTIVATED)
            self._restart()
        elif command == image.COMMAND_CONFIRM:
            if self.is_trial():
                self.sequence = self.running_sequence
                self._boot.confirm(self.running, self.sequence)
            else:
                self._verifier.payloads.confirm()
            self.state, self.reason, self.deadline_ms = image.CONFIRMED, image.R_NONE, 0
            self._note(events.IMAGE_CONFIRMED)
        elif command == image.COMMAND_REVERT:
            self._revert(image.R_ABORTED)
        else:
            self._forget()
            self.state, self.reason = image.IDLE, image.R_ABORTED

    def _revert(self, reason: int) -> None:
        self.sequence = self.running_sequence
        self._boot.revert(reason)
        self._note(events.IMAGE_REVERTED, reason)
        self.state, self.reason, self.deadline_ms = image.REVERTED, reason, 0
        self._restart()


# Command: (belongs to a transfer, states it is possible in, state in which it is done)
_COMMANDS = {
    image.COMMAND_FINISH: (True, (image.RECEIVING,), image.VERIFIED),
    image.COMMAND_ACTIVATE: (True, (image.VERIFIED,), image.ACTIVATING),
    image.COMMAND_CONFIRM: (False, (image.TRIAL, image.VERIFIED), image.CONFIRMED),
    image.COMMAND_REVERT: (False, (image.TRIAL,), image.REVERTED),
    image.COMMAND_ABORT: (True, (image.RECEIVING, image.VERIFIED, image.REFUSED), image.IDLE),
}
