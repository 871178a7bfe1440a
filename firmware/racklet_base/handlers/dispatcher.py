"""Carries writes to the families, clears to the services, and keeps the replies fresh."""

from racklet_wire import status as s
from racklet_wire.commands import COMMANDS

from racklet_base.target import registers as r

# Served by the engine itself.
_ENGINE = (0x00, 0x03, 0x10, 0x1A, 0x1B, 0x30) + tuple(range(0x78, 0x81))


_LAG_MS = 100  # how long a reply may lag behind the value that it shows,
_STREAM_MS = 150  # and so much longer while a stream comes in


def _nothing() -> None:
    pass


def _never() -> bool:
    return False


class Dispatcher:
    """`families` as the package says; `sources` have status_bits() and clear_status(code, bits).

    A round takes 10 ms and more: it is left, and goes on in the next step, when something was
    written meanwhile or `is_in_the_way()`, so that nobody waits so long. Left, since a call out
    of the middle of it goes too deep for the chip's stack, on which interrupts run too. Who wakes
    it because of a change sets `is_stale`, for that to be shown amid a stream too, the first
    family first.
    """

    limit_ms = 5_000

    def __init__(
        self,
        registers: "r.Registers",
        families: list,
        sources: list,
        clock: object,
        on_round: "callable" = _nothing,
    ) -> None:
        self._registers = registers
        self._clock = clock
        self._status = registers.status
        self._families = families
        self._sources = sources
        self._on_round = on_round
        self._stream = None  # the family that has one
        self._stream_code = r.NO_CODE
        for family in families:
            if family.stream is not None:
                self._stream, self._stream_code = family, family.stream
        self._streamed = False  # whether the round before took from it
        self._due_ms = 0  # when everything is to be shown again
        self._cml = 0  # faults found after a write was accepted,
        self._found = 0  # and those of this round
        self.is_alerting = self.is_stale = False
        self.is_in_the_way = _never
        self._next = 0  # the family with which the round goes on
        self._withhold()
        for family in families:
            family.start()
        self.refresh()
        registers.serve(self._stream_code)

    def _withhold(self) -> None:
        """What no family serves is not supported."""
        reads, writes = set(_ENGINE), set(_ENGINE)
        for family in self._families:
            reads.update(family.reads)
            writes.update(family.writes)
        for code, _, _, access, _, _, _ in COMMANDS:
            if code not in (reads if "r" in access else writes):
                self._registers.withhold(code)

    def period_ms(self) -> int:
        if not self._registers.mailbox.is_empty:
            return 0
        return max(self._due_ms - self._clock.ms(), 0)

    def is_called(self) -> bool:
        """Whether something was written or has changed."""
        return self.is_stale or not self._registers.mailbox.is_empty

    def step(self) -> None:
        """Do what was written since the last time, and show what it led to.

        To show everything takes 20 ms on an RP2040, in which 20 pieces of a stream arrive:
        between those it is done when it is due.
        """
        was_stream = self._streamed  # a piece taken as it came wakes the next round for nothing
        self._streamed = was_stream and self._stream.drain(self._registers.mailbox)
        others = not self._streamed and self._do_all()
        of_stream = self._streamed or was_stream
        is_due = self.is_stale or self._clock.ms() >= self._due_ms + _STREAM_MS
        if others or is_due or not of_stream:
            self.refresh()
        if self._streamed:  # a round that was left may have gone on behind the stream's family
            self._stream.progress()

    def _do_all(self) -> bool:
        """What was written, in its order; whether any of it was no stream."""
        stream, mailbox = self._stream, self._registers.mailbox
        others = False
        message = mailbox.take()
        while message is not None:
            code, data = message
            if code == self._stream_code:
                stream.write(code, data)
                self._streamed = True
                if stream.drain(mailbox):
                    break  # it might go on for long; others have their turn
            else:
                family = self._owner(code)
                try:
                    family.write(code, data)
                except (KeyError, ValueError):
                    self._found |= s.CML_INVALID_DATA
                except OSError:
                    self._found |= s.CML_MEMORY
                family.refresh()
                self._registers.finish(code)
                others = True
            message = mailbox.take()
        return others

    def refresh(self) -> None:
        """Show the state of the services."""
        self._due_ms = self._clock.ms() + _LAG_MS
        if self.is_stale:
            self.is_stale = False
            self._next = 0
        self._status.take_clears(self._clear)
        self._cml |= self._found  # after what was cleared before it came
        self._found = 0
        bits = {s.STATUS_CML: self._cml}
        for source in self._sources:
            for code, value in source.status_bits().items():
                bits[code] = bits.get(code, 0) | value
        live = bits.get(s.STATUS_WORD, 0)
        self._status.show(bits, bool(live & s.WORD_OFF), not live & s.WORD_POWER_GOOD_N)
        families = self._families
        while self._next < len(families):
            families[self._next].refresh()
            self._next += 1
            if self.is_in_the_way() or not self._registers.mailbox.is_empty:
                self._due_ms = 0
                return
        self._next = 0
        self.is_alerting = self._status.is_alerting()
        self._on_round()

    def _owner(self, code: int) -> object:
        """The family that takes it; the engine accepts nothing that none takes."""
        for family in self._families:
            if code in family.writes:
                return family
        raise ValueError("no family")

    def _clear(self, code: int, bits: int) -> None:
        if code == s.STATUS_CML:
            self._cml &= ~bits
        for source in self._sources:
            source.clear_status(code, bits)
