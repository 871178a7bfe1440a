"""Compute payloads: which one was verified, and how far back each family may go.

Who measured a payload hands in its manifest and digest; the checks are those of firmware. The
minimum of a family rises when the RMC confirms a verified payload, and never falls: a factory
reset does not touch it. Only families that the key set names get here, so that whoever has
just the bus cannot fill the store.
"""

from racklet_wire import cbor, image, suit

from .journal import Journal

RECORD_SIZE = 256
FAMILIES_MAX = 8  # whose minimum is kept; more than a key set names, for those it named before


class Payloads:
    """`verified` is (class id, sequence number) of the payload verified since the unit was
    inserted and the BMC started, None when there was none."""

    def __init__(self, flash) -> None:
        self._flash = flash
        self.verified = None

    def minimum(self, family: bytes) -> int:
        """The lowest sequence number accepted of that family."""
        return dict(self._minima(self._journal())).get(family, 0)

    def confirm(self) -> None:
        """From now on nothing older than the verified payload is accepted of its family.

        suit.Refused when nothing is verified any more or there is no room for one more family,
        OSError when the flash fails.
        """
        if self.verified is None:
            raise suit.Refused(image.R_NOT_VERIFIED, "the unit was removed since")
        family, sequence = self.verified
        journal = self._journal()
        minima = dict(self._minima(journal))
        if sequence <= minima.get(family, 0):
            return
        minima[family] = sequence
        if len(minima) > FAMILIES_MAX:
            raise suit.Refused(image.R_TOO_LARGE, "no room for the minimum of one more family")
        journal.append(cbor.encode([[name, minima[name]] for name in minima]))

    def forget(self) -> None:
        """The unit was removed, or another payload is about to be judged."""
        self.verified = None

    def _journal(self) -> Journal:
        """Read anew each time it is needed, which is rarely, rather than kept in RAM."""
        return Journal(self._flash, RECORD_SIZE)

    def _minima(self, journal: Journal) -> list:
        record = journal.latest()
        return cbor.decode(record) if record else []
