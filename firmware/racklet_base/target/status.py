"""The status registers as the bus sees them.

Three parties write: the services' bits are set by the event loop, the bits of communication
faults by the engine, and the controller clears. What it clears is hidden at once and handed to
the event loop, which passes it on to the services; a cause that persists shows again when they
report it. Only what was shown is cleared, so that a fault is not lost which the services have
found and not yet reported. Clears go to one of two sets: the interrupt fills one while the
event loop empties the other.

The replies are prepared in the interrupt alone, by `settle`, after whatever changed them:
`stale[0]` tells that something has.
"""

from racklet_wire import status as s

FIRST, LAST = s.STATUS_VOUT, s.STATUS_MFR_SPECIFIC
_CML = s.STATUS_CML - FIRST
_NOTHING = bytearray(LAST - FIRST + 1)


def _row(register: int) -> "tuple[int, int, int, int]":
    """Of a detail register: its place, its bit in STATUS_WORD, the detail bits that have a bit of
    their own in STATUS_BYTE, and that bit."""
    own, bit = 0, 0
    if register == s.STATUS_VOUT:
        own, bit = s.VOUT_OV_FAULT, s.WORD_VOUT_OV
    elif register == s.STATUS_IOUT:
        own, bit = s.IOUT_OC_FAULT, s.WORD_IOUT_OC
    elif register == s.STATUS_INPUT:
        own, bit = s.INPUT_VIN_UV_FAULT, s.WORD_VIN_UV
    elif register in (s.STATUS_TEMPERATURE, s.STATUS_CML):
        own = 0xFF  # summed up in the low byte already
    return register - FIRST, s.SUMMARY[register], own, bit


class Status:
    """`mask` is SMBALERT_MASK, a byte a register: 1 = does not alert."""

    def __init__(self) -> None:
        registers = LAST - FIRST + 1
        self._services = bytearray(registers)
        self._clears = (bytearray(registers), bytearray(registers))
        self._side = 0
        self._cml = 0  # communication faults
        self._quiet = True  # no service reports anything, and the replies say so
        self._rail = 0  # OFF and POWER_GOOD#, live
        self._busy = False  # a write was dropped
        self._begun = 0  # Send Bytes accepted (interrupt) and done (event loop), modulo 256:
        self._done = 0  # BUSY while they differ
        self._shown = bytearray(registers)  # what the replies say now
        self._word = 0
        self.stale = bytearray(b"\x01")
        self.mask = bytearray(registers)
        # As tuples: walking a dictionary allocates.
        self._rows = tuple([_row(register) for register in range(FIRST, LAST + 1)])

    # --- in the interrupt -------------------------------------------------------------

    def raise_cml(self, bits: int) -> None:
        """A communication fault."""
        self._cml |= bits
        self.stale[0] = 1

    def raise_busy(self) -> None:
        """A write was dropped for want of room."""
        self._busy = True
        self.stale[0] = 1

    def begin(self) -> None:
        """A Send Byte was accepted: BUSY until the event loop has done it."""
        self._begun = self._begun + 1 & 0xFF
        self.stale[0] = 1

    def register(self, code: int) -> int:
        """What STATUS_VOUT .. STATUS_MFR_SPECIFIC read."""
        i = code - FIRST
        value = self._services[i] & ~(self._clears[0][i] | self._clears[1][i])
        return value | self._cml if i == _CML else value

    def word(self) -> int:
        """What STATUS_WORD reads; its low byte is STATUS_BYTE."""
        return self._live_bits() | self._summary(None)

    def settle(self, replies: object) -> None:
        """Show what all the registers read now."""
        self.stale[0] = 0
        word = self._live_bits()
        if self._quiet:
            cml = self._cml
            if cml:
                word |= s.SUMMARY[s.STATUS_CML]
            if cml != self._shown[_CML]:
                self._shown[_CML] = cml
                replies.show_live(s.STATUS_CML, cml, 1)
        else:
            word |= self._summary(replies)
            self._quiet = self._services == _NOTHING
        if word != self._word:
            self._word = word
            replies.show_live(s.STATUS_WORD, word, 2)
            replies.show_live(s.STATUS_BYTE, word & 0xFF, 1)

    def _live_bits(self) -> int:
        if self._busy or self._begun != self._done:
            return self._rail | s.WORD_BUSY
        return self._rail

    def _summary(self, replies: object) -> int:
        """The bits of STATUS_WORD that sum up the registers, which are shown on the way."""
        word = 0
        shown = self._shown
        for i, summary, own, bit in self._rows:
            value = self.register(FIRST + i)
            if value:
                word |= summary
                if value & own:
                    word |= bit
                if value & ~own:
                    word |= s.WORD_NONE_OF_THE_ABOVE
            if replies is not None and value != shown[i]:
                shown[i] = value
                replies.show_live(FIRST + i, value, 1)
        return word

    def clear(self, code: int, bits: int) -> None:
        """Write 1 to clear: a detail register, or BUSY in STATUS_BYTE and STATUS_WORD."""
        self.stale[0] = 1
        if code < FIRST:
            if bits & s.WORD_BUSY:
                self._busy = False
            return
        i = code - FIRST
        if i == _CML:
            self._cml &= ~bits
        self._clears[self._side][i] |= bits & self._services[i]

    def clear_all(self) -> None:
        """CLEAR_FAULTS."""
        self.stale[0] = 1
        self._busy = False
        self._cml = 0
        if not self._quiet:
            services, clears = self._services, self._clears[self._side]
            for i in range(len(services)):
                clears[i] |= services[i]

    # --- in the event loop --------------------------------------------------------------

    def finish(self) -> None:
        """What a Send Byte asked for is done."""
        self._done = self._done + 1 & 0xFF
        self.stale[0] = 1

    def take_clears(self, clear: "callable") -> None:
        """Hand what the controller cleared to `clear(code, bits)`; hidden until `show`."""
        self._side ^= 1
        done = self._clears[self._side ^ 1]
        for i in range(len(done)):
            if done[i]:
                clear(FIRST + i, done[i])

    def show(self, services: "dict[int, int]", is_off: bool, is_good: bool) -> None:
        """The services' bits (code -> bits) after `take_clears`, and the state of the rail."""
        rail = (s.WORD_OFF if is_off else 0) | (0 if is_good else s.WORD_POWER_GOOD_N)
        changed = rail != self._rail
        cleared = self._clears[self._side ^ 1]
        for i in range(len(self._services)):
            bits = services.get(FIRST + i, 0)
            if cleared[i] or bits != self._services[i]:
                self._services[i] = bits
                cleared[i] = 0
                changed = True
        self._rail = rail
        if changed:
            self._quiet = False  # until a settling has shown that there is nothing
            self.stale[0] = 1

    def is_alerting(self) -> bool:
        """Whether SMBALERT# is to be pulled low."""
        return any(self.register(FIRST + i) & ~mask for i, mask in enumerate(self.mask))
