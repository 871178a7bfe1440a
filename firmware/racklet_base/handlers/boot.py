"""How this start went: which image runs, who signed it, and why another was refused."""

from hashlib import sha256

from racklet_wire import blocks, boot
from racklet_wire.commands import code_of

from .family import Family

_CODE = code_of("BOOT_STATUS")
_LONGEST_MS = 0xFFFF


class Boot(Family):
    """`start` is a `services.start.Start`."""

    reads = (_CODE,)

    def __init__(self, registers: object, start: object, generation: int) -> None:
        self._registers = registers
        self._start = start
        self._generation = generation
        self._shown = None

    def refresh(self) -> None:
        start, state = self._start, self._start.state
        of_state = (boot.NO_SLOT, boot.NO_SLOT, 0, 0, 0)  # not read yet
        if state is not None:
            of_state = state.active, state.trial, state.attempts, state.reason, state.minimum
        shown = (start.mode, start.serving_ms, of_state)
        if shown == self._shown:
            return
        self._shown = shown
        confirmed, trial, attempts, reason, minimum = of_state
        block = blocks.pack(
            "BOOT_STATUS",
            mode=start.mode,
            running=start.running,
            confirmed=confirmed,
            trial=trial,
            attempts=attempts,
            reason=reason,
            reason_a=start.refused[0],
            reason_b=start.refused[1],
            sequence=start.sequence,
            minimum=minimum,
            verified_ms=min(start.verified_ms, _LONGEST_MS),
            serving_ms=min(start.serving_ms, _LONGEST_MS),
            generation=self._generation,
            key_id=sha256(start.key).digest()[:8] if start.key else b"",
        )
        self._registers.publish(_CODE, block)
