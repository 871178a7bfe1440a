"""The status registers as the bus sees them.

Three parties write: the services' bits are set by the event loop, the bits of communication
faults by the engine, and the controller clears. What it clears is hidden at once and handed to
the event loop, which passes it on to the services; a cause that persists shows again when they
report it. Only what was shown is cleared, so that a fault is not lost which the services have
found and not yet reported. Clears go to one of two sets: the interrupt fills one while the
event loop empties the other.
"""

from racklet_wire import status as s

FIRST, LAST = s.STATUS_VOUT, s.STATUS_MFR_SPECIFIC

# Detail bits that have a bit of their own in STATUS_BYTE, register -> (detail, STATUS_BYTE).
_OWN_BIT = {
    s.STATUS_VOUT: (s.VOUT_OV_FAULT, s.WORD_VOUT_OV),
    s.STATUS_IOUT: (s.IOUT_OC_FAULT, s.WORD_IOUT_OC),
    s.STATUS_INPUT: (s.INPUT_VIN_UV_FAULT, s.WORD_VIN_UV),
    s.STATUS_TEMPERATURE: (0xFF, 0),  # summed up in the low byte already
    s.STATUS_CML: (0xFF, 0),
    s.STATUS_OTHER: (0, 0),
    s.STATUS_MFR_SPECIFIC: (0, 0),
}


class Status:
    def __init__(self) -> None:
        registers = LAST - FIRST + 1
        self._services = bytearray(registers)
        self._engine = bytearray(registers)
        self._clears = (bytearray(registers), bytearray(registers))
        self._side = 0
        self._rail = 0  # OFF and POWER_GOOD#, live
        self._busy = False  # a write was dropped
        self.begun = 0  # Send Bytes accepted (interrupt) and done (event loop), modulo 256:
        self.done = 0  # BUSY while they differ
        self.mask = bytearray(registers)  # SMBALERT_MASK; 1 = does not alert
        # As tuples: walking a dictionary allocates.
        self._rows = tuple(
            [(i, s.SUMMARY[FIRST + i]) + _OWN_BIT[FIRST + i] for i in range(registers)]
        )

    # --- in the interrupt -------------------------------------------------------------

    def raise_cml(self, bits: int) -> None:
        """A communication fault."""
        self._engine[s.STATUS_CML - FIRST] |= bits

    def raise_busy(self) -> None:
        """A write was dropped for want of room."""
        self._busy = True

    def register(self, code: int) -> int:
        """What STATUS_VOUT .. STATUS_MFR_SPECIFIC read."""
        i = code - FIRST
        hidden = self._clears[0][i] | self._clears[1][i]
        return self._services[i] & ~hidden | self._engine[i]

    def word(self) -> int:
        """What STATUS_WORD reads; its low byte is STATUS_BYTE."""
        word = self._rail
        if self._busy or self.begun != self.done:
            word |= s.WORD_BUSY
        for i, summary, own, bit in self._rows:
            value = self.register(FIRST + i)
            if value:
                word |= summary
                if value & own:
                    word |= bit
                if value & ~own:
                    word |= s.WORD_NONE_OF_THE_ABOVE
        return word

    def clear(self, code: int, bits: int) -> None:
        """Write 1 to clear: a detail register, or BUSY in STATUS_BYTE and STATUS_WORD."""
        if code < FIRST:
            if bits & s.WORD_BUSY:
                self._busy = False
            return
        i = code - FIRST
        self._engine[i] &= ~bits & 0xFF
        self._clears[self._side][i] |= bits & self._services[i]

    def clear_all(self) -> None:
        """CLEAR_FAULTS."""
        self._busy = False
        for i in range(len(self._engine)):
            self._engine[i] = 0
            self._clears[self._side][i] |= self._services[i]

    # --- in the event loop --------------------------------------------------------------

    def take_clears(self, clear: "callable") -> None:
        """Hand what the controller cleared to `clear(code, bits)`; hidden until `show`."""
        self._side ^= 1
        done = self._clears[self._side ^ 1]
        for i in range(len(done)):
            if done[i]:
                clear(FIRST + i, done[i])

    def show(self, services: "dict[int, int]", is_off: bool, is_good: bool) -> None:
        """The services' bits (code -> bits) after `take_clears`, and the state of the rail."""
        for i in range(len(self._services)):
            self._services[i] = services.get(FIRST + i, 0)
            self._clears[self._side ^ 1][i] = 0
        self._rail = (s.WORD_OFF if is_off else 0) | (0 if is_good else s.WORD_POWER_GOOD_N)

    def is_alerting(self) -> bool:
        """Whether SMBALERT# is to be pulled low."""
        return any(self.register(FIRST + i) & ~mask for i, mask in enumerate(self.mask))
